package build

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// RegistryScenario returns a scenario, as a file, of everything that a registry defines:
// each of its types of spans, metrics, events and entities that is not deprecated, once or
// more in every session. Each namespace of it is a service. The attributes are held to
// the registry that the plan is compiled with, which is this one or one that lies over it.
func RegistryScenario(r *registry.Registry) input.File {
	c := &registryCorpus{r: r, services: make(map[string]*corpusService), called: make(map[scenario.Protocol]bool)}
	c.spans()
	c.events()
	c.entities()
	c.metrics()
	return input.File{Name: input.Registry, Data: c.file()}
}

// registryCorpus writes a scenario. All names in it are quoted: they are of a registry.
type registryCorpus struct {
	r        *registry.Registry
	services map[string]*corpusService
	order    []*corpusService
	called   map[scenario.Protocol]bool // protocols of whose calls some are there
	roots    []string                   // of requests beside those of namespaces: SERVICE.OPERATION
}

// corpusService is a service of the scenario.
type corpusService struct {
	name       string
	head       []string // its other keys, with their values
	operations []string // lines, in any order of their names
	entities   []string
	instances  int      // so many as their attributes have members
	metrics    []string // lines
	calls      []string // what is done in the request of its namespace
}

// service returns the service of a name, with some keys when it is made.
func (c *registryCorpus) service(name string, head ...string) *corpusService {
	s, ok := c.services[name]
	if !ok {
		s = &corpusService{name: name, head: head}
		c.services[name] = s
		c.order = append(c.order, s)
	}
	return s
}

// plain returns the service of a namespace, whose operations are of no protocol.
func (c *registryCorpus) plain(name string) *corpusService {
	return c.service(spaceOf(name), "protocol: none")
}

// spaceOf is the namespace of a name.
func spaceOf(name string) string {
	space, _, _ := strings.Cut(name, ".")
	return space
}

// add adds an operation, and returns the name that calls give it.
func (s *corpusService) add(operation, body string) string {
	s.operations = append(s.operations, strconv.Quote(operation)+": {"+body+"}")
	return s.name + "." + operation
}

// do adds a call to the request of the namespace. Its failure is its own: the others
// are made all the same.
func (s *corpusService) do(call string) {
	s.calls = append(s.calls, "{"+call+", optional: true}")
}

// spans adds the types of spans: those that protocols emit by calls of these, and all
// others as operations that say of which type they are.
func (c *registryCorpus) spans() {
	for _, s := range c.r.Spans {
		if s.Deprecated != nil {
			continue
		}
		switch {
		case c.byProtocol(s):
		case answers(s):
			if _, ok := c.partner(s); !ok {
				c.roots = append(c.roots, c.typed(s, spaceOf(s.Type), ""))
			}
		default:
			calls := ""
			if other, ok := c.partner(s); ok {
				calls = "calls: [" + strconv.Quote(c.typed(other, spaceOf(s.Type)+"-server", "")) + "]"
			}
			c.plain(s.Type).do("call: " + strconv.Quote(c.typed(s, spaceOf(s.Type), calls)))
		}
	}
}

// typed adds an operation of a type to a service, and returns what calls name it by.
func (c *registryCorpus) typed(s *registry.Span, service, more string) string {
	body := "type: " + strconv.Quote(s.Type) + ", " + filled
	if often, types := failsWith(s); often != "" {
		body += ", error: {rate: " + often + types + "}"
	}
	if more != "" {
		body += ", " + more
	}
	return c.service(service, "protocol: none").add(s.Type, body)
}

// maxErrorTypes is with how many errors an operation fails.
const maxErrorTypes = 5

// failsWith says how often spans of a type fail, empty for never, and with what where the
// registry says it.
func failsWith(s *registry.Span) (often, text string) {
	use, ok := s.Attribute("error.type")
	if !ok {
		return "", ""
	}
	if often = "20%"; use.Level == registry.Required {
		often = "100%"
	}
	var types []string
	for _, v := range use.Attribute.Candidates() {
		q := strconv.Quote(v.Text)
		if v.List == nil && v.Text != "" && !strings.ContainsAny(v.Text, " \t\n") && len(types) < maxErrorTypes && !slices.Contains(types, q) {
			types = append(types, q)
		}
	}
	if len(types) > 0 {
		text = ", types: [" + strings.Join(types, ", ") + "]"
	}
	return often, text
}

