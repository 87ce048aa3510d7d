package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/company"
	"github.com/plumbline-dev/plumbline/test/controlplane"
)

const (
	circleTeam   = "payments"
	circleClaim  = "voucher-dev"
	circleBranch = "create-" + circleClaim
	circleFile   = "teams/payments/dev/voucher.yaml"
	circleEntity = "component:default/" + circleClaim
)

// answers are what a developer fills into the form.
func answers() map[string]any {
	return map[string]any{
		"owner": "group:default/" + circleTeam, "service": "voucher", "environment": "dev", "description": "Redeems vouchers",
		"tags":   map[string]any{"costCenter": "4711", "dataClass": "internal"},
		"access": map[string]any{"members": []any{"ana@example.com"}},
		"search": map[string]any{"indices": []any{map[string]any{"name": "vouchers", "shards": 1, "replicas": 0}}},
		"routes": []any{map[string]any{"host": "voucher.dev.example.com", "service": "voucher", "port": 8080}},
	}
}

// circle takes an environment from the form to the catalog, stage by stage. What a
// circle before this one did is not done again.
func circle(ctx context.Context, k client.Client, c company.Addresses, report controlplane.Reporter) error {
	if _, err := c.Git.Show("main", circleFile); err != nil {
		if err := request(ctx, c, report); err != nil {
			return err
		}
	}
	done := report.Begin("the GitOps engine applies it, until Ready")
	err := eventually(ctx, func(ctx context.Context) (string, error) { return unready(ctx, k, circleTeam, circleClaim) })
	done(err)
	if err != nil {
		return errors.Wrapf(err, "claim %s/%s did not become Ready", circleTeam, circleClaim)
	}
	done = report.Begin("the catalog shows it, with its state")
	var e *company.Entity
	err = eventually(ctx, func(ctx context.Context) (string, error) {
		var err error
		if e, err = c.Backstage.Entity(ctx, circleEntity); err != nil {
			return err.Error(), nil //nolint:nilerr // It comes with a later read of the feed.
		}
		if state := e.Metadata.Annotations["plumbline.dev/state"]; state != "Ready" {
			return "its state in the catalog is " + state, nil
		}
		return "", nil
	})
	done(err)
	if err != nil {
		return errors.Wrapf(err, "the catalog does not show %s", circleEntity)
	}
	fmt.Printf("\n%s is %s in the catalog:\n", circleEntity, e.Metadata.Annotations["plumbline.dev/state"])
	for _, r := range e.Relations {
		fmt.Printf("  %-10s %s\n", r.Type, r.TargetRef)
	}
	return nil
}

// request sends the form, and merges the branch that it made.
func request(ctx context.Context, c company.Addresses, report controlplane.Reporter) error {
	done := report.Begin("a developer fills the form in Backstage")
	err := fillForm(ctx, c.Backstage)
	done(err)
	if err != nil {
		return err
	}
	branches, err := c.Git.Branches()
	if err != nil {
		return err
	}
	fmt.Printf("          branches of the repository: %s\n", strings.ReplaceAll(branches, "\n", ", "))
	done = report.Begin("a reviewer merges its pull request")
	err = c.Git.Merge(circleBranch)
	done(err)
	return err
}

func fillForm(ctx context.Context, b company.Backstage) error {
	task, err := b.Submit(ctx, "service-environment", answers())
	if err != nil {
		return err
	}
	var status string
	err = eventually(ctx, func(ctx context.Context) (string, error) {
		if status, err = b.Status(ctx, task); err != nil || status == "completed" || status == "failed" {
			return "", err
		}
		return "the form's task is " + status, nil
	})
	if err != nil || status == "completed" {
		return err
	}
	log, err := b.Log(ctx, task)
	if err != nil {
		return err
	}
	return errors.Errorf("the form opened no pull request:\n%s", log)
}

// unready says why a claim is not Ready, and why it is not there.
func unready(ctx context.Context, k client.Client, namespace, name string) (string, error) {
	c := claim.New(claim.WithGroupVersionKind(platform.ServiceEnvironmentGroupVersionKind))
	if err := k.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, c); err != nil {
		return err.Error(), client.IgnoreNotFound(err)
	}
	if ready(c) {
		return "", nil
	}
	return "it says: " + statusOf(c).Summary, nil
}

// printCompany says where people go on by themselves.
func printCompany(out io.Writer, c company.Addresses) {
	_, _ = fmt.Fprintf(out, "\nClaims from Git, %s by the form and others with the repository, name Services that nobody deployed here.\n", circleClaim)
	_, _ = fmt.Fprintf(out, "\nGo the same way yourself:\n\n")
	if c.Page != "" {
		_, _ = fmt.Fprintf(out, "  page        %s/create\n", c.Page)
	}
	_, _ = fmt.Fprintf(out, "  form        curl -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' %s/api/scaffolder/v2/tasks \\\n", c.Backstage.Token, c.Backstage.URL)
	_, _ = fmt.Fprintf(out, "                -d '{\"templateRef\": \"template:default/service-environment\", \"values\": {\"owner\": \"group:default/payments\", \"service\": \"mine\", \"environment\": \"dev\", \"tags\": {\"costCenter\": \"4711\", \"dataClass\": \"internal\"}}}'\n")
	_, _ = fmt.Fprintf(out, "  review      git -C %s fetch && git -C %s diff main...origin/create-mine-dev\n", c.Git.Clone, c.Git.Clone)
	_, _ = fmt.Fprintf(out, "  merge       git -C %s merge --no-edit origin/create-mine-dev && git -C %s push\n", c.Git.Clone, c.Git.Clone)
	_, _ = fmt.Fprintf(out, "  repository  git clone %s\n", c.Remote)
	_, _ = fmt.Fprintf(out, "  feed        curl %s/catalog.yaml\n", c.Feed)
	_, _ = fmt.Fprintf(out, "  catalog     curl -H 'Authorization: Bearer %s' %s/api/catalog/entities/by-name/component/default/mine-dev\n", c.Backstage.Token, c.Backstage.URL)
}
