package company

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// groups are the teams of examples/gitops.
const groups = `apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: orders}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: platform}
spec: {type: team, children: []}
`

// adoptTemplates copies the templates and changes what is a company's own: where its
// repository is, and how it asks for a pull request. All else is as it is shipped.
func (c *Company) adoptTemplates() error {
	if err := copyFolder(filepath.Join(c.Root, "examples", "backstage"), c.Templates()); err != nil {
		return fmt.Errorf("cannot copy the templates: %w", err)
	}
	own := strings.NewReplacer(
		"https://github.com/example/environments/blob/main/", "http://"+c.git.host+"/raw/",
		"publish:github:pull-request", "test:git:pull-request",
	)
	for _, name := range []string{"create", "edit", "remove"} {
		file := filepath.Join(c.Templates(), name, "template.yaml")
		text, err := os.ReadFile(file) //nolint:gosec // The company's own.
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(own.Replace(string(text))), 0o600); err != nil { //nolint:gosec // The company's own.
			return err
		}
	}
	return os.WriteFile(filepath.Join(c.Templates(), "groups.yaml"), []byte(groups), 0o600)
}
