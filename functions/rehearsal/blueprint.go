package rehearsal

import (
	"encoding/json"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

// BlueprintMistakes returns every mistake of a Blueprint, an EnvironmentConfig, each
// with its field and its remedy.
func BlueprintMistakes(config map[string]any) ([]string, error) {
	data, err := json.Marshal(config["data"])
	if err != nil {
		return nil, err
	}
	if config["data"] == nil {
		data = []byte("{}") // As the function reads it.
	}
	_, errs := environment.ParseBlueprint(data)
	var mistakes []string
	for _, err := range errs {
		mistakes = append(mistakes, err.Error())
	}
	return mistakes, nil
}

// Blueprint returns the Blueprint that an EnvironmentConfig holds, with every default
// filled in; nil is the built-in one.
func Blueprint(config map[string]any) (v1alpha1.Blueprint, error) {
	data, err := json.Marshal(config["data"])
	if config == nil {
		data, err = environment.DefaultData()
	}
	if err != nil {
		return v1alpha1.Blueprint{}, err
	}
	b, errs := environment.ParseBlueprint(data)
	return b.Blueprint, errs.ToAggregate()
}
