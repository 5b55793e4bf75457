package coverage

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// Counted is what of a registry counts, and by what it is known in a corpus. It is
// immutable and safe for concurrent use.
type Counted struct {
	signals    []signal
	named      [numKinds]map[string]int32 // signals by name
	entities   map[int32][]int32          // signals that may be there when a key is
	attributes []attribute
	names      []string           // keys, by number
	numbers    map[string]int32   // keys by name
	own        map[int32]int32    // attributes by number of their key
	templates  map[int32]struct{} // numbers of keys that are what names begin with
	uses       []registry.Level   // of all signals
	members    int                // of all attributes
	systems    map[string]service // by name
}

// kind is what a definition is of.
type kind uint8

const (
	spans kind = iota
	metrics
	events
	entities
	numKinds
)

// signal is a type of span, a metric, an event or an entity.
type signal struct {
	kind     kind
	name     string
	keys     []int32 // numbers of the keys that it uses, rising
	first    int32   // the use of the first of them; those of the others follow
	required []int32 // keys that are always there; of an entity, which tell it
	any      bool    // an entity that nothing tells: any of its keys does
}

// attribute is one that the registry defines.
type attribute struct {
	key     string
	first   int32            // of its members
	members map[string]int32 // values of an enumeration; nil: it is none
	values  []string         // the same in order
}

// service is what a service of a system emits: its spans by name.
type service map[string][]semconv.SystemSpan

// Of returns what of a registry counts: all that it defines, but for what is deprecated
// and for refinements. Enumerations of one member are lists of nothing: it stands for
// all others. The conventions are those of the corpus, which say of what types the
// spans of systems are; nil: they cannot be read, so no span is of a type.
func Of(r *registry.Registry, conventions *semconv.Conventions) *Counted {
	c := &Counted{
		numbers: make(map[string]int32), own: make(map[int32]int32), templates: make(map[int32]struct{}),
		entities: make(map[int32][]int32), systems: make(map[string]service),
	}
	for k := range c.named {
		c.named[k] = make(map[string]int32)
	}
	for _, a := range r.Attributes {
		if a.Deprecated == nil {
			c.attribute(a)
		}
	}
	for _, s := range r.Spans {
		if s.Deprecated == nil {
			c.signal(spans, s.Type, s.Attributes)
		}
	}
	for _, m := range r.Metrics {
		if m.Deprecated == nil {
			c.signal(metrics, m.Name, m.Attributes)
		}
	}
	for _, e := range r.Events {
		if e.Deprecated == nil {
			c.signal(events, e.Name, e.Attributes)
		}
	}
	for _, e := range r.Entities {
		if e.Deprecated == nil {
			c.entity(e)
		}
	}
	if conventions != nil {
		c.emitted(conventions)
	}
	return c
}

// number returns the number of a key.
func (c *Counted) number(a *registry.Attribute) int32 {
	n, ok := c.numbers[a.Key]
	if !ok {
		n = int32(len(c.names))
		c.numbers[a.Key] = n
		c.names = append(c.names, a.Key)
	}
	if a.Type.Template {
		c.templates[n] = struct{}{}
	}
	return n
}

func (c *Counted) attribute(a *registry.Attribute) {
	x := attribute{key: a.Key, first: int32(c.members)}
	if len(a.Type.Members) > 1 {
		x.members = make(map[string]int32)
		for _, m := range a.Type.Members {
			if _, ok := x.members[m.Value]; ok || m.Deprecated != nil {
				continue
			}
			x.members[m.Value] = int32(c.members)
			x.values = append(x.values, m.Value)
			c.members++
		}
	}
	c.own[c.number(a)] = int32(len(c.attributes))
	c.attributes = append(c.attributes, x)
}

// signal counts a definition, and returns which signal it is.
func (c *Counted) signal(k kind, name string, uses []registry.Use) int32 {
	x := signal{kind: k, name: name, first: int32(len(c.uses))}
	levels := make(map[int32]registry.Level)
	for _, u := range uses {
		if u.Attribute.Deprecated != nil {
			continue
		}
		n := c.number(u.Attribute)
		x.keys = append(x.keys, n)
		levels[n] = u.Level
		if u.Level == registry.Required {
			x.required = append(x.required, n)
		}
	}
	slices.Sort(x.keys)
	x.keys = slices.Compact(x.keys)
	for _, n := range x.keys {
		c.uses = append(c.uses, levels[n])
	}
	i := int32(len(c.signals))
	c.signals = append(c.signals, x)
	c.named[k][name] = i
	return i
}

func (c *Counted) entity(e *registry.Entity) {
	i := c.signal(entities, e.Type, slices.Concat(e.Identity, e.Description))
	x := &c.signals[i]
	x.required = nil
	for _, u := range e.Identity {
		if n, ok := c.numbers[u.Attribute.Key]; ok && u.Attribute.Deprecated == nil {
			x.required = append(x.required, n)
		}
	}
	if x.any = len(x.required) == 0; !x.any {
		c.entities[x.required[0]] = append(c.entities[x.required[0]], i)
		return
	}
	for _, n := range x.keys {
		c.entities[n] = append(c.entities[n], i)
	}
}

// emitted takes from the conventions of what types the spans of systems are.
func (c *Counted) emitted(conventions *semconv.Conventions) {
	for i := range conventions.Systems {
		def := &conventions.Systems[i]
		s := c.systems[def.Service]
		if s == nil {
			s = make(service)
			c.systems[def.Service] = s
		}
		for _, span := range def.Spans {
			s[span.Name] = append(s[span.Name], span)
		}
	}
}

// numbersOf returns the numbers of the keys that a name is of: that of itself, then
// those of templates, the longest first.
func (c *Counted) numbersOf(name string) (all []int32) {
	if n, ok := c.numbers[name]; ok {
		all = append(all, n)
	}
	for prefix := name; ; {
		dot := strings.LastIndexByte(prefix, '.')
		if dot < 0 {
			return all
		}
		prefix = prefix[:dot]
		n, ok := c.numbers[prefix]
		if _, template := c.templates[n]; ok && template && len(prefix)+1 < len(name) {
			all = append(all, n)
		}
	}
}
