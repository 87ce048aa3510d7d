// Package gitops takes commits through a real Git repository and the engine of Argo CD
// to a whole control plane, and holds what a plan says beforehand to what then happens.
package gitops

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

// folders is how many a single commit adds. Two busy cores took 19 seconds for twenty,
// and three minutes for a hundred, which is more than each change of the code is worth.
var folders = flag.Int("folders", 20, "how many folders one commit adds")

var (
	// plane is the control plane that all tests share.
	plane *controlplane.ControlPlane
	// program is plumbline.
	program string
	// root is that of this repository.
	root string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if root, err = filepath.Abs(filepath.Join("..", "..")); err != nil {
		return 0, err
	}
	if err := errors.Join(controlplane.Built(root), engineBuilt()); err != nil {
		return 0, controlplane.Skip("the GitOps tests", err)
	}
	dir, err := os.MkdirTemp("", "plumbline")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // The system removes it some day.
	program = filepath.Join(dir, "plumbline")
	build := exec.Command("go", "build", "-o", program, "./cmd/plumbline") //nolint:noctx,gosec // It ends by itself, and its arguments are ours.
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("cannot build plumbline: %w: %s", err, out)
	}
	plane, err = controlplane.Start(context.Background(), controlplane.Options{
		Root: root, Dir: filepath.Join(root, ".cache", "controlplane", "gitops"),
		Report: controlplane.NewReporter(os.Stdout),
	})
	if err != nil {
		return 0, err
	}
	defer plane.Stop()
	if err := letPlan(context.Background()); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func enginePath() string { return filepath.Join(root, ".cache", "bin", "gitops") }

func engineBuilt() error {
	if _, err := os.Stat(enginePath()); err != nil {
		return errors.New("program gitops is not built; run: make test-gitops")
	}
	return nil
}

// planner is who plans: somebody with no right but that of package/rbac/plan.yaml.
const planner = "planner"

func letPlan(ctx context.Context) error {
	if err := plane.ApplyFiles(ctx, filepath.Join(root, "package", "rbac", "plan.yaml")); err != nil {
		return err
	}
	return plane.Client().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "plumbline-plan"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "plumbline-plan"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: planner}},
	})
}
