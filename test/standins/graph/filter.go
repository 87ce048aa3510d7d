package graph

import (
	"regexp"
	"slices"
	"strings"
)

// filter returns what the request's $filter demands of an object.
func (r *request) filter(of ...kind) (func(*object) bool, error) {
	text := strings.TrimSpace(r.query.Get("$filter"))
	if text == "" {
		return func(*object) bool { return true }, nil
	}
	p := &parser{rest: tokens.FindAllString(text, -1), of: of}
	if strings.Join(p.rest, "") != unspaced(text) {
		return nil, invalidFilter(text)
	}
	satisfy, err := p.either()
	if err == nil && len(p.rest) > 0 {
		err = invalidFilter(text)
	}
	return satisfy, err
}

// tokens of a filter: string literals, words, parentheses and commas.
var tokens = regexp.MustCompile(`'(?:[^']|'')*'|[A-Za-z0-9_/.-]+|[(),]`)

// unspaced returns a filter without the space outside of its literals, which is
// what its tokens must make up.
func unspaced(text string) string {
	quoted := false
	return strings.Map(func(c rune) rune {
		if c == '\'' {
			quoted = !quoted
		}
		if c == ' ' && !quoted {
			return -1
		}
		return c
	}, text)
}

func invalidFilter(text string) error { return malformed("Invalid filter clause: %s", text) }

// A parser of filters: or of and of comparisons. Functions of it take tokens off
// the rest.
type parser struct {
	rest []string
	of   []kind
}

func (p *parser) next() string {
	if len(p.rest) == 0 {
		return ""
	}
	token := p.rest[0]
	p.rest = p.rest[1:]
	return token
}

func (p *parser) take(token string) bool {
	if len(p.rest) == 0 || p.rest[0] != token {
		return false
	}
	p.next()
	return true
}

func (p *parser) either() (func(*object) bool, error) {
	left, err := p.both()
	for err == nil && p.take("or") {
		var right func(*object) bool
		if right, err = p.both(); err == nil {
			left = anyOf(left, right)
		}
	}
	return left, err
}

func (p *parser) both() (func(*object) bool, error) {
	left, err := p.term()
	for err == nil && p.take("and") {
		var right func(*object) bool
		if right, err = p.term(); err == nil {
			left = allOf(left, right)
		}
	}
	return left, err
}

func anyOf(a, b func(*object) bool) func(*object) bool {
	return func(o *object) bool { return a(o) || b(o) }
}

func allOf(a, b func(*object) bool) func(*object) bool {
	return func(o *object) bool { return a(o) && b(o) }
}

func (p *parser) term() (func(*object) bool, error) {
	if p.take("(") {
		inner, err := p.either()
		if err == nil && !p.take(")") {
			err = invalidFilter("a parenthesis is not closed")
		}
		return inner, err
	}
	if p.take("startswith") {
		return p.startsWith()
	}
	return p.equals()
}

func (p *parser) startsWith() (func(*object) bool, error) {
	opened := p.take("(")
	name, err := p.property()
	comma := p.take(",")
	if err != nil {
		return nil, err
	}
	prefix, err := literal(p.next())
	if err != nil || !opened || !comma || !p.take(")") {
		return nil, invalidFilter("startswith takes a property and a string")
	}
	return func(o *object) bool {
		return strings.HasPrefix(strings.ToLower(o.text(name)), strings.ToLower(prefix))
	}, nil
}

func (p *parser) equals() (func(*object) bool, error) {
	name, err := p.property()
	if err != nil {
		return nil, err
	}
	if operator := p.next(); operator != "eq" {
		return nil, unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s': operator '%s'.", name, operator)
	}
	value := p.next()
	if value == "true" || value == "false" {
		return func(o *object) bool { return o.properties[name] == (value == "true") }, nil
	}
	want, err := literal(value)
	if err != nil {
		return nil, err
	}
	return func(o *object) bool { return o.text(name) != "" && strings.EqualFold(o.text(name), want) }, nil
}

// property takes the name of a property that can be filtered by.
func (p *parser) property() (string, error) {
	name := p.next()
	able := slices.ContainsFunc(p.of, func(k kind) bool {
		known, found := propertyOf(k, name)
		return found && known.filter
	})
	if !able {
		return "", unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource '%s'.", name, p.of[0])
	}
	return name, nil
}

// literal returns the string of an OData literal.
func literal(token string) (string, error) {
	inner, opened := strings.CutPrefix(token, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if !opened || !closed || strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") {
		return "", malformed("Invalid string literal: %s", token)
	}
	return strings.ReplaceAll(inner, "''", "'"), nil
}
