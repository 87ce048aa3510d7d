package controlplane

import (
	"context"
	"maps"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options of a control plane.
type Options struct {
	// Root of the repository, whose .cache/bin holds the programs.
	Root string
	// Dir holds the data, logs and kubeconfigs. It is made anew.
	Dir string
	// Without names neighbours that are not started. Their kinds are there all the same, so
	// that an environment is composed as ever; nobody acts on what is of these kinds.
	Without []string
	// AsShipped has programs log, and look for changes, as they do by themselves, and as
	// platform teams have them. Else they log all, Kong's controller looks twice a second,
	// and the provider every ten seconds, as nobody should wait for a demo or a test; with
	// a thousand environments that is a good part of what the machine does.
	AsShipped bool
	// Throttled has the backends' stand-ins throttle, as the real services do.
	Throttled bool
	// Report shows the stages to people. The zero value is silent.
	Report Reporter
}

// A ControlPlane is a running control plane.
type ControlPlane struct {
	opts       Options
	dir        string
	ca         *authority
	server     string
	config     *rest.Config
	client     client.Client
	supervisor *supervisor

	crossplaneCA *authority // Signs the certificates of functions.
	registry     *registryServer
	function     Program
	provider     Program
	standIns     standIns
	records      recordStore
	metrics      map[string]string
}

// A stage takes a control plane one step further.
type stage struct {
	name string
	run  func(*ControlPlane, context.Context) error
}

// stages are all the stages of a control plane, in order.
func stages() []stage {
	return []stage{
		{"start Kubernetes", (*ControlPlane).startKubernetes},
		{"connect", (*ControlPlane).connect},
		{"start stand-ins for the backends", (*ControlPlane).startStandIns},
		{"start neighbours", (*ControlPlane).startNeighbours},
		{"start Crossplane", (*ControlPlane).startCrossplane},
		{"build and serve packages", (*ControlPlane).servePackages},
		{"install packages", (*ControlPlane).installPackages},
		{"configure", (*ControlPlane).configure},
	}
}

// Start starts a whole control plane, with Plumbline installed and configured.
// What it started before an error it stops again.
func Start(ctx context.Context, o Options) (*ControlPlane, error) {
	return start(ctx, o, stages())
}

// StartKubernetes starts no more than Kubernetes and the backends' stand-ins.
func StartKubernetes(ctx context.Context, o Options) (*ControlPlane, error) {
	return start(ctx, o, stages()[:3])
}

func start(ctx context.Context, o Options, stages []stage) (*ControlPlane, error) {
	c := &ControlPlane{opts: o, dir: o.Dir, metrics: map[string]string{}}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	for _, s := range stages {
		done := o.Report.Begin(s.name)
		err := s.run(c, ctx)
		done(err)
		if err != nil {
			c.Stop()
			return nil, errors.Wrapf(err, "cannot %s", s.name)
		}
	}
	return c, nil
}

// prepare makes the folders and the authority of a new control plane.
func (c *ControlPlane) prepare() error {
	if err := os.RemoveAll(c.dir); err != nil {
		return errors.Wrapf(err, "cannot remove %q", c.dir)
	}
	// Crossplane does not make the folders of its caches.
	for _, name := range []string{"logs", "xpkg", "xfn"} {
		if err := os.MkdirAll(c.path(name), 0o700); err != nil {
			return errors.Wrapf(err, "cannot make folder %q", c.path(name))
		}
	}
	c.supervisor = newSupervisor(c.path("logs"))
	ca, err := newAuthority("plumbline control plane")
	if err != nil {
		return err
	}
	c.ca = ca
	return c.writeAuditPolicy()
}

// connect makes the administrator's client, now that there is a server.
func (c *ControlPlane) connect(context.Context) error {
	s := runtime.NewScheme()
	if err := addToScheme(s); err != nil {
		return err
	}
	k, err := client.New(c.config, client.Options{Scheme: s})
	if err != nil {
		return errors.Wrap(err, "cannot make client")
	}
	c.client = client.WithFieldOwner(k, "plumbline-supervisor")
	return nil
}

// Client returns a client of the control plane's administrator.
func (c *ControlPlane) Client() client.Client { return c.client }

// Config returns the administrator's configuration of a client.
func (c *ControlPlane) Config() *rest.Config { return rest.CopyConfig(c.config) }

// Kubeconfig returns the file by which people reach the control plane.
func (c *ControlPlane) Kubeconfig() string { return c.path("kubeconfig") }

// AuditLog returns the file that records each write to the API.
func (c *ControlPlane) AuditLog() string { return c.path("audit.log") }

// PIDs returns the process id of each running program by its name.
func (c *ControlPlane) PIDs() map[string]int { return c.supervisor.pids() }

// Metrics returns the URL at which a program counts what it does, by its name.
func (c *ControlPlane) Metrics() map[string]string { return maps.Clone(c.metrics) }

// Log returns the log file of a program.
func (c *ControlPlane) Log(program string) string { return c.supervisor.log(program) }

// Run starts a further program beside the control plane, waits until it is ready, and
// stops it with all others.
func (c *ControlPlane) Run(ctx context.Context, p Program) error { return c.supervisor.start(ctx, p) }

// Await polls until check succeeds, a program dies, or time is up.
func (c *ControlPlane) Await(ctx context.Context, check func(context.Context) error) error {
	return c.supervisor.poll(ctx, check)
}

// Wait returns when the context ends, or with an error that says which program
// died and shows the end of its log.
func (c *ControlPlane) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-c.supervisor.died:
		return err
	}
}

// Died is an error that says which program died, if one did.
func (c *ControlPlane) Died() error {
	select {
	case err := <-c.supervisor.died:
		c.supervisor.died <- err // Others ask too.
		return err
	default:
		return nil
	}
}

// Stop stops every program. The data and the logs stay.
func (c *ControlPlane) Stop() {
	c.supervisor.stopAll()
	if c.registry != nil {
		c.registry.close()
	}
}
