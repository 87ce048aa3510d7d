package backstage

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

const (
	// patience is what anything may take on a busy machine. It only ends a test that
	// has failed: every wait ends as soon as what it waits for is true.
	patience = 2 * time.Minute
	tick     = 100 * time.Millisecond

	token = "a-token-of-the-test-alone-0123456789"
)

// A world is a company: its control plane, its Git server and its Backstage.
type world struct {
	root, dir string
	report    controlplane.Reporter

	plane     *controlplane.ControlPlane
	git       *gitServer
	programs  []*exec.Cmd
	feed      string // URL of the catalog feed.
	backstage string // URL of the backend.
	templates string // The templates as this company has them.
}

func (w *world) start(ctx context.Context) error {
	for _, stage := range []func(context.Context) error{w.startControlPlane, w.startGit, w.startFeed, w.startBackstage} {
		if err := stage(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) stop(cancel context.CancelFunc) {
	cancel()
	for _, p := range w.programs {
		_ = p.Process.Signal(syscall.SIGTERM)
		_ = p.Wait()
	}
	if w.git != nil {
		w.git.close()
	}
	if w.plane != nil {
		w.plane.Stop()
	}
}

func (w *world) startControlPlane(ctx context.Context) error {
	plane, err := controlplane.Start(ctx, controlplane.Options{
		Root: w.root, Dir: filepath.Join(w.root, ".cache", "controlplane", "backstage"), Report: w.report,
	})
	if err != nil {
		return err
	}
	w.plane = plane
	team := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "payments"}}
	return plane.Client().Create(ctx, team)
}

func (w *world) startGit(context.Context) error {
	server, err := newGitServer(filepath.Join(w.dir, "git"))
	w.git = server
	return err
}

// startFeed serves the catalog with the rights that examples/backstage gives it, and no
// others.
func (w *world) startFeed(ctx context.Context) error {
	if err := w.apply(ctx, filepath.Join(w.root, "examples", "backstage", "reader.yaml")); err != nil {
		return err
	}
	kubeconfig, err := w.readerKubeconfig(ctx)
	if err != nil {
		return err
	}
	binary := filepath.Join(w.dir, "plumbline")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/plumbline") //nolint:gosec // Ours.
	build.Dir = w.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build plumbline: %w\n%s", err, out)
	}
	host, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	w.feed = "http://" + host
	return w.program(ctx, "feed", w.feed+"/healthz", nil, binary, "catalog", "serve",
		"--listen", host, "--kubeconfig", kubeconfig, "--config", filepath.Join(w.root, "examples", "backstage", "catalog.yaml"))
}

// readerKubeconfig is that of the service account of examples/backstage.
func (w *world) readerKubeconfig(ctx context.Context) (string, error) {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "plumbline-system", Name: "plumbline-catalog"}}
	request := &authenticationv1.TokenRequest{}
	if err := w.plane.Client().SubResource("token").Create(ctx, account, request); err != nil {
		return "", fmt.Errorf("cannot get a token: %w", err)
	}
	admin := w.plane.Config()
	config := clientcmdapi.NewConfig()
	config.Clusters["plane"] = &clientcmdapi.Cluster{Server: admin.Host, CertificateAuthorityData: admin.CAData, CertificateAuthority: admin.CAFile}
	config.AuthInfos["reader"] = &clientcmdapi.AuthInfo{Token: request.Status.Token}
	config.Contexts["reader"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "reader", Namespace: "default"}
	config.CurrentContext = "reader"
	file := filepath.Join(w.dir, "reader.kubeconfig")
	return file, clientcmd.WriteToFile(*config, file)
}

func (w *world) startBackstage(ctx context.Context) error {
	host, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	w.backstage = "http://" + host
	w.templates = filepath.Join(w.dir, "templates")
	if err := w.adoptTemplates(); err != nil {
		return err
	}
	home := filepath.Join(w.root, ".cache", "backstage")
	err = w.program(ctx, "backstage", w.backstage+"/.backstage/health/v1/readiness", []string{
		"NODE_PATH=" + filepath.Join(home, "node_modules"), "NODE_ENV=production",
		"TEST_BACKSTAGE_URL=" + w.backstage, "TEST_BACKSTAGE_LISTEN=" + host, "TEST_TOKEN=" + token,
		"TEST_GIT_REMOTE=" + w.git.remote(), "TEST_GIT_HOST=" + w.git.host, "TEST_FEED_HOST=" + strings.TrimPrefix(w.feed, "http://"),
		"TEST_TEMPLATES=" + w.templates,
	}, "node", filepath.Join(w.root, "test", "backstage", "backend", "index.js"),
		"--config", filepath.Join(w.root, "test", "backstage", "backend", "app-config.yaml"))
	if err != nil {
		return err
	}
	return w.awaitTemplates(ctx)
}

