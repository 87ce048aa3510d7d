package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// statusCommand shows what became of claims.
type statusCommand struct {
	Name          string `arg:"" optional:"" help:"ServiceEnvironment to show in full. Without it all of the namespace are listed."`
	Namespace     string `short:"n" help:"Namespace of the team. Left out, it is the one of the kubeconfig's context."`
	AllNamespaces bool   `short:"A" help:"List those of all teams."`
	Watch         bool   `short:"w" help:"Go on and show each change."`
	Context       string `help:"Context of the kubeconfig."`
	Kubeconfig    string `type:"path" help:"Kubeconfig to use. Left out, it is found as kubectl finds it."`
}

// Help is shown below the flags.
func (statusCommand) Help() string {
	return `Shows what is ready, what is not, why, and who has to act, in the words of the control plane. It only reads.

Examples:
  plumbline status checkout-prod -n payments
  plumbline status -A --watch`
}

// Run shows the claims once, or until it is interrupted.
func (c statusCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	plane, namespace, err := c.connect()
	if err != nil {
		return err
	}
	c.Namespace = namespace
	return c.show(ctx, plane, os.Stdout)
}

// connect finds the control plane, and the namespace, as kubectl does.
func (c statusCommand) connect() (dynamic.Interface, string, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = c.Kubeconfig
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: c.Context})
	rest, err := config.ClientConfig()
	if err != nil {
		return nil, "", fmt.Errorf("cannot find a control plane: %w", err)
	}
	client, err := dynamic.NewForConfig(rest)
	if err != nil {
		return nil, "", fmt.Errorf("cannot connect: %w", err)
	}
	if c.AllNamespaces {
		return client, "", nil
	}
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("cannot find the namespace: %w", err)
	}
	return client, cmp.Or(c.Namespace, namespace), nil
}

func (c statusCommand) show(ctx context.Context, plane dynamic.Interface, out io.Writer) error {
	if c.Name != "" && c.AllNamespaces {
		return errors.New("cannot show one claim of all namespaces; name its namespace with -n")
	}
	options := metav1.ListOptions{}
	if c.Name != "" {
		options.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, c.Name).String()
	}
	claims := plane.Resource(v1alpha1.GroupVersion.WithResource("serviceenvironments")).Namespace(c.Namespace)
	list, err := claims.List(ctx, options)
	if kerrors.IsNotFound(err) {
		return errors.New("cannot find the kind ServiceEnvironment; is Plumbline installed on this control plane?")
	}
	if err != nil {
		return fmt.Errorf("cannot list claims: %w", err)
	}
	ends, err := c.lookAtEnds(ctx, plane, list.Items)
	if err != nil {
		return err
	}
	if c.Name != "" && len(list.Items)+len(ends.kept) == 0 && !c.Watch {
		return fmt.Errorf("cannot find ServiceEnvironment %q in namespace %q", c.Name, c.Namespace)
	}
	situations := make([]situation, len(list.Items))
	for i, item := range list.Items {
		situations[i] = situationOf(item).with(ends)
		if c.Name == "" {
			continue
		}
		if situations[i].blocked, err = lookAtPods(ctx, plane, situations[i]); err != nil {
			return err
		}
	}
	if err := c.print(out, situations, ends); err != nil || !c.Watch {
		return err
	}
	options.ResourceVersion = list.GetResourceVersion()
	return newFollower(c, plane, out, list.Items, ends).follow(ctx, claims, options)
}

func (c statusCommand) print(out io.Writer, situations []situation, ends ends) error {
	if c.Name != "" {
		for _, s := range situations {
			if err := printSituation(out, s); err != nil {
				return err
			}
		}
		return printKept(out, ends.kept)
	}
	slices.SortFunc(situations, func(a, b situation) int { return strings.Compare(a.title(), b.title()) })
	if err := printSituations(out, situations); err != nil {
		return err
	}
	return printKept(out, ends.kept)
}

// ignoreInterrupt returns an error but for what an interruption brings about.
func ignoreInterrupt(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}
