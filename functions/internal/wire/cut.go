package wire

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of the fields that are walked through, in Crossplane's run_function.proto
// and protobuf's struct.proto.
const (
	requestObserved  = 2
	requestResources = 8 // Those that are required.
	requestSchemas   = 9

	stateComposite = 1
	stateResources = 2

	resourcesItems = 1

	resourceObject = 1
	// resourceKept is ours: the whole object, which protobuf's decoder keeps as a field
	// that it does not know.
	resourceKept = 100_000

	schemaObject = 1

	entryKey   = 1
	entryValue = 2

	structFields = 1
	valueStruct  = 5
	valueList    = 6
	listValues   = 1
)

// A cutter appends what is left of the content of a field. It returns false for a field
// that is left as it is.
type cutter func(dst []byte, number protowire.Number, content []byte) ([]byte, bool)

// cut appends a message to dst, each of its length-delimited fields as the cutter
// leaves it. From where it cannot be read it is appended as it is.
func cut(dst, message []byte, c cutter) []byte {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeField(message)
		if n < 0 {
			return append(dst, message...)
		}
		field := message[:n]
		message = message[n:]
		if kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(field)
			content, _ := protowire.ConsumeBytes(field[tag:])
			if out, done := c(dst, number, content); done {
				dst = out
				continue
			}
		}
		dst = append(dst, field...)
	}
	return dst
}

// lengthSize is what a length takes that is written after its content. Decoders take
// one with leading zeros.
const lengthSize = 5

// nest appends a field whose content write appends.
func nest(dst []byte, number protowire.Number, write func(dst []byte) []byte) []byte {
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	at := len(dst)
	dst = write(append(dst, make([]byte, lengthSize)...))
	length := len(dst) - at - lengthSize
	for i := range lengthSize {
		dst[at+i] = byte(length>>(7*i)&0x7f) | 0x80
	}
	dst[at+lengthSize-1] &^= 0x80
	return dst
}

// request appends what is left of a request.
func (r Request) cut(dst, message []byte) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		switch number {
		case requestObserved:
			return nest(dst, number, func(dst []byte) []byte { return r.state(dst, content) }), true
		case requestResources:
			return entry(dst, number, content, func(dst, name, content []byte) []byte {
				return items(dst, content, r.Required(string(name)))
			})
		case requestSchemas:
			return entry(dst, number, content, func(dst, _, content []byte) []byte {
				return holder(dst, content, schemaObject, r.Schema)
			})
		default:
			return nil, false
		}
	})
}

func (r Request) state(dst, message []byte) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		switch number {
		case stateComposite:
			return nest(dst, number, func(dst []byte) []byte { return r.Composite.resource(dst, content) }), true
		case stateResources:
			return entry(dst, number, content, func(dst, _, content []byte) []byte { return r.Composed.resource(dst, content) })
		default:
			return nil, false
		}
	})
}

func items(dst, message []byte, o Object) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		if number != resourcesItems {
			return nil, false
		}
		return nest(dst, number, func(dst []byte) []byte { return o.resource(dst, content) }), true
	})
}

// resource appends the object with its fields, and then as it came if that is kept.
func (o Object) resource(dst, message []byte) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		switch {
		case number == resourceKept:
			return dst, true // Only we write it.
		case number != resourceObject:
			return nil, false
		case o.Keep:
			dst = protowire.AppendTag(dst, resourceKept, protowire.BytesType)
			dst = protowire.AppendBytes(dst, content)
		}
		return nest(dst, number, func(dst []byte) []byte { return structure(dst, content, o.Fields) }), true
	})
}

// holder appends a message of which one field is an object.
func holder(dst, message []byte, at protowire.Number, f *Fields) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		if number != at {
			return nil, false
		}
		return nest(dst, number, func(dst []byte) []byte { return structure(dst, content, f) }), true
	})
}

// structure appends a google.protobuf.Struct.
func structure(dst, message []byte, f *Fields) []byte {
	if f == nil {
		return append(dst, message...)
	}
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		if number != structFields {
			return nil, false
		}
		name, inner, ok := readEntry(content)
		if !ok {
			return nil, false
		}
		below, decoded := f.below(name)
		if !decoded {
			return dst, true
		}
		if below == nil {
			return nil, false
		}
		return writeEntry(dst, number, name, func(dst []byte) []byte { return value(dst, inner, below) }), true
	})
}

// value appends a google.protobuf.Value. Texts, numbers and the like have no fields.
func value(dst, message []byte, f *Fields) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		switch number {
		case valueStruct:
			return nest(dst, number, func(dst []byte) []byte { return structure(dst, content, f) }), true
		case valueList:
			return nest(dst, number, func(dst []byte) []byte { return list(dst, content, f) }), true
		default:
			return nil, false
		}
	})
}

func list(dst, message []byte, f *Fields) []byte {
	return cut(dst, message, func(dst []byte, number protowire.Number, content []byte) ([]byte, bool) {
		if number != listValues {
			return nil, false
		}
		return nest(dst, number, func(dst []byte) []byte { return value(dst, content, f) }), true
	})
}

// entry appends an entry of a map, whose value write appends.
func entry(dst []byte, number protowire.Number, content []byte, write func(dst, name, content []byte) []byte) ([]byte, bool) {
	name, inner, ok := readEntry(content)
	if !ok {
		return nil, false
	}
	return writeEntry(dst, number, name, func(dst []byte) []byte { return write(dst, name, inner) }), true
}

func writeEntry(dst []byte, number protowire.Number, name []byte, write func(dst []byte) []byte) []byte {
	return nest(dst, number, func(dst []byte) []byte {
		dst = protowire.AppendTag(dst, entryKey, protowire.BytesType)
		dst = protowire.AppendBytes(dst, name)
		return nest(dst, entryValue, write)
	})
}

// readEntry reads an entry of a map as every encoder writes it: key, value, and nothing
// else. False is any other: it would take more rules to cut it than it is worth.
func readEntry(content []byte) (name, inner []byte, ok bool) {
	number, kind, n := protowire.ConsumeTag(content)
	if n < 0 || number != entryKey || kind != protowire.BytesType {
		return nil, nil, false
	}
	name, m := protowire.ConsumeBytes(content[n:])
	if m < 0 {
		return nil, nil, false
	}
	content = content[n+m:]
	number, kind, n = protowire.ConsumeTag(content)
	if n < 0 || number != entryValue || kind != protowire.BytesType {
		return nil, nil, false
	}
	inner, m = protowire.ConsumeBytes(content[n:])
	return name, inner, m == len(content)-n
}
