package rehearsal

import (
	"encoding/json"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

// Blueprint returns a Blueprint, an EnvironmentConfig, with every default filled in; or
// all its mistakes, each with its field and its remedy. Of nil it returns the built-in
// one.
func Blueprint(config map[string]any) (v1alpha1.Blueprint, []string, error) {
	data, err := json.Marshal(config["data"])
	switch {
	case config == nil:
		data, err = environment.DefaultData()
	case config["data"] == nil:
		data = []byte("{}") // As the function reads it.
	}
	if err != nil {
		return v1alpha1.Blueprint{}, nil, err
	}
	b, errs := environment.ParseBlueprint(data)
	var mistakes []string
	for _, err := range errs {
		mistakes = append(mistakes, err.Error())
	}
	return b.Blueprint, mistakes, nil
}
