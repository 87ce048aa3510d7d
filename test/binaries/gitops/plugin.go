package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// A plugin is the command of a ConfigManagementPlugin that prints the objects of a
// folder; none reads its files as they are.
type plugin []string

func readPlugin(file string) (plugin, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var config struct {
		Spec struct {
			Generate struct {
				Command []string `json:"command"`
				Args    []string `json:"args"`
			} `json:"generate"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", file, err)
	}
	command := append(config.Spec.Generate.Command, config.Spec.Generate.Args...)
	if len(command) == 0 {
		return nil, fmt.Errorf("cannot use %s: spec.generate.command is missing", file)
	}
	return command, nil
}

// manifests are the objects of a folder, which has none when it is gone.
func (e *gitOps) manifests(ctx context.Context, dir, folder string) ([]*unstructured.Unstructured, error) {
	if e.plugin == nil {
		return filesOf(dir, folder)
	}
	path := filepath.Join(dir, folder)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return nil, nil
	}
	cmd := exec.CommandContext(ctx, e.plugin[0], e.plugin[1:]...)
	cmd.Dir = path
	out, err := printed(cmd)
	if err != nil {
		return nil, fmt.Errorf("cannot read it: %w", err)
	}
	return kube.SplitYAML(out)
}
