// Program provider is provider-plumbline: it manages indices of Elasticsearch and
// groups of Entra ID. It finds the API server as kubectl does: from KUBECONFIG,
// or inside a Pod from the Pod's service account.
package main

import (
	"time"

	"github.com/alecthomas/kong"

	// The image holds nothing but this program: without these, it would trust no
	// public authority, and so no backend on the internet.
	_ "golang.org/x/crypto/x509roots/fallback"
)

// flags have the names that Crossplane's providers share.
type flags struct {
	Debug bool `env:"DEBUG" help:"Log what is done, not only what goes wrong." short:"d"`

	MetricsAddress string `default:":8080" env:"METRICS_ADDRESS" help:"Address that serves Prometheus metrics at /metrics. Empty: none is served."`
	HealthAddress  string `default:":8081" env:"HEALTH_ADDRESS"  help:"Address that serves /healthz and /readyz. Empty: none is served."`

	LeaderElection bool   `env:"LEADER_ELECTION"       help:"Let only one of several processes reconcile." short:"l"`
	Namespace      string `default:"crossplane-system" env:"POD_NAMESPACE"                                 help:"Namespace that holds the lease of the leader."`

	PollInterval     time.Duration `default:"1m" env:"POLL_INTERVAL"      help:"How often a resource is compared with what it stands for, and its backend swept for changes."`
	SyncInterval     time.Duration `default:"1h" env:"SYNC_INTERVAL"      help:"How often every resource is reconciled as if it had changed."`
	MaxReconcileRate int           `default:"50" env:"MAX_RECONCILE_RATE" help:"Reconciles per second over all kinds, polls of what is well apart, and at once within a kind."`

	ManagementPolicies bool   `default:"true"                                env:"ENABLE_MANAGEMENT_POLICIES"                                                help:"Heed spec.managementPolicies."          negatable:""`
	ChangeLogs         bool   `env:"ENABLE_CHANGE_LOGS"                      help:"Send each change of an external resource to a change log service. Alpha." name:"enable-changelogs"`
	ChangeLogsSocket   string `default:"/var/run/changelogs/changelogs.sock" env:"CHANGELOGS_SOCKET_PATH"                                                    help:"Unix socket of the change log service." name:"changelogs-socket-path"`
}

func main() {
	f := flags{}
	ctx := kong.Parse(&f, kong.Name("provider-plumbline"),
		kong.Description("Manages Elasticsearch indices and Entra ID groups for service environments."))
	ctx.FatalIfErrorf(run(f))
}
