package serviceenvironment

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// types are the Go types of the Blueprint. Their comments are its documentation.
//
//go:embed v1alpha1/*_types.go
var types embed.FS

// A Field of a claim or a Blueprint, as its Go type documents it.
type Field struct {
	// Path of the field below spec, or below the EnvironmentConfig's data, such as
	// environments[<name>].tier. A list is written as [].
	Path string
	// Type of the value, such as "map of object".
	Type string
	// Required says that the field must be there.
	Required bool
	// Description in full sentences.
	Description string
	// Values that there are, where only some are right.
	Values []string
}

// BlueprintFields returns every field of a Blueprint, each object's before those
// within it.
func BlueprintFields() ([]Field, error) {
	s, err := readSource()
	if err != nil {
		return nil, err
	}
	fields := []Field{
		{Path: "apiVersion", Type: "string", Required: true, Description: "APIVersion of the Blueprint.", Values: []string{v1alpha1.GroupVersion.String()}},
		{Path: "kind", Type: "string", Required: true, Description: "Kind of the Blueprint.", Values: []string{v1alpha1.BlueprintGroupVersionKind.Kind}},
	}
	return s.fields(fields, "", s.types[v1alpha1.BlueprintGroupVersionKind.Kind]), nil
}

// ClaimFields returns every field of a claim's spec, in the order in which a form shows
// them: what everybody sets comes first.
func ClaimFields() ([]Field, error) {
	s, err := readSource()
	if err != nil {
		return nil, err
	}
	return s.fields(nil, "", s.types["ServiceEnvironmentSpec"]), nil
}

// A source is what the Go files declare.
type source struct {
	types  map[string]ast.Expr
	values map[string][]string // Constants by their type.
}

func readSource() (source, error) {
	s := source{types: map[string]ast.Expr{}, values: map[string][]string{}}
	files, err := types.ReadDir("v1alpha1")
	if err != nil {
		return s, err
	}
	for _, f := range files {
		text, err := types.ReadFile("v1alpha1/" + f.Name())
		if err != nil {
			return s, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), text, parser.ParseComments)
		if err != nil {
			return s, fmt.Errorf("cannot parse %q: %w", f.Name(), err)
		}
		for _, d := range file.Decls {
			s.declare(d)
		}
	}
	return s, nil
}

func (s source) declare(d ast.Decl) {
	g, ok := d.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.types[spec.Name.Name] = spec.Type
		case *ast.ValueSpec:
			if of, ok := spec.Type.(*ast.Ident); ok && g.Tok == token.CONST {
				s.values[of.Name] = append(s.values[of.Name], literals(spec.Values)...)
			}
		}
	}
}

func literals(values []ast.Expr) []string {
	var out []string
	for _, v := range values {
		if l, ok := v.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil {
				out = append(out, text)
			}
		}
	}
	return out
}

// fields adds the fields of a type that is an object.
func (s source) fields(out []Field, prefix string, of ast.Expr) []Field {
	object, ok := of.(*ast.StructType)
	if !ok {
		return out
	}
	for _, f := range object.Fields.List {
		if len(f.Names) == 0 || f.Tag == nil {
			continue // TypeMeta, whose fields are documented above.
		}
		name, options, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
		kind, below, inner := s.describe(f.Type)
		out = append(out, Field{
			Path:        prefix + name,
			Type:        kind,
			Required:    !strings.Contains(options, "omitempty"),
			Description: sentences(f.Doc),
			Values:      s.values[inner],
		})
		out = s.fields(out, prefix+name+below+".", s.types[inner])
	}
	return out
}

// describe returns the words for a type, what leads to its elements, and the name of
// the type of those.
func (s source) describe(of ast.Expr) (words, below, inner string) {
	switch of := of.(type) {
	case *ast.StarExpr:
		return s.describe(of.X)
	case *ast.ArrayType:
		words, below, inner = s.describe(of.Elt)
		return "list of " + words, "[]" + below, inner
	case *ast.MapType:
		words, below, inner = s.describe(of.Value)
		key := "name"
		if of, ok := of.Key.(*ast.Ident); ok && of.Name != "string" {
			key = strings.ToLower(of.Name)
		}
		return "map of " + words, "[<" + key + ">]" + below, inner
	case *ast.Ident:
		if named, ok := s.types[of.Name]; ok {
			if _, isObject := named.(*ast.StructType); isObject {
				return "object", "", of.Name
			}
			words, below, _ = s.describe(named)
			return words, below, of.Name
		}
		return basic(of.Name), "", ""
	default:
		return "object", "", "" // Of any kind: a manifest.
	}
}

func basic(name string) string {
	switch name {
	case "bool":
		return "boolean"
	case "int32", "int64":
		return "integer"
	default:
		return name
	}
}

// sentences are a comment without its markers, in one line.
func sentences(doc *ast.CommentGroup) string {
	var lines []string
	for line := range strings.Lines(doc.Text()) {
		if !strings.HasPrefix(line, "+") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.TrimSpace(strings.Join(lines, " "))
}
