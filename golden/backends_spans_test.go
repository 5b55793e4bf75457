package golden

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// typesOfSpans says which types of spans there are, what each truly is, and by
// what it is known in a vocabulary: kind, and the name or its first word.
// "*" is the prefix of the vendor.
const typesOfSpans = `
cp.request               -         SERVER    cp.request
request.validation       -         SERVER    *.request.validation
validation.payload       -         INTERNAL  *.validation.payload
validation.policy        -         INTERNAL  *.validation.policy
augmentation             -         INTERNAL  *.augmentation
a2a.forward              -         CLIENT    a2a.forward
a2a.forward              -         CLIENT    POST
a2a.serve                -         SERVER    POST
a2a.orchestrate          agent     SERVER    *.a2a.orchestrate
planner                  plan      INTERNAL  *.planner
task.execute             -         INTERNAL  *.task.execute
context.augment          -         INTERNAL  *.context.augment
rag.retrieve             retrieval INTERNAL  rag.retrieve
tools.recommend          -         INTERNAL  *.tools.recommend
llm.call                 model     CLIENT    *.llm.call
llm.tool.response.bridge -         INTERNAL  *.llm.tool.response.bridge
mcp.tool.execute         tool      CLIENT    *.mcp.tool.execute
mcp.tool.execute.attempt tool      CLIENT    *.mcp.tool.execute.attempt
mcp.tool.serve           tool      SERVER    mcp.tool.serve
a2a.call                 agent     CLIENT    a2a.call
response.compose         -         INTERNAL  *.response.compose
response.validation      -         SERVER    *.response.validation
a2a.orchestrate          agent     INTERNAL  invoke_agent
planner                  plan      INTERNAL  plan
llm.call                 model     CLIENT    chat
mcp.tool.execute         tool      INTERNAL  execute_tool
mcp.tool.execute.attempt tool      CLIENT    tools/call
mcp.tool.serve           tool      SERVER    tools/call
a2a.call                 agent     CLIENT    invoke_agent
rag.retrieve             retrieval CLIENT    retrieval
`

// spanType is a row of it.
type spanType struct {
	name, role string
	kind, by   string
}

var spanTypes = parseTypes(typesOfSpans)

func parseTypes(text string) (out []spanType) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := strings.Fields(line)
		out = append(out, spanType{f[0], f[1], f[2], f[3]})
	}
	return out
}

// observed is a span as a backend gets it.
type observed struct {
	name, kind, service string
	bare                string // the name with "*" for the vendor's prefix
	trace, id, above    string
	start               uint64
	attrs               attributes // names of the vendor begin with "*"
	parent              *observed
	at                  string
	of                  *spanType // nil if nothing is known by its name
}

// observe returns the spans of a corpus, by trace in the order of records.
func observe(e *evidence) [][]*observed {
	traces := make(map[string][]*observed)
	var order []string
	for _, m := range e.messages {
		for _, rs := range m.ResourceSpans {
			resource, _ := readAttributes(rs.Resource.GetAttributes(), e.prefix)
			for _, ss := range rs.ScopeSpans {
				for _, p := range ss.Spans {
					s := &observed{
						name: p.Name, kind: strings.TrimPrefix(p.Kind.String(), "SPAN_KIND_"), service: resource.str("service.name"),
						trace: fmt.Sprintf("%x", p.TraceId), id: fmt.Sprintf("%x", p.SpanId), above: fmt.Sprintf("%x", p.ParentSpanId),
						start: p.StartTimeUnixNano,
					}
					s.attrs, _ = readAttributes(p.Attributes, e.prefix)
					s.at = fmt.Sprintf("trace %s span %s", s.trace, s.id)
					s.bare = s.name
					if rest, ok := strings.CutPrefix(s.name, e.prefix+"."); ok {
						s.bare = "*." + rest
					}
					s.classify()
					if traces[s.trace] == nil {
						order = append(order, s.trace)
					}
					traces[s.trace] = append(traces[s.trace], s)
				}
			}
		}
	}
	var out [][]*observed
	for _, id := range order {
		join(traces[id])
		out = append(out, traces[id])
	}
	return out
}

func join(trace []*observed) {
	byID := make(map[string]*observed)
	for _, s := range trace {
		byID[s.id] = s
	}
	for _, s := range trace {
		s.parent = byID[s.above]
	}
	slices.SortStableFunc(trace, func(a, b *observed) int { return cmp.Compare(a.start, b.start) })
}

// classify finds the type of a span by its name and kind.
func (s *observed) classify() {
	word, _, _ := strings.Cut(s.bare, " ")
	for i := range spanTypes {
		t := &spanTypes[i]
		if s.kind == t.kind && (word == t.by || word == "*."+t.by) {
			s.of = t
			return
		}
	}
}
