package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// SpanType is a type of span that a root tree can name.
type SpanType struct {
	Name      string // without a namespace
	Kind      uint8  // an otlp.SpanKind
	Component string // value of the resource attribute "component"; empty: control plane
	Bare      bool   // emitted without the runtime prefix
}

// SpanTypes lists all span types, in byte order of their names.
var SpanTypes = []SpanType{
	{Name: "a2a.call", Kind: otlp.SpanKindClient, Component: "orchestrator", Bare: true},
	{Name: "a2a.orchestrate", Kind: otlp.SpanKindServer, Component: "orchestrator"},
	{Name: "augmentation", Kind: otlp.SpanKindInternal},
	{Name: "context.augment", Kind: otlp.SpanKindInternal, Component: "retrieval"},
	{Name: "cp.request", Kind: otlp.SpanKindServer, Bare: true},
	{Name: "llm.call", Kind: otlp.SpanKindClient, Component: "llm"},
	{Name: "llm.tool.response.bridge", Kind: otlp.SpanKindInternal, Component: "llm"},
	{Name: "mcp.tool.execute", Kind: otlp.SpanKindClient, Component: "mcp_client"},
	{Name: "mcp.tool.execute.attempt", Kind: otlp.SpanKindClient, Component: "mcp_client"},
	{Name: "planner", Kind: otlp.SpanKindInternal, Component: "planning"},
	{Name: "rag.retrieve", Kind: otlp.SpanKindInternal, Component: "retrieval", Bare: true},
	{Name: "request.validation", Kind: otlp.SpanKindServer},
	{Name: "response.compose", Kind: otlp.SpanKindInternal, Component: "orchestrator"},
	{Name: "response.validation", Kind: otlp.SpanKindServer},
	{Name: "task.execute", Kind: otlp.SpanKindInternal, Component: "orchestrator"},
	{Name: "tools.recommend", Kind: otlp.SpanKindInternal, Component: "tool_recommender"},
	{Name: "validation.payload", Kind: otlp.SpanKindInternal},
	{Name: "validation.policy", Kind: otlp.SpanKindInternal},
}

// FindSpanType returns the span type of a name without namespace.
func FindSpanType(name string) (SpanType, bool) {
	for _, t := range SpanTypes {
		if t.Name == name {
			return t, true
		}
	}
	return SpanType{}, false
}

// bareType removes a namespace from a span type. Some bare names begin with
// what looks like a namespace (a2a.call), so the whole name is tried first.
func bareType(name string, prefixes []string) (string, bool) {
	if _, ok := FindSpanType(name); ok {
		return name, true
	}
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok {
			if _, ok := FindSpanType(rest); ok {
				return rest, true
			}
		}
	}
	return "", false
}

func spanTypeNames() []string {
	names := make([]string, len(SpanTypes))
	for i, t := range SpanTypes {
		names[i] = t.Name
	}
	return names
}
