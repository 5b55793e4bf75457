package verify

import (
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

// add counts what one record holds.
func (c *cardinality) add(t *otlp.Traces) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range t.Resources {
		service, instance := "", ""
		for _, a := range t.Attrs[r.Attrs.Start:r.Attrs.End] {
			switch t.Strings.String(a.Key) {
			case serviceKey:
				service = textOf(t, a)
			case instanceKey:
				instance = textOf(t, a)
			}
		}
		of := c.instances[service]
		if len(c.instances) >= maxCounted || len(of) >= maxCounted {
			continue
		}
		if of == nil {
			of = make(map[string]struct{})
			c.instances[service] = of
		}
		of[instance] = struct{}{}
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		for _, a := range t.Attrs[s.Attrs.Start:s.Attrs.End] {
			if strings.HasSuffix(t.Strings.String(a.Key), userSuffix) {
				if len(c.users) < maxCounted {
					c.users[textOf(t, a)] = struct{}{}
				}
			}
		}
	}
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
			declared = several * turns
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

// textOf returns the value of a string attribute, "" of another.
func textOf(t *otlp.Traces, a otlp.Attr) string {
	switch a.Kind {
	case otlp.KindString:
		return t.Strings.String(otlp.StringID(a.Word))
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return string(t.Text[r.Start:r.End])
	}
	return ""
}
