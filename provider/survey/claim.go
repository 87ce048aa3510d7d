package survey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// describe writes into the claim what it can say, and remarks the rest.
func (d *drafting) describe() {
	d.describeSize()
	d.describeGroup()
	d.describeBindings()
	d.describeNetwork()
	d.describeIndices()
	d.describeRoutes()
}

// describeSize chooses the size that differs least from the quota that holds.
func (d *drafting) describeSize() {
	if len(d.found.quotas.Items) == 0 {
		d.remarkf("Namespace %s has no quota; the size of the claim, or that of the environment, bounds it from now on", d.found.namespace.Name)
		return
	}
	live := map[string]resource.Quantity{}
	for _, q := range d.found.quotas.Items {
		for name, hard := range q.Spec.Hard {
			if known, ok := live[string(name)]; !ok || hard.Cmp(known) < 0 {
				live[string(name)] = hard
			}
		}
		d.remarkf("ResourceQuota %s stays beside the claim's; remove it when the claim is Ready, or both hold", q.Name)
	}
	least := -1
	for _, size := range slices.Sorted(maps.Keys(d.blueprint.Sizes)) {
		if n := len(otherThan(live, d.blueprint.Sizes[size].Quota)); least < 0 || n < least {
			least, d.Claim.Spec.Size = n, size
		}
	}
	d.overrideQuota(live)
}

func (d *drafting) overrideQuota(live map[string]resource.Quantity) {
	size := d.blueprint.Sizes[d.Claim.Spec.Size]
	for _, name := range otherThan(live, size.Quota) {
		hard, bounded := live[name]
		most, err := resource.ParseQuantity(size.MaxQuota[name])
		switch {
		case !bounded:
			d.remarkf("Size %s bounds %s to %s, which nothing bounds now", d.Claim.Spec.Size, name, size.Quota[name])
		case err != nil || hard.Cmp(most) > 0:
			d.remarkf("Quota %s is %s now, and size %s allows no override to it", name, hard.String(), d.Claim.Spec.Size)
		default:
			if d.Claim.Spec.Overrides == nil {
				d.Claim.Spec.Overrides = &v1alpha1.Overrides{Quota: map[string]v1alpha1.Quantity{}}
			}
			d.Claim.Spec.Overrides.Quota[name] = v1alpha1.Quantity(hard.String())
		}
	}
}

// otherThan names what two quotas bound differently.
func otherThan(live map[string]resource.Quantity, quota map[string]string) []string {
	var names []string
	for name := range live {
		if _, both := quota[name]; !both {
			names = append(names, name)
		}
	}
	for name, text := range quota {
		q, err := resource.ParseQuantity(text)
		if hard, both := live[name]; err != nil || !both || hard.Cmp(q) != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (d *drafting) describeIndices() {
	f := d.found.search
	if !f.looked {
		d.remarkf("Elasticsearch was not looked at, as there are no credentials for it")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(f.indices)) {
		key, fits := strings.CutPrefix(name, d.names.indexPrefix)
		if !fits || strings.Contains(key, ".") {
			d.remarkf("Index %s does not fit: indices of the environment are named %s<name>, and an index cannot be renamed; reindex into one that fits, or leave it out", name, d.names.indexPrefix)
			continue
		}
		if d.Claim.Spec.Search == nil {
			d.Claim.Spec.Search = &v1alpha1.Search{}
		}
		d.Claim.Spec.Search.Indices = append(d.Claim.Spec.Search.Indices, d.indexOf(name, key, f.indices[name]))
	}
}

// indexOf says of an index what a claim may: what it leaves out stays as it is.
func (d *drafting) indexOf(name, key string, found elasticsearch.Index) v1alpha1.Index {
	i := v1alpha1.Index{Name: key, Shards: number(found.Settings["number_of_shards"]), Replicas: number(found.Settings["number_of_replicas"])}
	mappings := maps.Clone(found.Mappings)
	if meta, ok := mappings["_meta"].(map[string]any); ok {
		meta = maps.Clone(meta)
		delete(meta, owner.Key)
		mappings["_meta"] = meta
		if len(meta) == 0 {
			delete(mappings, "_meta")
		}
	}
	if raw, err := json.Marshal(mappings); err == nil && len(mappings) > 0 {
		i.Mappings = &apiextensionsv1.JSON{Raw: raw}
	}
	for _, setting := range d.blueprint.Search.AllowedSettings {
		if value, set := found.Settings[setting]; set {
			if i.Settings == nil {
				i.Settings = map[string]v1alpha1.Setting{}
			}
			i.Settings[setting] = v1alpha1.Setting(value)
		}
	}
	for _, alias := range slices.Sorted(maps.Keys(found.Aliases)) {
		short, fits := strings.CutPrefix(alias, d.names.indexPrefix)
		writes, isSet := found.Aliases[alias]["is_write_index"].(bool)
		switch {
		case !fits:
			d.remarkf("Alias %s of index %s does not fit, and stays as it is: aliases of the environment are named %s<name>", alias, name, d.names.indexPrefix)
		case isSet:
			i.Aliases = append(i.Aliases, v1alpha1.Alias{Name: short, IsWriteIndex: &writes})
		default:
			i.Aliases = append(i.Aliases, v1alpha1.Alias{Name: short})
		}
	}
	return i
}

func number(text string) *int32 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil
	}
	return new(int32(n))
}