// pairs are the last parts of types of spans that ask, and that answer.
var pairs = [][2]string{{".client", ".server"}, {".producer", ".consumer"}}

// partner returns the type of the spans at the other end of those of a type, which no
// protocol emits: of who asks that of who answers, and the other way round.
func (c *registryCorpus) partner(s *registry.Span) (*registry.Span, bool) {
	from, to := 0, 1
	if answers(s) {
		from, to = 1, 0
	}
	for _, p := range pairs {
		base, ok := strings.CutSuffix(s.Type, p[from])
		if !ok {
			continue
		}
		other, ok := c.r.Span(base + p[to])
		if !ok || other.Deprecated != nil || answers(other) == answers(s) {
			continue
		}
		if _, _, emitted := plan.ProtocolOf(other.Type); !emitted {
			return other, true
		}
	}
	return nil, false
}

// answers reports whether spans of a type answer others.
func answers(s *registry.Span) bool {
	return s.Kind == otlp.SpanKindServer || s.Kind == otlp.SpanKindConsumer
}

// events adds an operation for each event, which logs it: as a rule with what is
// recommended, now and then with all that there is or with what is required alone.
func (c *registryCorpus) events() {
	for _, e := range c.r.Events {
		if e.Deprecated != nil || e.Name == "" {
			continue
		}
		s := c.plain(e.Name)
		var either []string
		for _, fill := range []struct{ level, weight string }{{"recommended", "3"}, {"opt_in", "1"}, {"required", "1"}} {
			name := s.add("event "+e.Name+" "+fill.level, "own: 1, logs: [{event: "+strconv.Quote(e.Name)+", fill: "+fill.level+"}]")
			either = append(either, "{call: "+strconv.Quote(name)+", weight: "+fill.weight+"}")
		}
		s.do("one_of: [" + strings.Join(either, ", ") + "]")
	}
}

// entities adds each entity to the resource of the service of its namespace.
func (c *registryCorpus) entities() {
	for _, e := range c.r.Entities {
		if e.Deprecated == nil {
			s := c.plain(e.Type)
			s.entities = append(s.entities, strconv.Quote(e.Type))
			for _, use := range slices.Concat(e.Identity, e.Description) {
				s.instances = max(s.instances, min(len(use.Attribute.Type.Values()), maxVariants))
			}
		}
	}
}

// file returns the scenario.
func (c *registryCorpus) file() []byte {
	var b strings.Builder
	b.WriteString("name: " + input.Registry + "\ndescription: Everything that the registry defines.\nconversation: {think_time: 20ms}\nsession:\n")
	for _, s := range c.order {
		if s.calls == nil && (s.entities != nil || s.operations == nil) { // which is there where it does something
			s.do("span: work, own: 1")
		}
		if s.calls != nil {
			b.WriteString("  - " + strconv.Quote(s.add("use "+s.name, "own: 1, calls: ["+strings.Join(s.calls, ", ")+"]")) + "\n")
		}
	}
	for _, root := range c.roots {
		b.WriteString("  - " + strconv.Quote(root) + "\n")
	}
	b.WriteString("services:\n")
	for _, s := range c.order {
		b.WriteString("  " + strconv.Quote(s.name) + ":\n    " + strings.Join(s.head, "\n    ") + "\n")
		if s.entities != nil {
			fmt.Fprintf(&b, "    instances: %d\n", max(s.instances, 1))
			b.WriteString("    entities: [" + strings.Join(s.entities, ", ") + "]\n")
		}
		if s.metrics != nil {
			b.WriteString("    metrics:\n      " + strings.Join(s.metrics, "\n      ") + "\n")
		}
		b.WriteString("    operations:\n")
		for _, o := range s.operations {
			b.WriteString("      " + o + "\n")
		}
	}
	return []byte(b.String())
}
