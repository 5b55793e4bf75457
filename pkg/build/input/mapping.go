package input

import "strings"

// Map reads a mapping key by key. A key without a value counts as absent. Its
// readers return the fallback when the key is absent or its value is wrong;
// the latter also adds a problem.
type Map struct {
	Node *Node
	p    *Problems
}

// Entries returns the entries in file order.
func (m Map) Entries() []Entry { return m.Node.entries }

// Has reports whether the key is written, with or without a value.
func (m Map) Has(key string) bool {
	for _, e := range m.Node.entries {
		if e.Key == key {
			return true
		}
	}
	return false
}

// Get returns the value of a key, nil when it is absent.
func (m Map) Get(key string) *Node {
	for _, e := range m.Node.entries {
		if e.Key == key && e.Value.Kind != Null {
			return e.Value
		}
	}
	return nil
}

// At returns the position of a key's value, of the key when it has none or takes
// away what it is laid over, and of the mapping when the key is absent.
func (m Map) At(key string) Pos {
	for _, e := range m.Node.entries {
		if e.Key == key {
			if e.Value.Kind == Null {
				return e.Pos
			}
			return e.Value.Pos
		}
	}
	for _, e := range m.Node.removed {
		if e.Key == key {
			return e.Pos
		}
	}
	return m.Node.Pos
}

// Fail adds an error about a key: headed by its path, at its position.
func (m Map) Fail(key, format string, args ...any) {
	m.child(key).Fail(m.p, format, args...)
}

// Warn adds a warning about a key: headed by its path, at its position.
func (m Map) Warn(key, format string, args ...any) {
	m.child(key).Warn(m.p, format, args...)
}

func (m Map) child(key string) *Node {
	return &Node{Pos: m.At(key), parent: m.Node, label: key}
}

// Str reads a string, white space around it removed.
func (m Map) Str(key, fallback string) string {
	if n := m.Get(key); n != nil {
		if s, ok := n.Str(m.p); ok {
			return strings.TrimSpace(s)
		}
	}
	return fallback
}

// Need reads a string that must be there and not be blank.
func (m Map) Need(key string) string {
	n := m.Get(key)
	if n == nil {
		m.Fail(key, "missing")
		return ""
	}
	s, ok := n.Str(m.p)
	s = strings.TrimSpace(s)
	if ok && s == "" {
		n.Fail(m.p, "empty")
	}
	return s
}

// Bool reads a boolean.
func (m Map) Bool(key string, fallback bool) bool {
	if n := m.Get(key); n != nil {
		if b, ok := n.Bool(m.p); ok {
			return b
		}
	}
	return fallback
}

// Int reads an integer from low to high.
func (m Map) Int(key string, fallback, low, high int64) int64 {
	n := m.Get(key)
	if n == nil {
		return fallback
	}
	v, ok := n.Int(m.p)
	if !ok {
		return fallback
	}
	if v < 0 && low == 0 {
		n.Fail(m.p, "%d is negative", v)
		return fallback
	}
	if v < low || v > high {
		n.Fail(m.p, "%d is not between %d and %d", v, low, high)
		return fallback
	}
	return v
}

// Float reads a number from low to high.
func (m Map) Float(key string, fallback, low, high float64) float64 {
	if n := m.Get(key); n != nil {
		if v, ok := n.Within(m.p, low, high); ok {
			return v
		}
	}
	return fallback
}

// Within reads a number from low to high.
func (n *Node) Within(p *Problems, low, high float64) (float64, bool) {
	v, ok := n.Float(p)
	if !ok {
		return 0, false
	}
	if v < 0 && low == 0 && high != 1 {
		n.Fail(p, "%v is negative", v)
		return 0, false
	}
	if v < low || v > high {
		n.Fail(p, "%v is not between %v and %v", v, low, high)
		return 0, false
	}
	return v, true
}

// OneOf reads one of the allowed strings, upper and lower case alike.
func (m Map) OneOf(key, fallback string, allowed ...string) string {
	n := m.Get(key)
	if n == nil {
		return fallback
	}
	s, ok := n.Str(m.p)
	if !ok {
		return fallback
	}
	s = strings.ToLower(strings.TrimSpace(s))
	for _, a := range allowed {
		if s == a {
			return a
		}
	}
	n.Fail(m.p, "%s", Unknown("value", s, allowed))
	return fallback
}

// List reads a list; nil when the key is absent.
func (m Map) List(key string) []*Node {
	if n := m.Get(key); n != nil {
		items, _ := n.List(m.p)
		return items
	}
	return nil
}

// Strings reads a list of strings, or one string; blank ones are left out.
func (m Map) Strings(key string) []string {
	n := m.Get(key)
	if n == nil {
		return nil
	}
	items := []*Node{n}
	if n.Kind == List {
		items = n.items
	}
	var out []string
	for _, item := range items {
		if item.Kind == Null {
			continue
		}
		if s, ok := item.Str(m.p); ok && strings.TrimSpace(s) != "" {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

// Map reads a mapping with the given keys, as Node.Map does. It is empty, and
// false is returned, when the key is absent or its value is wrong.
func (m Map) Map(key string, keys ...string) (Map, bool) {
	n := m.Get(key)
	if n == nil {
		return Map{Node: &Node{Kind: Mapping, Pos: m.At(key), parent: m.Node, label: key}, p: m.p}, false
	}
	return n.Map(m.p, keys...)
}
