package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/plan"
	"github.com/plumbline-dev/plumbline/provider/survey"
)

// planCommand says what a change would do before it is merged.
type planCommand struct {
	Paths      []string `arg:"" name:"path" help:"Files and folders with ServiceEnvironments, as they are to be."`
	Base       string   `placeholder:"COMMIT|FOLDER" help:"What the paths are compared with: a commit of the Git repository they lie in, or a folder. A claim that is there and no longer here is planned as a deletion, and one that is the same in both is passed over. Without it nothing is planned as a deletion."`
	Blueprint  string   `placeholder:"BLUEPRINT.YAML" help:"A Blueprint that is to be. All claims are planned then. Without it the control plane's own applies."`
	Output     string   `short:"o" enum:"text,markdown,json" default:"text" help:"text is for people, markdown for a comment on a pull request, json for programs."`
	Context    string   `help:"Context of the kubeconfig."`
	Kubeconfig string   `type:"path" help:"Kubeconfig to use. Left out, it is found as kubectl finds it."`

	backendCredentials
}

// Help is shown below the flags.
func (planCommand) Help() string {
	return `Compares claims with the live control plane, and says what would be created, changed field by field, taken over, deleted
or destroyed, and what would collide with something that others have. It runs the function's own code on what exists, and only
reads: no object is written, nor tried to be, and no Secret is read. package/rbac/plan.yaml is all that it may do.

Exit codes:
  0  nothing would change
  1  the control plane would refuse something of it, or the plan failed
  2  something would change, and nothing be lost
  3  something would be destroyed that a claim cannot bring back

Whether Elasticsearch or Entra ID has something of a new name already, and whose it is, it tells if it has credentials of yours
for them: ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD; AZURE_CLIENT_ID and
AZURE_CLIENT_SECRET. They are asked where the control plane's ClusterProviderConfigs say, and only read too. Without credentials it
cannot tell; nor can it, ever, whether a member exists.

Examples:
  plumbline plan teams/ --base origin/main
  plumbline plan teams/ --base origin/main -o markdown > comment.md
  plumbline plan teams/ --blueprint platform/blueprint.yaml`
}

// Run prints the plan.
func (c planCommand) Run() error {
	code, err := c.run()
	if err == nil && code != plan.ExitNothing {
		os.Exit(code)
	}
	return err
}

func (c planCommand) run() (int, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	config, err := controlPlaneOf(c.Kubeconfig, c.Context)
	if err != nil {
		return plan.ExitRefused, err
	}
	return c.plan(ctx, config, os.Stdout)
}

func (c planCommand) plan(ctx context.Context, config *rest.Config, out io.Writer) (int, error) {
	blueprint, err := readBlueprint(c.Blueprint)
	if err != nil {
		return plan.ExitRefused, err
	}
	files, removed, err := c.read(ctx, blueprint != nil)
	if err != nil {
		return plan.ExitRefused, err
	}
	cluster, err := plan.Read(ctx, config)
	if err != nil {
		return plan.ExitRefused, err
	}
	if cluster.Backends, err = c.backends(config); err != nil {
		return plan.ExitRefused, err
	}
	p, err := plan.Of(cluster, files, removed, blueprint)
	if err != nil {
		return plan.ExitRefused, err
	}
	return p.ExitCode(), p.Print(out, c.Output)
}

// backends are those that there are credentials for.
func (c planCommand) backends(config *rest.Config) (*survey.Backends, error) {
	credentials, err := c.credentials()
	if err != nil {
		return nil, err
	}
	kube, err := clientOf(config)
	return survey.Behind(kube, credentials), err
}

// read returns the claims to plan, and those that are gone since the base.
func (c planCommand) read(ctx context.Context, all bool) (files, removed []plan.File, err error) {
	here, err := documentsOf(c.Paths)
	if err != nil {
		return nil, nil, err
	}
	now, err := claimsOf(here)
	if err != nil || c.Base == "" {
		return now, nil, err
	}
	there, err := baseDocuments(ctx, c.Base, c.Paths)
	if err != nil {
		return nil, nil, err
	}
	same := map[string]bool{}
	for _, d := range there {
		same[string(d.text)] = true
	}
	var changed []document
	for _, d := range here {
		if all || !same[string(d.text)] {
			changed = append(changed, d)
		}
	}
	before, err := claimsOf(there)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read base %q: %w", c.Base, err)
	}
	kept := map[string]bool{}
	for _, f := range now {
		kept[f.Claim.GetNamespace()+"/"+f.Claim.GetName()] = true
	}
	for _, f := range before {
		if !kept[f.Claim.GetNamespace()+"/"+f.Claim.GetName()] {
			removed = append(removed, f)
		}
	}
	files, err = claimsOf(changed)
	return files, removed, err
}

func documentsOf(paths []string) ([]document, error) {
	var out []document
	for _, path := range paths {
		documents, err := readDocuments(path, os.Stdin)
		if os.IsNotExist(err) {
			continue // A folder that is removed as a whole.
		}
		if err != nil {
			return nil, err
		}
		out = append(out, documents...)
	}
	return out, nil
}

// claimsOf passes over everything that is not Plumbline's.
func claimsOf(documents []document) ([]plan.File, error) {
	var out []plan.File
	for _, d := range documents {
		raw, err := d.raw()
		if err != nil {
			return nil, err
		}
		if version, _ := raw["apiVersion"].(string); !strings.HasPrefix(version, v1alpha1.GroupVersion.Group+"/") {
			continue
		}
		claim, err := readClaim(raw)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s from line %d: %w", d.file, d.first, err)
		}
		out = append(out, plan.File{Path: d.file, Claim: claim})
	}
	return out, nil
}

// controlPlaneOf finds the control plane as kubectl does.
func controlPlaneOf(kubeconfig, name string) (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: name}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("cannot find a control plane: %w", err)
	}
	return config, nil
}
