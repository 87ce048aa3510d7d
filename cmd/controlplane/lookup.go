package main

import (
	"context"
	"slices"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// lookUpHosts adds to the Blueprint that hosts are looked up at the control plane's own
// name server, whose address only a running one has. Without that server nobody looks.
func lookUpHosts(ctx context.Context, k client.Client, p place, f facts) error {
	if slices.Contains(f.Without, controlplane.DNS) {
		return nil
	}
	address, err := dnsAddress(p)
	if err != nil {
		return err
	}
	blueprint := &unstructured.Unstructured{}
	blueprint.SetAPIVersion("apiextensions.crossplane.io/v1beta1")
	blueprint.SetKind("EnvironmentConfig")
	if err := k.Get(ctx, client.ObjectKey{Name: "plumbline-blueprint"}, blueprint); err != nil {
		return errors.Wrap(err, "cannot get the Blueprint")
	}
	if err := withLookups(blueprint, address); err != nil {
		return err
	}
	return errors.Wrap(k.Update(ctx, blueprint), "cannot update the Blueprint")
}

// withLookups has the hosts of every zone looked up at a server.
func withLookups(blueprint *unstructured.Unstructured, server string) error {
	zones, found, err := unstructured.NestedMap(blueprint.Object, "data", "routing", "zones")
	if err != nil || !found {
		return errors.Errorf("cannot find the zones of the Blueprint: %v", err)
	}
	for name := range zones {
		lookup := map[string]any{"server": server, "ownerID": controlplane.ExternalDNSOwner}
		if err := unstructured.SetNestedMap(blueprint.Object, lookup, "data", "routing", "zones", name, "dns", "lookup"); err != nil {
			return errors.Wrapf(err, "cannot add a lookup to zone %q", name)
		}
	}
	return nil
}
