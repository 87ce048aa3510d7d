// Command rbac is Crossplane's RBAC manager, `crossplane rbac start`, with its
// metrics on an address of choice: Crossplane v2.4 leaves it at :8080, so that
// two control planes could not share a host.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane/apis/v2"
	"github.com/crossplane/crossplane/v2/cmd/crossplane/rbac"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

type cli struct {
	MetricsBindAddress string `default:":8080" help:"Address of the metrics endpoint; 0 for none."`

	Rbac rbac.Command `cmd:"" help:"The RBAC manager."`
}

func main() {
	c := &cli{}
	log := logging.NewLogrLogger(zap.New().WithName("crossplane"))
	ctrl.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	ctx := kong.Parse(c, kong.Name("rbac"), kong.BindTo(log, (*logging.Logger)(nil)))
	server.DefaultBindAddress = c.MetricsBindAddress
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, rbacv1.AddToScheme, coordinationv1.AddToScheme,
		apiextensionsv1.AddToScheme, apis.AddToScheme,
	} {
		ctx.FatalIfErrorf(add(s))
	}
	if err := ctx.Run(s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
