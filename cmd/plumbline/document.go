package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// steps of a path: a name, or what stands in brackets, which may hold dots.
var steps = regexp.MustCompile(`\[([^\]]*)\]|([^.\[\]]+)`)

// A document of a file, with the line at which it begins.
type document struct {
	file  string
	first int
	text  []byte
}

// readDocuments reads the documents of a file, of all YAML files below a folder, or
// of standard input.
func readDocuments(path string, stdin io.Reader) ([]document, error) {
	if path == standardInput {
		text, err := io.ReadAll(stdin)
		return split("standard input", text), err
	}
	files, err := yamlFiles(path)
	if err != nil {
		return nil, err
	}
	var documents []document
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // The user names what to read.
		if err != nil {
			return nil, err
		}
		documents = append(documents, split(file, text)...)
	}
	return documents, nil
}

// yamlFiles returns the file itself, or the YAML files below a folder in order.
func yamlFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(entry.Name(), ".") && file != path
		switch {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case !hidden && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(file)):
			files = append(files, file)
		}
		return nil
	})
	return files, err
}

// split cuts a stream where a line begins with three hyphens.
func split(file string, text []byte) []document {
	documents := []document{{file: file, first: 1}}
	line := 0
	for l := range bytes.Lines(text) {
		line++
		if bytes.HasPrefix(l, []byte("---")) {
			documents = append(documents, document{file: file, first: line + 1})
			continue
		}
		last := &documents[len(documents)-1]
		last.text = append(last.text, l...)
	}
	return documents
}

// raw returns the document as JSON has it; it is empty for one without content.
func (d document) raw() (map[string]any, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(d.text, &raw); err != nil {
		return nil, fmt.Errorf("cannot read %s from line %d: %w", d.file, d.first, err)
	}
	return raw, nil
}

// line returns the line of a field such as spec.routes[0].host, or of the innermost
// field around it that is there.
func (d document) line(field string) int {
	var root yamlnode.Node
	if yamlnode.Unmarshal(d.text, &root) != nil || len(root.Content) == 0 {
		return d.first
	}
	node, line := root.Content[0], root.Content[0].Line
	for _, step := range steps.FindAllStringSubmatch(field, -1) {
		next, at := child(node, step[1]+step[2])
		if next == nil {
			break
		}
		node, line = next, at
	}
	return d.first + line - 1
}

// child returns the value of a key or of the item with a number, and its line.
func child(node *yamlnode.Node, key string) (*yamlnode.Node, int) {
	switch node.Kind {
	case yamlnode.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case yamlnode.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i].Line
		}
	case yamlnode.AliasNode:
		return child(node.Alias, key)
	case yamlnode.DocumentNode, yamlnode.ScalarNode:
	}
	return nil, 0
}
