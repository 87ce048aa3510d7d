package rehearsal

import (
	"encoding/json"

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
