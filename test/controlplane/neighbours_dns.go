package controlplane

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// dnsZone is the zone that the control plane's own name server answers for. The
// hosts of the Blueprint of examples/ lie in it.
const dnsZone = "example.com"

// ExternalDNSOwner is by what ExternalDNS marks the records that it owns.
const ExternalDNSOwner = installation

// A recordStore is the etcd through which ExternalDNS hands records to CoreDNS.
// It trusts an authority of its own: a certificate for the records must not open
// the etcd that holds the cluster.
type recordStore struct {
	url   string
	certs string // Folder of the key pair that serves and signs in.
}

// dns are a name server that answers from etcd, and ExternalDNS, which writes
// the records there that DNSEndpoints ask for.
func (c *ControlPlane) dns(ctx context.Context) ([]Program, error) {
	kubeconfig, err := c.serviceAccountKubeconfig(ctx, "external-dns", "external-dns")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(4)
	if err != nil {
		return nil, err
	}
	store, err := c.newRecordStore(ports[0])
	if err != nil {
		return nil, err
	}
	c.records = store
	server, err := c.coreDNS(store, ports[2])
	if err != nil {
		return nil, err
	}
	return []Program{c.recordEtcd(store, ports[1]), server, c.externalDNS(store, kubeconfig, ports[3])}, nil
}

func (c *ControlPlane) newRecordStore(port int) (recordStore, error) {
	ca, err := newAuthority("dns records")
	if err != nil {
		return recordStore{}, err
	}
	pair, err := ca.server("etcd-dns")
	if err != nil {
		return recordStore{}, err
	}
	s := recordStore{url: fmt.Sprintf("https://127.0.0.1:%d", port), certs: c.path("certs", "etcd-dns")}
	return s, writeTLS(s.certs, pair, ca.pem)
}

func (c *ControlPlane) recordEtcd(s recordStore, peers int) Program {
	peer := fmt.Sprintf("http://127.0.0.1:%d", peers)
	return Program{
		Name: "etcd-dns", Path: c.bin("etcd"),
		Args: []string{
			"--data-dir", c.path("etcd-dns"),
			"--listen-client-urls", s.url, "--advertise-client-urls", s.url,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
			"--cert-file", s.certs + "/tls.crt", "--key-file", s.certs + "/tls.key",
			"--trusted-ca-file", s.certs + "/ca.crt", "--client-cert-auth",
			"--unsafe-no-fsync", "--log-level", "warn",
		},
		Ready: accepts(s.url[len("https://"):]),
	}
}

// coreDNS answers for the zone from the record store, over UDP and TCP.
func (c *ControlPlane) coreDNS(s recordStore, port int) (Program, error) {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	config := fmt.Sprintf(`%s:%d {
    bind 127.0.0.1
    errors
    log
    etcd {
        endpoint %s
        tls %s/tls.crt %[4]s/tls.key %[4]s/ca.crt
    }
}
`, dnsZone, port, s.url, s.certs)
	err1 := os.WriteFile(c.path("Corefile"), []byte(config), 0o600)
	err2 := os.WriteFile(c.dnsAddressFile(), []byte(address), 0o600)
	return Program{
		Name: "coredns", Path: c.bin("coredns"),
		Args:  []string{"-conf", c.path("Corefile")},
		Ready: accepts(address),
	}, errors.Wrap(errors.Join(err1, err2), "cannot write configuration of coredns")
}

func (c *ControlPlane) externalDNS(s recordStore, kubeconfig string, metrics int) Program {
	address := fmt.Sprintf("127.0.0.1:%d", metrics)
	c.metrics["external-dns"] = "http://" + address + "/metrics"
	return Program{
		Name: "external-dns", Path: c.bin("external-dns"),
		Env: []string{
			"ETCD_URLS=" + s.url,
			"ETCD_CA_FILE=" + s.certs + "/ca.crt", "ETCD_CERT_FILE=" + s.certs + "/tls.crt", "ETCD_KEY_FILE=" + s.certs + "/tls.key",
		},
		Args: []string{
			"--kubeconfig=" + kubeconfig, "--server=" + c.server,
			"--source=crd", "--provider=coredns", "--domain-filter=" + dnsZone,
			"--registry=txt", "--txt-owner-id=" + ExternalDNSOwner, "--policy=sync",
			// It looks at a clock that ticks once a second, so this means every tick.
			// Following events instead (--events) would be slower: an event is acted
			// on five seconds later.
			"--interval=500ms",
			"--metrics-address=" + address,
		},
		Ready: accepts(address),
	}
}

// Resolver asks the control plane's own name server, as those would whom the
// zone is delegated to.
func (c *ControlPlane) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		address, err := c.DNSAddress()
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
}

// DNSAddress is where the control plane's own name server answers.
func (c *ControlPlane) DNSAddress() (string, error) {
	address, err := os.ReadFile(c.dnsAddressFile())
	return string(address), errors.Wrap(err, "cannot find the name server")
}

// dnsAddressFile says where the name server listens, so that people and other
// processes can ask it.
func (c *ControlPlane) dnsAddressFile() string { return c.path("dns-address") }