// awaitTemplates waits until the catalog has read what it was configured with, which it
// does after it says that it is ready.
func (w *world) awaitTemplates(ctx context.Context) error {
	return eventually(ctx, func() string {
		for _, name := range []string{"service-environment", "service-environment-edit", "service-environment-remove"} {
			a, err := fetch(ctx, http.MethodGet, w.backstage+"/api/catalog/entities/by-name/template/default/"+name, map[string]string{"Authorization": "Bearer " + token}, nil)
			if err != nil || a.code != http.StatusOK {
				return fmt.Sprintf("template %s is not in the catalog: %d %v", name, a.code, err)
			}
		}
		return ""
	})
}

// adoptTemplates copies the templates and changes what is a company's own: where its
// repository is, and how it asks for a pull request. All else is as it is shipped.
func (w *world) adoptTemplates() error {
	from := filepath.Join(w.root, "examples", "backstage")
	own := strings.NewReplacer(
		"https://github.com/example/environments/blob/main/", "http://"+w.git.host+"/raw/",
		"publish:github:pull-request", "test:git:pull-request",
	)
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(w.templates, name)
		if entry.IsDir() {
			return os.MkdirAll(to, 0o755) //nolint:gosec // Nothing in it is secret.
		}
		text, err := os.ReadFile(path) //nolint:gosec // A file of this repository.
		if err != nil {
			return err
		}
		if filepath.Base(path) == "template.yaml" {
			text = []byte(own.Replace(string(text)))
		}
		return os.WriteFile(to, text, 0o600) //nolint:gosec // Below the test's own folder.
	})
	if err != nil {
		return fmt.Errorf("cannot copy the templates: %w", err)
	}
	groups := "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: payments}\nspec: {type: team, children: []}\n"
	return os.WriteFile(filepath.Join(w.templates, "groups.yaml"), []byte(groups), 0o600)
}

// program starts a program, and waits until it answers at a URL.
func (w *world) program(ctx context.Context, name, ready string, env []string, path string, args ...string) error {
	log, err := os.Create(filepath.Join(w.dir, name+".log")) //nolint:gosec // The test's own.
	if err != nil {
		return err
	}
	defer log.Close()                  //nolint:errcheck // The child holds its own descriptor.
	cmd := exec.Command(path, args...) //nolint:gosec,noctx // stop ends it.
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = filepath.Join(w.root, ".cache", "backstage")
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", name, err)
	}
	w.programs = append(w.programs, cmd)
	return eventually(ctx, func() string {
		answer, err := fetch(ctx, http.MethodGet, ready, nil, nil)
		if err == nil && answer.code < http.StatusBadRequest {
			return ""
		}
		said, _ := os.ReadFile(log.Name())
		return fmt.Sprintf("%s does not answer: %v\n%s", name, err, said[max(0, len(said)-4000):])
	})
}

// eventually waits until check misses nothing.
func eventually(ctx context.Context, check func() string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		missing := check()
		if missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s", missing)
		case <-ticker.C:
		}
	}
}

// apply applies the objects of a file as a GitOps engine does.
func (w *world) apply(ctx context.Context, file string) error {
	text, err := os.ReadFile(file) //nolint:gosec // A file of the test.
	if err != nil {
		return err
	}
	for doc := range bytes.SplitSeq(text, []byte("\n---\n")) {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(doc, &o.Object); err != nil {
			return fmt.Errorf("cannot read %q: %w", file, err)
		}
		if err := w.plane.Client().Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.ForceOwnership, client.FieldOwner("gitops")); err != nil {
			return fmt.Errorf("cannot apply %s %q: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close() //nolint:errcheck // It is only to find the port.
	return l.Addr().String(), nil
}
