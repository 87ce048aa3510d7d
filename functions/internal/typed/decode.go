package typed

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"
)

// Decode decodes a value into a Go struct, as json.Unmarshal would its JSON.
func Decode(v *structpb.Value, into any) error {
	data, err := JSON(v)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// JSON writes a value with its keys in order. Protobuf's own encoder takes several times
// as long, since it has to know every message.
func JSON(v *structpb.Value) ([]byte, error) { return appendValue(nil, v) }

func appendValue(b []byte, v *structpb.Value) ([]byte, error) {
	switch k := v.GetKind().(type) {
	case *structpb.Value_StringValue:
		return appendText(b, k.StringValue)
	case *structpb.Value_StructValue:
		return appendStruct(b, k.StructValue)
	case *structpb.Value_ListValue:
		return appendList(b, k.ListValue)
	case *structpb.Value_BoolValue:
		return strconv.AppendBool(b, k.BoolValue), nil
	case *structpb.Value_NumberValue:
		text, err := json.Marshal(k.NumberValue) // Refuses what is no number of JSON.
		return append(b, text...), err
	default:
		return append(b, "null"...), nil
	}
}

func appendStruct(b []byte, s *structpb.Struct) ([]byte, error) {
	b = append(b, '{')
	for i, key := range slices.Sorted(maps.Keys(s.GetFields())) {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendText(b, key); err != nil {
			return nil, err
		}
		if b, err = appendValue(append(b, ':'), s.GetFields()[key]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendList(b []byte, l *structpb.ListValue) ([]byte, error) {
	b = append(b, '[')
	for i, v := range l.GetValues() {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendValue(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// appendText writes what needs no escape as it is.
func appendText(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			text, err := json.Marshal(s)
			return append(b, text...), err
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}
