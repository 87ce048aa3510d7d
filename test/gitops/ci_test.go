package gitops

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/gittest"
)

// TestPipelines runs the scripts of examples/gitops as a pipeline of GitHub and one of
// GitLab would, on a branch that asks for one environment more. What talks to the host
// is a program of that name that writes down what it was asked.
func TestPipelines(t *testing.T) {
	r := clone(t)
	base := gittest.Run(t, r.work, "rev-parse", "HEAD")
	r.write(t, "teams/payments/dev/pipeline.yaml", smallOf("pipeline"))
	gittest.Run(t, r.work, "add", "--all")
	gittest.Run(t, r.work, "commit", "--quiet", "--message", "Ask for an environment")
	kubeconfig, err := os.ReadFile(plane.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("GitHub", func(t *testing.T) {
		steps := gitHub(t)
		p := pipelineIn(t, r.work, map[string]string{
			"BASE": base, "KUBECONFIG_DATA": string(kubeconfig), "GITHUB_REPOSITORY": "example/environments", "NUMBER": "7",
		})
		for _, step := range []string{"Find mistakes", "Plan", "Comment"} {
			p.run(t, step, steps[step], 0)
		}
		p.holds(t, "env", "PLAN_CODE=2")
		p.holds(t, "summary", "to create", "payments/pipeline-dev")
		p.holds(t, "asked", "gh api repos/example/environments/issues/7/comments -F body=@")
		p.holds(t, "comment.md", "<!-- plumbline plan -->")
		if _, err := os.Stat(filepath.Join(p.dir, "kubeconfig")); !os.IsNotExist(err) {
			t.Errorf("the kubeconfig does not outlive the step that needs it: %v", err)
		}
		p.run(t, "Decide", steps["Decide"], 1)
	})
	t.Run("GitLab", func(t *testing.T) {
		scripts := gitLab(t)
		p := pipelineIn(t, r.work, map[string]string{
			"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "PLUMBLINE_KUBECONFIG": plane.Kubeconfig(), "PLUMBLINE_TOKEN": "token",
			"CI_API_V4_URL": "https://git.example.com/api/v4", "CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "7",
		})
		p.run(t, "validate", scripts["validate"], 0)
		p.run(t, "plan", scripts["plan"], 0)
		p.holds(t, "asked", "curl --fail", "https://git.example.com/api/v4/projects/1/merge_requests/7/notes")
		r.write(t, "teams/payments/dev/pipeline.yaml", strings.ReplaceAll(smallOf("pipeline"), "environment: dev", "environment: nowhere"))
		gittest.Run(t, r.work, "commit", "--quiet", "--all", "--message", "Ask for what there is not")
		p.run(t, "validate", scripts["validate"], 1)
		p.run(t, "plan", scripts["plan"], 1)
	})
}

// clone makes a repository of examples/gitops that no engine follows.
func clone(t *testing.T) repository {
	t.Helper()
	r := repository{work: t.TempDir()}
	gittest.Run(t, r.work, "init", "--quiet", "--initial-branch=main")
	copyFolder(t, filepath.Join(root, "examples", "gitops"), r.work)
	gittest.Run(t, r.work, "add", "--all")
	gittest.Run(t, r.work, "config", "user.name", "Ana")
	gittest.Run(t, r.work, "config", "user.email", "ana@example.com")
	gittest.Run(t, r.work, "commit", "--quiet", "--message", "Begin")
	return r
}

// gitHub returns the script of each step of the workflow.
func gitHub(t *testing.T) map[string]string {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run string }
		}
	}
	readYAML(t, filepath.Join(root, "examples", "gitops", ".github", "workflows", "plumbline.yaml"), &workflow)
	out := map[string]string{}
	for _, step := range workflow.Jobs["plan"].Steps {
		out[step.Name] = step.Run
	}
	return out
}

// gitLab returns the script of each job, whose lines GitLab runs one after the other in
// one shell.
func gitLab(t *testing.T) map[string]string {
	t.Helper()
	var jobs map[string]any
	readYAML(t, filepath.Join(root, "examples", "gitops", ".gitlab-ci.yml"), &jobs)
	out := map[string]string{}
	for name, job := range jobs {
		fields, _ := job.(map[string]any)
		lines, _ := fields["script"].([]any)
		for _, line := range lines {
			out[name] += line.(string) + "\n"
		}
	}
	return out
}

func readYAML(t *testing.T, file string, out any) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // A file of this repository.
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}

// A pipeline runs scripts in a repository.
type pipeline struct {
	dir, work string
	env       []string
}

// asked stands in for a program that talks to the host of the repository: it writes down
// what it was asked, and answers nothing.
const asked = "#!/bin/sh\necho \"$(basename \"$0\") $*\" >> \"$RUNNER_TEMP/asked\"\n"

func pipelineIn(t *testing.T, work string, env map[string]string) pipeline {
	t.Helper()
	p := pipeline{dir: t.TempDir(), work: work}
	for _, name := range []string{"gh", "curl"} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(asked), 0o700); err != nil { //nolint:gosec // It is a program.
			t.Fatal(err)
		}
	}
	p.env = append(os.Environ(), "PATH="+p.dir+":"+filepath.Dir(program)+":"+os.Getenv("PATH"), "RUNNER_TEMP="+p.dir,
		"GITHUB_ENV="+filepath.Join(p.dir, "env"), "GITHUB_STEP_SUMMARY="+filepath.Join(p.dir, "summary"), "PLAN_CODE=2")
	for key, value := range env {
		p.env = append(p.env, key+"="+value)
	}
	return p
}

// run runs a script as both hosts do: by bash, which ends with the first failure.
func (p pipeline) run(t *testing.T, name, script string, code int) {
	t.Helper()
	if script == "" {
		t.Fatalf("there is a script %q", name)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script) //nolint:gosec // A script of this repository.
	cmd.Dir, cmd.Env = p.work, p.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("script %q ends with %d, got %d:\n%s", name, code, got, out)
	}
}

// holds looks for words in a file that the scripts wrote.
func (p pipeline) holds(t *testing.T, name string, words ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, name)) //nolint:gosec // In a folder of the test.
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if !strings.Contains(string(text), w) {
			t.Errorf("%s holds %q, got:\n%s", name, w, text)
		}
	}
}
