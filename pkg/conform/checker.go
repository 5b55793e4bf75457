package conform

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Finding is one thing that telemetry does and the conventions do not allow.
type Finding struct {
	Span int    // index into Traces.Spans
	Rule string // which rule it breaks: one of Rules
	Text string // what is wrong, in words

	// Resource says that it is about the resource of the span, which others have
	// too: the same words about another span are the same problem.
	Resource bool
}

// Checker holds emitted telemetry to the conventions: to what their file says,
// and to what it takes for spans to agree with each other. It remembers what
// it has looked up and is not safe for concurrent use.
type Checker struct {
	// Lenient leaves alone what a scenario's author may decide: where spans of a
	// tree stand, what attributes of his own they carry, and what his
	// conventions do not define. Set it before the first use.
	Lenient bool
	// Content is what a corpus may hold of conversations whatever its scenarios
	// say: "none", "raw" or "redacted". Any other value leaves it to them.
	Content string
	// Parts says that a record may hold parts of traces. Then only what a single
	// span shows is judged.
	Parts bool
	// Registry is what spans of systems are held to; nil: the bundled one. Set it
	// before the first use.
	Registry *registry.Registry
	// Origin, when set, says which session and which request of it a trace is of.
	// Without it, what spans of a system say is of one request and one session as far
	// as it is of one trace.
	Origin func(otlp.TraceID) (session, request uint64)

	c      *semconv.Conventions
	dict   *semconv.Dictionary
	prefix string
	older  bool // the conventions are from before messages had parts

	strings *otlp.Strings // the table that names and keys are of
	names   []*spanRules  // by StringID of strings; nil: not looked up
	keys    []*keyInfo    // by StringID of strings
	spans   map[string]*spanRules
	types   map[string]*spanRules // by type without namespace, where names are templates
	naming  naming
	slots   [numSlots]string    // canonical names
	canon   map[string]*keyInfo // by canonical name
	numbers int                 // canonical names so far
	texts   map[string]string
	own     resourceRules

	services   map[string]*service // of systems, by name; nil: not looked up, or none
	inRegistry *registry.Registry

	record recordState
	common bool // it is a resource that is being judged
	alone  Session
	report func(Finding)
}

// maxRemembered bounds what hostile telemetry can make a checker remember.
const maxRemembered = 1000

// NewChecker returns a checker for telemetry with the given runtime prefix.
func NewChecker(c *semconv.Conventions, prefix string) *Checker {
	k := &Checker{
		c: c, dict: c.Dictionary(prefix), prefix: prefix,
		spans: make(map[string]*spanRules), types: make(map[string]*spanRules), naming: newNaming(c, prefix), texts: make(map[string]string),
	}
	_, ok := k.dict.Lookup("gen_ai.provider.name")
	k.older = !ok
	k.slots = k.slotsCalled()
	k.forget()
	k.alone.k = k
	return k
}

// Traces reports everything in a record that the conventions do not allow,
// looking at nothing else. Findings on single spans come first, in their order.
func (k *Checker) Traces(t *otlp.Traces, report func(Finding)) {
	k.alone.reset()
	k.alone.system.reset()
	k.judge(t, &k.alone, report)
}

// Values reports only what Traces reports of the values of attributes that the
// conventions define. Telemetry that carries more than they do, or less, is
// its maker's business.
func (k *Checker) Values(t *otlp.Traces, report func(Finding)) {
	k.begin(t, report)
	for i := range t.Spans {
		s := &t.Spans[i]
		if k.ofService(t, s) != nil {
			continue // what the conventions define is not about it
		}
		rules := k.rulesFor(t, s)
		k.values(t, i, s.Attrs, rules)
		for _, e := range t.Events[s.Events.Start:s.Events.End] {
			k.values(t, i, e.Attrs, rules)
		}
	}
}

// judge holds a record to every rule; s remembers the records before it.
func (k *Checker) judge(t *otlp.Traces, s *Session, report func(Finding)) {
	k.begin(t, report)
	r := &k.record
	r.fill(k, t)
	k.common = true
	for i := range r.resources {
		if r.resources[i].service != nil {
			k.systemResource(i)
		} else {
			k.resource(i)
		}
	}
	k.common = false
	for i := range r.spans {
		if r.spans[i].system > 0 {
			k.systemSpan(i)
		} else {
			k.span(i)
		}
	}
	if k.Parts {
		return
	}
	k.trees()
	k.calls()
	s.take()
	s.systems()
}

// begin prepares for a record. What was looked up by id is of one table.
func (k *Checker) begin(t *otlp.Traces, report func(Finding)) {
	k.report = report
	k.record.t = t
	if t.Strings != k.strings {
		k.strings = t.Strings
		clear(k.names)
		clear(k.keys)
		k.names, k.keys = k.names[:0], k.keys[:0]
		if len(k.canon) > maxRemembered {
			k.forget()
		}
	}
	if k.services == nil && len(k.c.Systems) > 0 {
		k.systems()
	}
	if n := t.Strings.Len(); n > len(k.names) {
		k.names = append(k.names, make([]*spanRules, n-len(k.names))...)
		k.keys = append(k.keys, make([]*keyInfo, n-len(k.keys))...)
	}
}

// fail reports a finding about a span, unless the rule is none for telemetry
// that others have shaped.
func (k *Checker) fail(span int, rule, format string, args ...any) {
	if k.Lenient && authors[rule] {
		return
	}
	k.report(Finding{Span: span, Rule: rule, Text: fmt.Sprintf(format, args...), Resource: k.common})
}
