package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// printMistakes prints the mistakes of a number of claims in a format.
func printMistakes(out io.Writer, format string, claims int, mistakes []mistake) error {
	switch format {
	case "json":
		return printJSON(out, map[string]any{"claims": claims, "mistakes": append([]mistake{}, mistakes...)})
	case "sarif":
		return printJSON(out, sarif(mistakes))
	case "github":
		return printGitHub(out, mistakes)
	default:
		return printText(out, claims, mistakes)
	}
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printText(out io.Writer, claims int, mistakes []mistake) error {
	for _, m := range mistakes {
		level := ""
		if m.Level == levelWarning {
			level = "warning: "
		}
		if _, err := fmt.Fprintf(out, "%s:%d: %s%s\n", m.File, m.Line, level, m.sentence()); err != nil {
			return err
		}
	}
	if errorsIn(mistakes) > 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "found no mistake in %d claims\n", claims)
	return err
}

// errorsIn counts what is wrong, and not what is only told.
func errorsIn(mistakes []mistake) int {
	n := 0
	for _, m := range mistakes {
		if m.Level == levelError {
			n++
		}
	}
	return n
}

// printGitHub writes workflow commands, in which some characters have a meaning:
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
func printGitHub(out io.Writer, mistakes []mistake) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, m := range mistakes {
		_, err := fmt.Fprintf(out, "::%s file=%s,line=%d,title=%s::%s\n", m.Level, property.Replace(m.File), m.Line, property.Replace(m.Reason), data.Replace(m.sentence()))
		if err != nil {
			return err
		}
	}
	return nil
}

// sentence is a mistake without its place.
func (m mistake) sentence() string {
	words := m.Message
	if m.Field != "" {
		words = m.Field + ": " + words
	}
	if m.Claim != "" {
		words = m.Claim + ": " + words
	}
	return words
}

// sarif is a log in the Static Analysis Results Interchange Format 2.1.0:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func sarif(mistakes []mistake) map[string]any {
	results := []any{}
	for _, m := range mistakes {
		results = append(results, map[string]any{
			"ruleId":  m.Reason,
			"level":   m.Level,
			"message": map[string]any{"text": m.sentence()},
			"locations": []any{map[string]any{"physicalLocation": map[string]any{
				"artifactLocation": map[string]any{"uri": m.File},
				"region":           map[string]any{"startLine": m.Line},
			}}},
		})
	}
	return map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":    map[string]any{"driver": map[string]any{"name": "plumbline", "informationUri": "https://github.com/plumbline-dev/plumbline"}},
			"results": results,
		}},
	}
}
