package verify

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// cardinality counts the different users and instances of a corpus, which may
// not be more than its manifest declares. Any number of checks feed it.
type cardinality struct {
	mu        sync.Mutex
	users     map[string]struct{}
	instances map[string]map[string]struct{} // by service
	systems   map[string]uint64              // instances at a time of services of systems
}

func newCardinality() *cardinality {
	return &cardinality{users: make(map[string]struct{}), instances: make(map[string]map[string]struct{}), systems: make(map[string]uint64)}
}

// Attributes that tell users, services and their instances apart. Users go by
// a vendor's name, or by the standard one.
const (
	userSuffix  = ".enduser.pseudo.id"
	serviceKey  = "service.name"
	instanceKey = "service.instance.id"
)

// counter returns what counts for one check.
func (c *cardinality) counter() *counter {
	return &counter{all: c, users: make(map[string]struct{}), instances: make(map[string]struct{})}
}

// counter counts for one check, and tells of what is new to it only.
type counter struct {
	all       *cardinality
	strings   *otlp.Strings
	keys      []counted // by StringID of strings
	users     map[string]struct{}
	instances map[string]struct{} // by service and instance
	last      []byte              // the user that came last
	pair      []byte              // scratch
}

// counted says what the attributes of a name tell apart.
type counted uint8

const (
	notLooked counted = iota
	nothing
	users
	services
	instances
)

// key returns what the attributes of a name tell apart.
func (c *counter) key(id otlp.StringID) counted {
	if c.keys[id] == notLooked {
		switch name := c.strings.String(id); {
		case name == serviceKey:
			c.keys[id] = services
		case name == instanceKey:
			c.keys[id] = instances
		case strings.HasSuffix(name, userSuffix):
			c.keys[id] = users
		default:
			c.keys[id] = nothing
		}
	}
	return c.keys[id]
}

// add counts what one record holds.
func (c *counter) add(t *otlp.Traces) {
	if t.Strings != c.strings {
		c.strings, c.keys = t.Strings, c.keys[:0]
	}
	for len(c.keys) < t.Strings.Len() {
		c.keys = append(c.keys, notLooked)
	}
	for _, r := range t.Resources {
		var service, instance []byte
		for i := r.Attrs.Start; i < r.Attrs.End; i++ {
			switch a := &t.Attrs[i]; c.key(a.Key) {
			case services:
				service = textOf(t, a)
			case instances:
				instance = textOf(t, a)
			}
		}
		c.pair = binary.LittleEndian.AppendUint32(c.pair[:0], uint32(len(service)))
		c.pair = append(append(c.pair, service...), instance...)
		if _, ok := c.instances[string(c.pair)]; !ok {
			if len(c.instances) < maxCounted {
				c.instances[string(c.pair)] = struct{}{}
			}
			c.all.instance(string(service), string(instance))
		}
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		for k := s.Attrs.Start; k < s.Attrs.End; k++ {
			if a := &t.Attrs[k]; c.key(a.Key) == users {
				c.user(textOf(t, a))
			}
		}
	}
}

// user counts a user.
func (c *counter) user(name []byte) {
	if bytes.Equal(name, c.last) && len(c.users) > 0 {
		return
	}
	c.last = append(c.last[:0], name...)
	if _, ok := c.users[string(name)]; ok {
		return
	}
	if len(c.users) < maxCounted {
		c.users[string(name)] = struct{}{}
	}
	c.all.user(string(name))
}

func (c *cardinality) user(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.users) < maxCounted {
		c.users[name] = struct{}{}
	}
}

func (c *cardinality) instance(service, instance string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	of := c.instances[service]
	if len(c.instances) >= maxCounted || len(of) >= maxCounted {
		return
	}
	if of == nil {
		of = make(map[string]struct{})
		c.instances[service] = of
	}
	of[instance] = struct{}{}
}

// findings says what there is more of than m declares.
func (c *cardinality) findings(m *corpus.Manifest) []Group {
	var out []Group
	more := func(path, format string, args ...any) {
		out = append(out, found(ruleCardinality, corpus.ManifestFile, path, format, args...))
	}
	if n := uint64(len(c.users)); m.Users > 0 && n > m.Users {
		more("users", "%s, it declares %d", text.Counted(n, "different user"), m.Users)
	}
	for _, service := range slices.Sorted(maps.Keys(c.instances)) {
		declared := m.Instances
		if several, ok := c.systems[service]; ok {
			declared = max(several*turns, 1) // one without a name
		}
		if n := uint64(len(c.instances[service])); m.Instances > 0 && n > declared {
			more("instances", "%s of %s, it declares %d", text.Counted(n, "instance"), service, declared)
		}
	}
	if len(out) > maxCardinalityFindings {
		out = out[:maxCardinalityFindings]
	}
	return out
}

const (
	// maxCounted bounds how many users, services and instances are told apart:
	// a corpus can hold any number of them.
	maxCounted = 1 << 20
	// maxCardinalityFindings bounds what is said of services.
	maxCardinalityFindings = 20
)

// textOf returns the value of a string attribute, nil of another.
func textOf(t *otlp.Traces, a *otlp.Attr) []byte {
	switch a.Kind {
	case otlp.KindString:
		return []byte(t.Strings.String(otlp.StringID(a.Word)))
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return t.Text[r.Start:r.End]
	}
	return nil
}
