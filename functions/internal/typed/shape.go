package typed

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// A shape is what has to be known of a type, found once.
type shape struct {
	marshals bool // Whether it says itself how it is written.
	fields   []field
}

type field struct {
	index              int
	name               string
	inline             bool
	omitEmpty, hasZero bool
	isZero             func(reflect.Value) bool
}

// shapes by reflect.Type. There are as many as types that answers are made of.
var shapes sync.Map

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape) //nolint:forcetypeassert // Nothing else is in it.
	}
	s, _ := shapes.LoadOrStore(t, newShape(t))
	return s.(*shape) //nolint:forcetypeassert // As above.
}

func newShape(t reflect.Type) *shape {
	marshaler := reflect.TypeFor[json.Marshaler]()
	s := &shape{marshals: t.Kind() != reflect.Interface && (t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler))}
	if t.Kind() != reflect.Struct {
		return s
	}
	for i := range t.NumField() {
		if f, written := newField(t.Field(i), i); written {
			s.fields = append(s.fields, f)
		}
	}
	return s
}

func newField(f reflect.StructField, index int) (out field, written bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || !f.IsExported() && !f.Anonymous {
		return field{}, false
	}
	out = field{index: index, name: name, inline: name == "" && f.Anonymous}
	if name == "" {
		out.name = f.Name
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			out.omitEmpty = true
		case "omitzero":
			out.hasZero, out.isZero = true, zeroOf(f.Type)
		}
	}
	return out, true
}

// zeroOf is a type's own opinion of what is zero, if it has one.
func zeroOf(t reflect.Type) func(reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	of := reflect.TypeFor[zeroer]()
	switch {
	case t.Kind() != reflect.Pointer && t.Implements(of):
		return func(v reflect.Value) bool { return v.Interface().(zeroer).IsZero() } //nolint:forcetypeassert // It implements it.
	case reflect.PointerTo(t).Implements(of) && t.Kind() != reflect.Pointer:
		return func(v reflect.Value) bool {
			p := reflect.New(t)
			p.Elem().Set(v)
			return p.Interface().(zeroer).IsZero() //nolint:forcetypeassert // As above.
		}
	default:
		return reflect.Value.IsZero
	}
}

// omitted says whether a field is left out.
func (f field) omitted(v reflect.Value) bool {
	if f.inline && v.Kind() == reflect.Pointer && v.IsNil() {
		return true
	}
	return f.omitEmpty && empty(v) || f.hasZero && f.isZero(v)
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}
