package main

import (
	"time"

	changelogs "github.com/crossplane/crossplane-runtime/v2/apis/changelogs/proto/v1alpha1"
	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/feature"
	"github.com/crossplane/crossplane-runtime/v2/pkg/gate"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/customresourcesgate"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/statemetrics"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	plumbline "github.com/plumbline-dev/plumbline/provider/internal/controller"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// run runs the provider until it is told to stop.
func run(f flags) error {
	zl := zap.New(zap.UseDevMode(f.Debug)).WithName("provider-plumbline")
	ctrl.SetLogger(zl)
	log := logging.NewLogrLogger(zl)

	mgr, err := newManager(f)
	if err != nil {
		return err
	}
	o, err := options(f, log)
	if err != nil {
		return err
	}
	if err := plumbline.SetupGated(mgr, o); err != nil {
		return err
	}
	if err := customresourcesgate.Setup(mgr, o); err != nil {
		return errors.Wrap(err, "cannot watch for the kinds of the provider")
	}
	return errors.Wrap(mgr.Start(ctrl.SetupSignalHandler()), "cannot run controllers")
}

func newManager(f flags) (ctrl.Manager, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, errors.Wrap(err, "cannot find the API server")
	}
	s, err := newScheme()
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(ratelimiter.LimitRESTConfig(config, f.MaxReconcileRate), ctrl.Options{
		Scheme:                     s,
		Metrics:                    metricsserver.Options{BindAddress: orNone(f.MetricsAddress)},
		HealthProbeBindAddress:     orNone(f.HealthAddress),
		LeaderElection:             f.LeaderElection,
		LeaderElectionID:           "crossplane-leader-election-provider-plumbline",
		LeaderElectionNamespace:    f.Namespace,
		LeaderElectionResourceLock: "leases",
		// Crossplane's providers have been seen to lose the lead under load with
		// the shorter defaults.
		LeaseDuration: new(60 * time.Second),
		RenewDeadline: new(50 * time.Second),
		// The program ends when the manager does, so nothing works on without the lead.
		LeaderElectionReleaseOnCancel: true,
		Cache: cache.Options{
			SyncPeriod:       &f.SyncInterval,
			DefaultTransform: cache.TransformStripManagedFields(),
			ByObject: map[client.Object]cache.ByObject{
				&apiextensionsv1.CustomResourceDefinition{}: {Transform: customresourcesgate.TransformStripCRDSchema},
			},
		},
		// The cache would hold every Secret of the cluster.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	})
	if err != nil {
		return nil, errors.Wrap(err, "cannot make a manager")
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, errors.Wrap(err, "cannot add health check")
	}
	return mgr, errors.Wrap(mgr.AddReadyzCheck("ping", healthz.Ping), "cannot add readiness check")
}

func newScheme() (*runtime.Scheme, error) {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme,
		apiextensionsv1.AddToScheme,
		custody.AddToScheme,
		dns.AddToScheme,
		elasticsearch.AddToScheme,
		entra.AddToScheme,
	} {
		if err := add(s); err != nil {
			return nil, errors.Wrap(err, "cannot register kinds")
		}
	}
	return s, nil
}

func options(f flags, log logging.Logger) (controller.Options, error) {
	recorder, states := managed.NewMRMetricRecorder(), statemetrics.NewMRStateMetrics()
	for _, c := range append(observe.Collectors(), recorder, states) {
		if err := metrics.Registry.Register(c); err != nil {
			return controller.Options{}, errors.Wrap(err, "cannot register metrics")
		}
	}
	o := controller.Options{
		Logger:                  log,
		MaxConcurrentReconciles: f.MaxReconcileRate,
		PollInterval:            f.PollInterval,
		GlobalRateLimiter:       ratelimiter.NewGlobal(f.MaxReconcileRate),
		Features:                &feature.Flags{},
		Gate:                    new(gate.Gate[schema.GroupVersionKind]),
		MetricOptions: &controller.MetricOptions{
			PollStateMetricInterval: 5 * time.Second,
			MRMetrics:               recorder,
			MRStateMetrics:          states,
		},
	}
	if f.ManagementPolicies {
		o.Features.Enable(feature.EnableBetaManagementPolicies)
	}
	if f.ChangeLogs {
		return withChangeLogs(o, f.ChangeLogsSocket)
	}
	return o, nil
}

func withChangeLogs(o controller.Options, socket string) (controller.Options, error) {
	// The socket is of a sidecar in the same Pod.
	conn, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return o, errors.Wrapf(err, "cannot use change log service at %q", socket)
	}
	o.Features.Enable(feature.EnableAlphaChangeLogs)
	o.ChangeLogOptions = &controller.ChangeLogOptions{
		ChangeLogger: managed.NewGRPCChangeLogger(changelogs.NewChangeLogServiceClient(conn),
			managed.WithProviderVersion("provider-plumbline:"+version())),
	}
	return o, nil
}

// orNone returns how controller-runtime spells the address of a server that is
// not to run.
func orNone(address string) string {
	if address == "" {
		return "0"
	}
	return address
}
