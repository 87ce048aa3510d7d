package lookup

import (
	"cmp"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
)

// recordTypePlace is where a prefix or suffix has the type of the record, if not before
// the name.
const recordTypePlace = "%{record_type}"

// registryName is the name of the TXT record by which ExternalDNS marks the record of a
// host as its own. It is that of ExternalDNS 0.18 and later (registry/mapper).
func registryName(host string, recordType v1alpha1.RecordType, r v1alpha1.Registry) string {
	kind := strings.ToLower(string(recordType))
	label, domain, _ := strings.Cut(host, ".")
	if label == "*" {
		label = cmp.Or(strings.ToLower(r.TXTWildcardReplacement), label)
	}
	if !strings.Contains(r.TXTPrefix+r.TXTSuffix, recordTypePlace) {
		label = kind + "-" + label
	}
	place := func(affix string) string { return strings.ReplaceAll(strings.ToLower(affix), recordTypePlace, kind) }
	return place(r.TXTPrefix) + label + place(r.TXTSuffix) + "." + domain
}

// ownerOf reads the id of the ExternalDNS that a TXT record names, or none. The texts are
// such as heritage=external-dns,external-dns/owner=eu-1,external-dns/resource=crd/shop/web,
// with quotes or without.
func ownerOf(texts []string) string {
	for _, text := range texts {
		labels := map[string]string{}
		for label := range strings.SplitSeq(strings.Trim(text, `"`), ",") {
			key, value, _ := strings.Cut(label, "=")
			labels[key] = value
		}
		if labels["heritage"] == "external-dns" && labels["external-dns/owner"] != "" {
			return labels["external-dns/owner"]
		}
	}
	return ""
}
