package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

const (
	// claimDeadline is what a claim may take on a busy machine; it takes seconds.
	claimDeadline = 3 * time.Minute
	claimPoll     = 100 * time.Millisecond
)

// demo takes the claims of examples/ to Ready and shows what became of them.
func demo(ctx context.Context, p place) error {
	fmt.Println("The first start builds Kubernetes and Crossplane, which takes some minutes; the next ones take seconds.")
	report := controlplane.NewReporter(os.Stdout)
	if err := up(ctx, p, report); err != nil {
		return err
	}
	k, err := connect(p)
	if err != nil {
		return err
	}
	claims, err := readClaims(p.root)
	if err != nil {
		return err
	}
	for _, c := range claims {
		done := report.Begin(fmt.Sprintf("claim %s/%s", c.GetNamespace(), c.GetName()))
		err := commit(ctx, k, c)
		done(err)
		if err != nil {
			return errors.Wrapf(err, "claim %s/%s did not become Ready; look with: %s --kubeconfig %s -n %s describe serviceenvironment %s",
				c.GetNamespace(), c.GetName(), kubectl(p), p.kubeconfig(), c.GetNamespace(), c.GetName())
		}
	}
	return show(ctx, p)
}

func connect(p place) (client.Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", p.kubeconfig())
	if err != nil {
		return nil, errors.Wrapf(err, "cannot read %q; is control plane %q running?", p.kubeconfig(), p.name)
	}
	k, err := client.New(config, client.Options{})
	return k, errors.Wrap(err, "cannot connect")
}

// readClaims returns the claims of examples/, in the order of their folders.
func readClaims(root string) ([]*claim.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(root, "examples", "*", "claim.yaml"))
	if err != nil || len(files) == 0 {
		return nil, errors.Errorf("cannot find any claim in %q", filepath.Join(root, "examples"))
	}
	claims := make([]*claim.Unstructured, 0, len(files))
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // An example of this repository.
		if err != nil {
			return nil, errors.Wrap(err, "cannot read claim")
		}
		c := claim.New()
		if err := yaml.Unmarshal(b, &c.Object); err != nil {
			return nil, errors.Wrapf(err, "cannot parse %q", f)
		}
		claims = append(claims, c)
	}
	return claims, nil
}

// commit applies a claim as a GitOps engine would, and waits until it is Ready.
func commit(ctx context.Context, k client.Client, c *claim.Unstructured) error {
	team := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.GetNamespace()}}
	if err := client.IgnoreAlreadyExists(k.Create(ctx, team)); err != nil {
		return errors.Wrap(err, "cannot create the team's namespace")
	}
	if err := k.Create(ctx, c); err != nil {
		return errors.Wrap(err, "cannot create claim")
	}
	ctx, cancel := context.WithTimeout(ctx, claimDeadline)
	defer cancel()
	tick := time.NewTicker(claimPoll)
	defer tick.Stop()
	for {
		if err := k.Get(ctx, client.ObjectKeyFromObject(c), c); err != nil {
			return errors.Wrap(err, "cannot read claim")
		}
		if ready(c) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Errorf("it says: %s", statusOf(c).Summary)
		case <-tick.C:
		}
	}
}