func (d *drafting) describeRoutes() {
	for _, ingress := range d.found.ingresses.Items {
		d.remarkf("Ingress %s stays beside the claim's of the same host, with the same backends; remove it when the claim is Ready", ingress.Name)
		if ingress.Spec.DefaultBackend != nil {
			d.remarkf("The default backend of Ingress %s does not fit", ingress.Name)
		}
		for _, rule := range ingress.Spec.Rules {
			if rule.Host == "" || rule.HTTP == nil {
				d.remarkf("A rule of Ingress %s without a host does not fit", ingress.Name)
				continue
			}
			for _, p := range rule.HTTP.Paths {
				d.describeRoute(ingress.Name, rule.Host, p)
			}
		}
	}
}

func (d *drafting) describeRoute(ingress, host string, p networkingv1.HTTPIngressPath) {
	if p.Backend.Service == nil {
		d.remarkf("Path %s of Ingress %s leads to no Service, and does not fit", p.Path, ingress)
		return
	}
	port, err := d.portOf(p.Backend.Service)
	if err != nil {
		d.remarkf("Path %s of Ingress %s does not fit: %v", p.Path, ingress, err)
		return
	}
	r := v1alpha1.Route{Host: host, Path: p.Path, PathType: v1alpha1.PathPrefix, Service: p.Backend.Service.Name, Port: port}
	if p.PathType != nil && *p.PathType == networkingv1.PathTypeExact {
		r.PathType = v1alpha1.PathExact
	}
	if expression, ok := strings.CutPrefix(p.Path, "/~"); ok {
		r.Path, r.PathType = expression, v1alpha1.PathRegularExpression
	}
	if r.Path == "" {
		r.Path = "/"
	}
	d.Claim.Spec.Routes = append(d.Claim.Spec.Routes, r)
}

// portOf is the number of a port, which a claim names.
func (d *drafting) portOf(b *networkingv1.IngressServiceBackend) (int32, error) {
	if b.Port.Number != 0 {
		return b.Port.Number, nil
	}
	for _, s := range d.found.services.Items {
		i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == b.Port.Name })
		if s.Name == b.Name && i >= 0 {
			return s.Spec.Ports[i].Port, nil
		}
	}
	return 0, fmt.Errorf("Service %s has no port %q", b.Name, b.Port.Name) //nolint:staticcheck // It begins with the name of a kind.
}
