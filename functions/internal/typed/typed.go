// Package typed turns Go structs into values of protobuf and back, as encoding/json
// turns them into JSON and back.
//
// Struct does in one step what runtime.DefaultUnstructuredConverter and
// structpb.NewStruct do in two, and so without the maps between them, which were a third
// of what a call allocated. What is written is the same; a test holds that.
package typed

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"
)

var errNotText = errors.New("cannot write what is not UTF-8")

// Struct returns an object: a struct, a map, or a pointer to one.
func Struct(v any) (*structpb.Struct, error) {
	value, err := valueOf(reflect.ValueOf(v))
	if err != nil {
		return nil, err
	}
	s := value.GetStructValue()
	if s == nil {
		return nil, fmt.Errorf("cannot write %T: it is no object", v)
	}
	return s, nil
}

func valueOf(v reflect.Value) (*structpb.Value, error) {
	if !v.IsValid() {
		return structpb.NewNullValue(), nil
	}
	if t := shapeOf(v.Type()); t.marshals {
		return marshaled(v)
	}
	switch v.Kind() {
	case reflect.String:
		return textValue(v.String())
	case reflect.Bool:
		return structpb.NewBoolValue(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return numberValue(float64(v.Int())), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return numberValue(float64(v.Uint())), nil
	case reflect.Float32, reflect.Float64:
		return numberValue(v.Float()), nil
	case reflect.Map:
		return mapValue(v)
	case reflect.Slice:
		return sliceValue(v)
	case reflect.Struct:
		s := newStruct(v.NumField())
		return &s.value, addFields(s.fields.GetFields(), v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return structpb.NewNullValue(), nil
		}
		return valueOf(v.Elem())
	default:
		return nil, fmt.Errorf("cannot write a %s: JSON has none", v.Type())
	}
}

// addFields writes the fields of a struct. Those of one that is inlined stand among
// those around it.
func addFields(out map[string]*structpb.Value, v reflect.Value) error {
	for _, f := range shapeOf(v.Type()).fields {
		field := v.Field(f.index)
		if f.omitted(field) {
			continue
		}
		if f.inline {
			for field.Kind() == reflect.Pointer {
				field = field.Elem()
			}
			if err := addFields(out, field); err != nil {
				return err
			}
			continue
		}
		value, err := valueOf(field)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		out[f.name] = value
	}
	return nil
}

func mapValue(v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return structpb.NewNullValue(), nil
	}
	s := newStruct(v.Len())
	if texts, ok := v.Interface().(map[string]string); ok { // Labels, which are on everything.
		return &s.value, addTexts(s.fields.GetFields(), texts)
	}
	for entries := v.MapRange(); entries.Next(); {
		key := entries.Key().String()
		value, err := valueOf(entries.Value())
		if err == nil && !utf8.ValidString(key) {
			err = errNotText
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		s.fields.GetFields()[key] = value
	}
	return &s.value, nil
}

func addTexts(out map[string]*structpb.Value, texts map[string]string) error {
	for key, text := range texts {
		value, err := textValue(text)
		if err == nil && !utf8.ValidString(key) {
			err = errNotText
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		out[key] = value
	}
	return nil
}

func sliceValue(v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return structpb.NewNullValue(), nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return textValue(base64.StdEncoding.EncodeToString(v.Bytes()))
	}
	values := make([]*structpb.Value, v.Len())
	for i := range values {
		var err error
		if values[i], err = valueOf(v.Index(i)); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return structpb.NewListValue(&structpb.ListValue{Values: values}), nil
}

// marshaled writes what says itself how it is written.
func marshaled(v reflect.Value) (*structpb.Value, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return structpb.NewNullValue(), nil
	}
	m, ok := v.Interface().(json.Marshaler)
	if !ok { // Its method has a pointer.
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		m = p.Interface().(json.Marshaler) //nolint:forcetypeassert // As its shape says.
	}
	data, err := m.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var decoded any
	if err := json.Unmarshal(data, &decoded); err != nil {
		return nil, err
	}
	return valueOf(reflect.ValueOf(decoded))
}

// A value and what is in it, made at once: there are thousands of them in an answer.
type (
	textOf struct {
		value structpb.Value
		kind  structpb.Value_StringValue
	}
	numberOf struct {
		value structpb.Value
		kind  structpb.Value_NumberValue
	}
	structOf struct {
		value  structpb.Value
		kind   structpb.Value_StructValue
		fields structpb.Struct
	}
)

// textValue refuses what protobuf would refuse of a whole answer, without a word of
// where it is.
func textValue(s string) (*structpb.Value, error) {
	if !utf8.ValidString(s) {
		return nil, errNotText
	}
	t := &textOf{}
	t.kind.StringValue = s
	t.value.Kind = &t.kind
	return &t.value, nil
}

func numberValue(f float64) *structpb.Value {
	n := &numberOf{}
	n.kind.NumberValue = f
	n.value.Kind = &n.kind
	return &n.value
}

func newStruct(size int) *structOf {
	s := &structOf{}
	s.fields.Fields = make(map[string]*structpb.Value, size)
	s.kind.StructValue = &s.fields
	s.value.Kind = &s.kind
	return s
}
