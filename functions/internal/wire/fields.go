package wire

// Fields are those of an object that are decoded. Nil are all of them. Of a list, they
// are those of each item.
type Fields struct {
	Of     map[string]*Fields // By their name. One with no fields at all is left out.
	Others bool               // Whether those that Of does not name are decoded too.
}

// All fields below a name.
var All *Fields

// None leaves a field out.
var None = &Fields{}

// Only the named fields.
func Only(of map[string]*Fields) *Fields { return &Fields{Of: of} }

// Except the named fields, all.
func Except(of map[string]*Fields) *Fields { return &Fields{Of: of, Others: true} }

// below are the fields of a field, and whether it is decoded.
func (f *Fields) below(name []byte) (below *Fields, decoded bool) {
	if f == nil {
		return nil, true
	}
	below, named := f.Of[string(name)]
	if !named {
		return nil, f.Others
	}
	return below, below == nil || below.Others || len(below.Of) > 0
}

// An Object is what is decoded of an object of Kubernetes.
type Object struct {
	Fields *Fields
	Keep   bool // Whether Whole can decode the rest later.
}

// A Request is what is decoded of a request. All that it does not name is.
type Request struct {
	Composite Object
	Composed  Object
	Required  func(name string) Object // By the name of the requirement.
	Schema    *Fields
}
