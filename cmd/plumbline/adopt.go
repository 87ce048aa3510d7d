package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/provider/survey"
)

// adoptCommand drafts the claim of a service that runs already.
type adoptCommand struct {
	Namespace   string            `arg:"" help:"Namespace that the service runs in."`
	Team        string            `required:"" help:"Namespace of the team, in which the claim is to lie."`
	Service     string            `help:"Service of the claim. Left out, it follows from the namespace's name, as the Blueprint makes it."`
	Environment string            `help:"Environment of the claim. Likewise."`
	Tag         map[string]string `placeholder:"KEY=VALUE" help:"Tag of the claim; the Blueprint may require some."`
	Index       string            `placeholder:"PATTERN" help:"Indices to look at. Left out, those that have names of the environment."`
	Group       string            `help:"Entra ID group to look at, by display name or object id. Left out, the one of the environment's name."`
	Blueprint   string            `type:"path" placeholder:"BLUEPRINT.YAML" help:"Blueprint to use. Left out, the one of the control plane."`
	Context     string            `help:"Context of the kubeconfig."`
	Kubeconfig  string            `type:"path" help:"Kubeconfig to use. Left out, it is found as kubectl finds it."`

	backendCredentials
}

// Help is shown below the flags.
func (adoptCommand) Help() string {
	return `Looks at a namespace, its indices, its group and its routes, and prints the claim that would describe them. Comments say what
the claim cannot, and by which commands the present owner offers each thing to it. It only reads.

Elasticsearch and Entra ID are asked where the Blueprint's ClusterProviderConfigs say, with credentials of yours:
ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD; AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.

Example:
  plumbline adopt checkout-prod --team payments --tag costCenter=4711 > checkout-prod.yaml`
}

// Run prints the draft.
func (c adoptCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	kube, err := c.connect()
	if err != nil {
		return err
	}
	q, err := c.question()
	if err != nil {
		return err
	}
	draft, err := survey.Run(ctx, kube, q)
	if err != nil {
		return err
	}
	return printDraft(os.Stdout, draft)
}

// connect finds the control plane as kubectl does.
func (c adoptCommand) connect() (client.Client, error) {
	config, err := controlPlaneOf(c.Kubeconfig, c.Context)
	if err != nil {
		return nil, err
	}
	return clientOf(config)
}

func (c adoptCommand) question() (survey.Question, error) {
	blueprint, err := readBlueprint(c.Blueprint)
	if err != nil {
		return survey.Question{}, err
	}
	q := survey.Question{
		Namespace: c.Namespace, Team: c.Team, Service: c.Service, Environment: c.Environment, Tags: c.Tag,
		Indices: c.Index, Group: c.Group, Blueprint: blueprint,
	}
	q.Credentials, err = c.credentials()
	return q, err
}

// printDraft prints a claim that can be committed as it is, with all else as comments.
func printDraft(out io.Writer, d survey.Draft) error {
	comment(out, "What the claim does not say of what is there:", d.Remarks)
	comment(out, "Mistakes, for which the claim would be refused:", d.Mistakes)
	comment(out, "What its owner does first, so that the claim may take it:", d.Offers)
	raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d.Claim)
	if err != nil {
		return fmt.Errorf("cannot print the claim: %w", err)
	}
	delete(raw, "status")
	if metadata, ok := raw["metadata"].(map[string]any); ok {
		delete(metadata, "creationTimestamp")
	}
	text, err := yaml.Marshal(raw)
	if err != nil {
		return fmt.Errorf("cannot print the claim: %w", err)
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	if len(d.Mistakes) > 0 {
		return fmt.Errorf("found %d mistakes, which are at the top of the claim", len(d.Mistakes))
	}
	return nil
}

func comment(out io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	_, _ = fmt.Fprintf(out, "# %s\n#   %s\n#\n", title, strings.Join(lines, "\n#   "))
}
