package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/company"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

const (
	// claimDeadline is what a claim may take on a busy machine; it takes seconds.
	claimDeadline = 3 * time.Minute
	claimPoll     = 100 * time.Millisecond
)

// demo takes the claims of examples/ to Ready, deploys what their routes lead to,
// and shows what became of them.
func demo(ctx context.Context, p place, a around) error {
	if a.Backstage && len(a.Without) > 0 {
		return errors.New("the way from the form to the catalog ends with an environment that is Ready, which takes all neighbours: leave out --backstage or --without")
	}
	report := controlplane.NewReporter(os.Stdout)
	f, err := started(ctx, p, a, report)
	if err != nil {
		return err
	}
	k, err := connect(p)
	if err != nil {
		return err
	}
	if err := lookUpHosts(ctx, k, p, f); err != nil {
		return err
	}
	if err := applyExamples(ctx, k, p, f, report); err != nil {
		return err
	}
	if f.Company != nil {
		if err := circle(ctx, k, *f.Company, report); err != nil {
			return err
		}
	}
	return show(ctx, p)
}

// started starts a control plane, unless it runs already.
func started(ctx context.Context, p place, a around, report controlplane.Reporter) (facts, error) {
	running, err := p.process()
	if err != nil {
		return facts{}, err
	}
	if a.Backstage {
		if err := company.Installed(p.root); err != nil {
			return facts{}, err
		}
	}
	if running == nil {
		fmt.Println("The first start builds Kubernetes, Crossplane and their neighbours, which takes some minutes; later ones take seconds.")
		if err := up(ctx, p, a, report); err != nil {
			return facts{}, err
		}
	}
	f, err := readFacts(p)
	switch {
	case err != nil:
		return f, err
	case a.Backstage && f.Company == nil:
		return f, errors.Errorf("control plane %q runs without Backstage; stop it with: %s", p.name, p.stop())
	case len(a.Without) > 0 && !slices.Equal(a.Without, f.Without):
		return f, errors.Errorf("control plane %q runs with other neighbours; stop it with: %s", p.name, p.stop())
	}
	return f, nil
}

// applyExamples takes the claims of examples/ to Ready, as far as the neighbours that run
// can, and deploys what their routes lead to.
func applyExamples(ctx context.Context, k client.Client, p place, f facts, report controlplane.Reporter) error {
	claims, err := readExamples(p.root, "claim.yaml")
	if err != nil {
		return err
	}
	for _, c := range claims {
		if err := postpone(c, time.Now()); err != nil {
			return err
		}
		done := report.Begin("claim " + c.GetNamespace() + "/" + c.GetName())
		err := commit(ctx, k, f, &claim.Unstructured{Unstructured: *c})
		done(err)
		if err != nil {
			return errors.Wrapf(err, "claim %s/%s did not become Ready; look with: %s --kubeconfig %s -n %s describe serviceenvironment %s",
				c.GetNamespace(), c.GetName(), kubectl(p), p.kubeconfig(), c.GetNamespace(), c.GetName())
		}
	}
	return deploy(ctx, k, p, f, claims, report)
}

// postpone sets the day on which a claim ends to one that lies ahead, as the pipeline
// does that writes such a claim. That of the example passes.
func postpone(c *unstructured.Unstructured, now time.Time) error {
	const ahead = 7 * 24 * time.Hour
	if _, ends, err := unstructured.NestedString(c.Object, "spec", "lifetime", "expires"); err != nil || !ends {
		return errors.Wrapf(err, "cannot read spec.lifetime of claim %q", c.GetName())
	}
	return unstructured.SetNestedField(c.Object, now.UTC().Add(ahead).Format(time.DateOnly), "spec", "lifetime", "expires")
}

// deploy creates the Services that the routes lead to, as the developers would,
// and waits until the gateway serves them all.
func deploy(ctx context.Context, k client.Client, p place, f facts, claims []*unstructured.Unstructured, report controlplane.Reporter) error {
	services, err := readExamples(p.root, "service.yaml")
	if err != nil {
		return err
	}
	done := report.Begin("deploy the Services behind the routes")
	for _, s := range services {
		if err := client.IgnoreAlreadyExists(k.Create(ctx, s)); err != nil {
			done(err)
			return errors.Wrapf(err, "cannot create Service %q", s.GetName())
		}
	}
	err = eventually(ctx, func(ctx context.Context) (string, error) {
		for _, example := range claims {
			c := claim.New(claim.WithGroupVersionKind(platform.ServiceEnvironmentGroupVersionKind))
			if err := k.Get(ctx, client.ObjectKeyFromObject(example), c); err != nil {
				return "", errors.Wrapf(err, "cannot read claim %q", example.GetName())
			}
			if !f.settled(c) || !f.served(c) {
				return statusOf(c).Summary, nil
			}
		}
		return "", nil
	})
	done(err)
	return err
}

func connect(p place) (client.Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", p.kubeconfig())
	if err != nil {
		return nil, errors.Wrapf(err, "cannot read %q; is control plane %q running?", p.kubeconfig(), p.name)
	}
	k, err := client.New(config, client.Options{})
	return k, errors.Wrap(err, "cannot connect")
}

// readExamples returns the objects of a file of each example that has one, in the
// order of their folders.
func readExamples(root, name string) ([]*unstructured.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(root, "examples", "*", name))
	if err != nil || len(files) == 0 {
		return nil, errors.Errorf("cannot find any %s in %q", name, filepath.Join(root, "examples"))
	}
	var out []*unstructured.Unstructured
	for _, f := range files {
		objects, err := readExample(root, filepath.Base(filepath.Dir(f)), name)
		if err != nil {
			return nil, err
		}
		out = append(out, objects...)
	}
	return out, nil
}

// readExample returns the objects of a file of one example.
func readExample(root, example, name string) ([]*unstructured.Unstructured, error) {
	b, err := os.ReadFile(filepath.Join(root, "examples", example, name)) //nolint:gosec // An example of this repository.
	if err != nil {
		return nil, errors.Wrap(err, "cannot read example")
	}
	var out []*unstructured.Unstructured
	for doc := range bytes.SplitSeq(b, []byte("\n---\n")) {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(doc, &o.Object); err != nil {
			return nil, errors.Wrapf(err, "cannot parse %s of example %q", name, example)
		}
		out = append(out, o)
	}
	return out, nil
}

// commit applies a claim as a GitOps engine would, and waits until it is Ready, as far as
// the neighbours that run can make it so.
func commit(ctx context.Context, k client.Client, f facts, c *claim.Unstructured) error {
	team := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.GetNamespace()}}
	if err := client.IgnoreAlreadyExists(k.Create(ctx, team)); err != nil {
		return errors.Wrap(err, "cannot create the team's namespace")
	}
	if err := client.IgnoreAlreadyExists(k.Create(ctx, c)); err != nil {
		return errors.Wrap(err, "cannot create claim")
	}
	return eventually(ctx, func(ctx context.Context) (string, error) {
		if err := k.Get(ctx, client.ObjectKeyFromObject(c), c); err != nil {
			return "", errors.Wrap(err, "cannot read claim")
		}
		if f.settled(c) {
			return "", nil
		}
		return "it says: " + statusOf(c).Summary, nil
	})
}

// eventually waits until check misses nothing, and returns what it missed last if
// that takes too long.
func eventually(ctx context.Context, check func(context.Context) (missing string, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, claimDeadline)
	defer cancel()
	tick := time.NewTicker(claimPoll)
	defer tick.Stop()
	for {
		missing, err := check(ctx)
		if err != nil || missing == "" {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New(missing)
		case <-tick.C:
		}
	}
}
