package controlplane

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// controllers are those of kube-controller-manager that need no node: what
// deletes, counts and grants, and what a new namespace needs.
const controllers = "garbage-collector-controller,namespace-controller,resourcequota-controller," +
	"clusterrole-aggregation-controller,serviceaccount-controller,serviceaccount-token-controller," +
	"root-ca-certificate-publisher-controller,endpointslice-controller"

// tokenSeconds outlasts any demo; nothing here renews tokens.
const tokenSeconds = int64(certificateLifetime / 1e9)

// startKubernetes starts etcd, kube-apiserver and kube-controller-manager.
func (c *ControlPlane) startKubernetes(ctx context.Context) error {
	if err := c.writeCertificates(); err != nil {
		return err
	}
	ports, err := freePorts(4)
	if err != nil {
		return err
	}
	c.server = fmt.Sprintf("https://127.0.0.1:%d", ports[2])
	if err := c.connectAsAdmin(); err != nil {
		return err
	}
	for _, p := range []Program{
		c.etcd(ports[0], ports[1]),
		c.apiserver(ports[0], ports[2]),
		c.controllerManager(ports[3]),
	} {
		if err := c.supervisor.start(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// writeCertificates writes the key material of Kubernetes' own programs.
func (c *ControlPlane) writeCertificates() error {
	etcd, err1 := c.ca.server("etcd")
	server, err2 := c.ca.server("kube-apiserver")
	admin, err3 := c.ca.client("admin", "system:masters")
	manager, err4 := c.ca.client("system:kube-controller-manager")
	tokens, err5 := c.ca.server("service-account-tokens")
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return err
	}
	for name, pair := range map[string]keyPair{"etcd": etcd, "kube-apiserver": server, "admin": admin, "kube-controller-manager": manager, "tokens": tokens} {
		if err := writeTLS(c.path("certs", name), pair, c.ca.pem); err != nil {
			return err
		}
	}
	return nil
}

func (c *ControlPlane) etcd(clients, peers int) Program {
	url := fmt.Sprintf("https://127.0.0.1:%d", clients)
	peer := fmt.Sprintf("http://127.0.0.1:%d", peers)
	return Program{Name: "etcd", Path: c.bin("etcd"), Args: []string{
		"--data-dir", c.path("etcd"),
		"--listen-client-urls", url, "--advertise-client-urls", url,
		// A single member has no peers, but etcd wants the address.
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
		"--cert-file", c.path("certs", "etcd", "tls.crt"), "--key-file", c.path("certs", "etcd", "tls.key"),
		"--trusted-ca-file", c.path("certs", "etcd", "ca.crt"), "--client-cert-auth",
		// The data is thrown away with the control plane.
		"--unsafe-no-fsync", "--log-level", "warn",
	}}
}

func (c *ControlPlane) apiserver(etcd, port int) Program {
	certs := func(name, file string) string { return c.path("certs", name, file) }
	return Program{Name: "kube-apiserver", Path: c.bin("kube-apiserver"), Args: []string{
		"--etcd-servers", fmt.Sprintf("https://127.0.0.1:%d", etcd),
		"--etcd-cafile", certs("etcd", "ca.crt"), "--etcd-certfile", certs("etcd", "tls.crt"), "--etcd-keyfile", certs("etcd", "tls.key"),
		"--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", fmt.Sprint(port),
		// Loopback is no endpoint for a Service, and no Pod would use it.
		"--endpoint-reconciler-type", "none",
		"--tls-cert-file", certs("kube-apiserver", "tls.crt"), "--tls-private-key-file", certs("kube-apiserver", "tls.key"),
		"--client-ca-file", certs("kube-apiserver", "ca.crt"), "--authorization-mode", "RBAC", "--anonymous-auth=false",
		"--service-account-issuer", "https://kubernetes.default.svc",
		"--service-account-key-file", certs("tokens", "tls.crt"), "--service-account-signing-key-file", certs("tokens", "tls.key"),
		"--service-cluster-ip-range", "10.0.0.0/16",
		"--audit-log-path", c.AuditLog(), "--audit-policy-file", c.path("audit-policy.yaml"),
		// One file, in MB: who counts writes reads it to its end.
		"--audit-log-maxsize", "100000",
	}, Ready: c.apiserverReady}
}

// RestartAPIServer ends the API server as a power failure would, and starts it again.
func (c *ControlPlane) RestartAPIServer(ctx context.Context) error {
	return c.supervisor.restart(ctx, "kube-apiserver")
}

// apiserverReady demands readyz, which waits until RBAC's own roles are there.
func (c *ControlPlane) apiserverReady(ctx context.Context) error {
	clients, err := rest.HTTPClientFor(c.config)
	if err != nil {
		return err
	}
	return answersOK(ctx, clients, c.server+"/readyz")
}

// answersOK returns an error unless a GET of url answers 200.
func answersOK(ctx context.Context, clients *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	rsp, err := clients.Do(req)
	if err != nil {
		return err
	}
	defer rsp.Body.Close() //nolint:errcheck // Its status is all that matters.
	if rsp.StatusCode != http.StatusOK {
		return errors.Errorf("%s answers %s", url, rsp.Status)
	}
	return nil
}

func (c *ControlPlane) controllerManager(port int) Program {
	return Program{Name: "kube-controller-manager", Path: c.bin("kube-controller-manager"), Args: []string{
		"--kubeconfig", c.path("kubeconfig-kube-controller-manager"),
		"--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(port),
		"--controllers", controllers, "--use-service-account-credentials",
		"--service-account-private-key-file", c.path("certs", "tokens", "tls.key"),
		"--root-ca-file", c.path("certs", "kube-apiserver", "ca.crt"),
		"--leader-elect=false",
		// A namespace that goes is more than a hundred requests. At the default pace
		// those of many claims would wait for each other for minutes.
		"--kube-api-qps=200", "--kube-api-burst=400",
	}}
}

// connectAsAdmin makes the administrator's client and kubeconfig, and that of
// kube-controller-manager.
func (c *ControlPlane) connectAsAdmin() error {
	for file, cert := range map[string]string{"kubeconfig": "admin", "kubeconfig-kube-controller-manager": "kube-controller-manager"} {
		user := &clientcmdapi.AuthInfo{ClientCertificate: c.path("certs", cert, "tls.crt"), ClientKey: c.path("certs", cert, "tls.key")}
		if err := c.writeKubeconfig(c.path(file), user); err != nil {
			return err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		return errors.Wrap(err, "cannot read kubeconfig")
	}
	// The supervisor installs a control plane at once; it must not wait for its
	// own rate limit.
	config.QPS = -1
	c.config = config
	return nil
}

func (c *ControlPlane) writeKubeconfig(file string, user *clientcmdapi.AuthInfo) error {
	config := clientcmdapi.NewConfig()
	config.Clusters["plumbline"] = &clientcmdapi.Cluster{Server: c.server, CertificateAuthorityData: c.ca.pem}
	config.AuthInfos["user"] = user
	config.Contexts["plumbline"] = &clientcmdapi.Context{Cluster: "plumbline", AuthInfo: "user"}
	config.CurrentContext = "plumbline"
	return errors.Wrapf(clientcmd.WriteToFile(*config, file), "cannot write %q", file)
}

// serviceAccountKubeconfig creates a service account, if need be, and writes a
// kubeconfig by which a program signs in as it.
func (c *ControlPlane) serviceAccountKubeconfig(ctx context.Context, namespace, name string) (string, error) {
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := client.IgnoreAlreadyExists(c.client.Create(ctx, sa)); err != nil {
		return "", errors.Wrapf(err, "cannot create service account %q", name)
	}
	seconds := tokenSeconds
	token := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	if err := c.client.SubResource("token").Create(ctx, sa, token); err != nil {
		return "", errors.Wrapf(err, "cannot request token of service account %q", name)
	}
	file := c.path("kubeconfig-" + namespace + "-" + name)
	return file, c.writeKubeconfig(file, &clientcmdapi.AuthInfo{Token: token.Status.Token})
}

// freePorts returns ports of loopback that nobody listens on. Somebody could
// take one before its program does; that program then dies and says so.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It returns at once.
		if err != nil {
			return nil, errors.Wrap(err, "cannot find a free port")
		}
		defer l.Close()                                     //nolint:errcheck // Kept open until all are found, so that they differ.
		ports = append(ports, l.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // A TCP listener has a TCP address.
	}
	return ports, nil
}

// accepts returns a check that something listens at an address.
func accepts(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// auditPolicy records each request's verb, user and object, which is how writes
// are counted. Reads would only fill the disk.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
- level: None
`

func (c *ControlPlane) writeAuditPolicy() error {
	return errors.Wrap(os.WriteFile(c.path("audit-policy.yaml"), []byte(auditPolicy), 0o600), "cannot write audit policy")
}

func (c *ControlPlane) path(parts ...string) string {
	return filepath.Join(append([]string{c.dir}, parts...)...)
}

func (c *ControlPlane) bin(name string) string { return filepath.Join(binDir(c.opts.Root), name) }
