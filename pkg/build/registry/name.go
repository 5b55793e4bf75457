package registry

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Status is what is known of the name of an attribute.
type Status uint8

// The statuses. Only Deprecated and Unknown are worth telling a user.
const (
	Foreign    Status = iota // its namespace is nobody's: nothing is said of it
	Accepted                 // the conventions in use define it
	Known                    // the registry defines it
	Deprecated               // the registry defines it, for the sake of old telemetry
	Unknown                  // it is in a namespace of the registry, which does not define it
)

// Name is what is known of a key.
type Name struct {
	Key       string
	Status    Status
	Attribute *Attribute // the definition; nil when Foreign or Unknown, or when only the conventions have it
	Successor string     // of a deprecated one, when it goes by another name
	Nearest   string     // of an unknown one, when one is near
}

// Name returns what is known of a key.
func (r *Registry) Name(key string) Name {
	n := Name{Key: key}
	a, ok := r.Attribute(key)
	if ok {
		n.Attribute = a
	}
	switch {
	case r.defined != nil && r.defined(key):
		n.Status = Accepted
	case ok && a.Deprecated != nil:
		n.Status = Deprecated
		if next, ok := r.Successor(key); ok {
			n.Successor = next
		}
	case ok:
		n.Status = Known
	case r.InNamespace(key):
		n.Status = Unknown
		n.Nearest, _ = r.NearestAttribute(key)
	}
	return n
}

// Problem says what is wrong with the name, "" when nothing is.
func (n Name) Problem() string {
	switch n.Status {
	case Deprecated:
		text := "attribute " + input.Quote(n.Key) + " is deprecated"
		if n.Successor != "" {
			return text + "; use " + input.Quote(n.Successor)
		}
		if d := n.Attribute.Deprecated; d.Note != "" {
			return text + ": " + d.Note
		}
		return text
	case Unknown:
		return fmt.Sprintf("the registry has no attribute %s", input.Quote(n.Key)) + input.DidYouMean(n.Nearest, n.Nearest != "")
	}
	return ""
}

// Deprecated returns the deprecation of a key, nil when the registry does not
// define it or it is in use.
func (r *Registry) Deprecated(key string) *Deprecation {
	if r.defined != nil && r.defined(key) {
		return nil
	}
	if a, ok := r.Attribute(key); ok {
		return a.Deprecated
	}
	return nil
}

// Successor returns the key that a deprecated one goes by today, over several
// renamings where there were some; the key itself and false when it has none.
func (r *Registry) Successor(key string) (string, bool) {
	found := false
	for range r.Attributes { // a circle of renamings ends
		d := r.Deprecated(key)
		if d == nil || d.Reason != Renamed || d.RenamedTo == "" {
			break
		}
		key, found = d.RenamedTo, true
	}
	return key, found
}

// Accept returns the registry as users of conventions see it: keys that defined
// reports are never unknown or deprecated. It is called with any key, and
// answers the same for the same.
func (r *Registry) Accept(defined func(key string) bool) *Registry {
	out := *r
	before := r.defined
	out.defined = func(key string) bool { return defined(key) || before != nil && before(key) }
	return &out
}
