package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/trace"
)

// traceCommand leads an auditor from a thing to a line in Git.
type traceCommand struct {
	Thing      string `arg:"" help:"An index, a data stream, a group by name or object id, a namespace, a host, or Kind/name of anything in a claim's table."`
	Repo       string `type:"existingdir" help:"Checkout of the Git repository that holds the claims, to name file, line and commit."`
	Context    string `help:"Context of the kubeconfig."`
	Kubeconfig string `type:"path" help:"Kubeconfig to use. Left out, it is found as kubectl finds it."`
}

// Help is shown below the flags.
func (traceCommand) Help() string {
	return `Says which claim a thing was made for, and whose it is; and the file and commit that the claim is of, where it was applied with
"plumbline stamp". With --repo it also says which line of that file asks for it, and which commit wrote the line. Of a claim that
does not say its commit, what is checked out counts, and not what is applied.

Examples:
  plumbline trace checkout-prod.orders
  plumbline trace 8f1f9a52-6f7c-4c39-a2bb-0f5b2f3c6b1e --repo ~/environments
  plumbline trace Certificate/checkout-prod`
}

// Run prints where the thing comes from.
func (c traceCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	config, err := controlPlaneOf(c.Kubeconfig, c.Context)
	if err != nil {
		return err
	}
	return c.trace(ctx, config, os.Stdout)
}

func (c traceCommand) trace(ctx context.Context, config *rest.Config, out io.Writer) error {
	claims, err := liveClaims(ctx, config)
	if err != nil {
		return err
	}
	origins := trace.Of(claims, c.Thing)
	if len(origins) == 0 {
		return fmt.Errorf("cannot find %q in the status of any of %d claims", c.Thing, len(claims))
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	for _, o := range origins {
		_, _ = fmt.Fprintf(table, "%s\n  claim\tServiceEnvironment %s\n  team\t%s\n", o.What, o.Claim.GetName(), o.Claim.GetNamespace())
		if commit := o.Claim.GetAnnotations()[trace.AnnotationCommit]; commit != "" {
			_, _ = fmt.Fprintf(table, "  applied\t%q at %q\n", o.Claim.GetAnnotations()[trace.AnnotationFile], commit)
		}
		if c.Repo == "" {
			continue
		}
		line, err := lineOf(ctx, c.Repo, o)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(table, "  file\t%s:%d\n  line\t%s\n  commit\t%s\n  author\t%s, %s\n  message\t%s\n",
			line.file, line.number, strings.TrimSpace(line.text), line.commit, line.author, line.when.UTC().Format(time.DateTime), line.message)
	}
	return table.Flush()
}

func liveClaims(ctx context.Context, config *rest.Config) ([]v1alpha1.ServiceEnvironment, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	list, err := client.Resource(v1alpha1.GroupVersion.WithResource("serviceenvironments")).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("cannot list claims: %w", err)
	}
	claims := make([]v1alpha1.ServiceEnvironment, len(list.Items))
	for i, item := range list.Items {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &claims[i]); err != nil {
			return nil, fmt.Errorf("cannot read claim %q: %w", item.GetName(), err)
		}
	}
	return claims, nil
}

// A blamed line is one of a file, with the commit that wrote it.
type blamed struct {
	file, text, commit, author, message string
	number                              int
	when                                time.Time
}

// lineOf finds the line that asks for a thing in a checkout.
func lineOf(ctx context.Context, repo string, o trace.Origin) (blamed, error) {
	commit := o.Claim.GetAnnotations()[trace.AnnotationCommit]
	documents, err := asApplied(ctx, repo, commit, o.Claim.GetAnnotations()[trace.AnnotationFile])
	if err != nil {
		return blamed{}, err
	}
	for _, d := range documents {
		raw, err := d.raw()
		if err != nil || raw["kind"] != v1alpha1.ServiceEnvironmentGroupVersionKind.Kind {
			continue // A broken file beside it is no reason not to answer.
		}
		metadata, _ := raw["metadata"].(map[string]any)
		namespace, _ := metadata["namespace"].(string)
		// A claim without a namespace is put into its team's by the GitOps engine.
		if metadata["name"] == o.Claim.GetName() && cmp.Or(namespace, o.Claim.GetNamespace()) == o.Claim.GetNamespace() {
			return blame(ctx, repo, commit, d.file, d.line(o.Field))
		}
	}
	return blamed{}, fmt.Errorf("cannot find ServiceEnvironment %q of namespace %q in %q", o.Claim.GetName(), o.Claim.GetNamespace(), repo)
}

// commits are what Git calls them. Whoever may write a claim writes its annotations, and
// Git would take much else for an option.
var commits = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// asApplied reads the file of a commit; without a commit, all files that are checked
// out. Names are from the folder of the checkout.
func asApplied(ctx context.Context, repo, commit, file string) ([]document, error) {
	if commit == "" {
		return checkedOut(repo)
	}
	if !commits.MatchString(commit) {
		return nil, fmt.Errorf("cannot look up the commit of a claim: annotation %s is %q, and no commit", trace.AnnotationCommit, commit)
	}
	top, err := git(ctx, repo, "rev-parse", "--show-cdup")
	if err != nil {
		return nil, err
	}
	text, err := git(ctx, repo, "show", commit+":"+file)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s at %s in %q, which the claim is of; fetch it: %w", file, commit, repo, err)
	}
	return split(filepath.Join(strings.TrimSpace(string(top)), file), text), nil
}

func checkedOut(repo string) ([]document, error) {
	documents, err := readDocuments(repo, nil)
	if err != nil {
		return nil, err
	}
	for i := range documents {
		if documents[i].file, err = filepath.Rel(repo, documents[i].file); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// blame asks Git who wrote a line, as of a commit, or as it is checked out.
func blame(ctx context.Context, repo, commit, name string, number int) (blamed, error) {
	at := strconv.Itoa(number)
	args := []string{"blame", "--porcelain", "-L", at + "," + at}
	if commit != "" {
		args = append(args, commit)
	}
	out, err := git(ctx, repo, append(args, "--", name)...)
	if err != nil {
		return blamed{}, fmt.Errorf("cannot find the commit of %s:%d: %w", name, number, err)
	}
	b := blamed{file: filepath.ToSlash(name), number: number}
	for line := range strings.Lines(string(out)) {
		key, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		switch {
		case b.commit == "":
			b.commit = key
		case key == "author":
			b.author = rest + b.author
		case key == "author-mail":
			b.author += " " + rest
		case key == "author-time":
			seconds, err := strconv.ParseInt(rest, 10, 64)
			if err != nil {
				return blamed{}, err
			}
			b.when = time.Unix(seconds, 0)
		case key == "summary":
			b.message = rest
		case strings.HasPrefix(line, "\t"):
			b.text = line
		}
	}
	return b, nil
}
