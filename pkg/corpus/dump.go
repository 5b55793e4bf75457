package corpus

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// AppendTrees appends the spans of t to dst as text: each trace as a tree with
// offsets from its start, durations, kinds and what failed. With full come all
// attributes, events and links. It prints what is there, however broken: spans
// whose parent is missing, or that are their own ancestors, stand at the top
// level and say so. The text is ASCII and a function of t alone.
func AppendTrees(dst []byte, t *otlp.Traces, full bool) []byte {
	return AppendRequest(dst, t, new(otlp.Logs), full)
}

// AppendRequest is AppendTrees with the log records of l in their places: below
// their spans, between the children as time has it. Records whose span is not
// there follow its trace, and those whose trace is not there follow all.
func AppendRequest(dst []byte, t *otlp.Traces, l *otlp.Logs, full bool) []byte {
	var order []otlp.TraceID
	members := make(map[otlp.TraceID][]uint32)
	for i := range t.Spans {
		id := t.Spans[i].TraceID
		if members[id] == nil {
			order = append(order, id)
		}
		members[id] = append(members[id], uint32(i))
	}
	logs := make(map[otlp.TraceID][]uint32)
	for i := range l.Records {
		id := l.Records[i].TraceID
		if members[id] == nil && logs[id] == nil {
			order = append(order, id)
		}
		logs[id] = append(logs[id], uint32(i))
	}
	for _, id := range order {
		p := treePrinter{textPrinter: textPrinter{source: sourceOf(t), dst: dst}, t: t, l: l, full: full}
		p.trace(id, members[id], logs[id])
		dst = p.dst
	}
	return dst
}

// treePrinter prints one trace.
type treePrinter struct {
	textPrinter
	t         *otlp.Traces
	l         *otlp.Logs
	full      bool
	start     uint64 // of the trace
	resources []uint32
	services  []string // their distinct names, quoted
	children  map[otlp.SpanID][]uint32
	logs      map[otlp.SpanID][]uint32
	seen      map[uint32]bool
}

// maxIndent is the depth from which on a tree is indented no further, so that
// a chain of a million spans prints at all.
const maxIndent = 64

func (p *treePrinter) trace(id otlp.TraceID, spans, logs []uint32) {
	ids := p.head(id, spans, logs)
	p.resourceLines()

	p.logs = make(map[otlp.SpanID][]uint32)
	slices.SortStableFunc(logs, func(a, b uint32) int {
		return cmp.Compare(p.l.Records[a].Time, p.l.Records[b].Time)
	})
	for _, i := range logs {
		span := p.l.Records[i].SpanID
		p.logs[span] = append(p.logs[span], i)
	}
	var roots []uint32
	p.children = make(map[otlp.SpanID][]uint32, len(spans))
	p.seen = make(map[uint32]bool, len(spans))
	for _, i := range p.byTime(spans) {
		parent := p.t.Spans[i].ParentID
		if parent == (otlp.SpanID{}) || !ids[parent] {
			roots = append(roots, i)
		} else {
			p.children[parent] = append(p.children[parent], i)
		}
	}
	for _, i := range roots {
		note := ""
		if parent := p.t.Spans[i].ParentID; parent != (otlp.SpanID{}) {
			note = "  (parent " + hex.EncodeToString(parent[:]) + " is not here)"
		}
		p.tree(i, nil, "", note)
	}
	for _, i := range p.byTime(spans) {
		if !p.seen[i] {
			p.tree(i, nil, "", "  (its own ancestor)")
		}
	}
	for _, i := range logs {
		if span := p.l.Records[i].SpanID; !ids[span] {
			p.logLine(i, nil, "", "  (span "+hex.EncodeToString(span[:])+" is not here)")
		}
	}
}

// head prints what a trace is and returns the ids of its spans.
func (p *treePrinter) head(id otlp.TraceID, spans, logs []uint32) map[otlp.SpanID]bool {
	p.start = ^uint64(0)
	end := uint64(0)
	ids := make(map[otlp.SpanID]bool, len(spans))
	for _, i := range spans {
		s := &p.t.Spans[i]
		p.start, end = min(p.start, s.Start), max(end, s.End)
		ids[s.SpanID] = true
		if !slices.Contains(p.resources, s.Resource) {
			p.resources = append(p.resources, s.Resource)
		}
	}
	if len(spans) == 0 {
		for _, i := range logs {
			t := p.l.Records[i].Time
			p.start, end = min(p.start, t), max(end, t)
		}
	}
	p.printf("trace %s  %d spans  ", hex.EncodeToString(id[:]), len(spans))
	if len(logs) > 0 {
		p.printf("%d logs  ", len(logs))
	}
	p.duration(p.start, end)
	p.printf("  from %s\n", Nanos(p.start))
	return ids
}

// byTime returns spans sorted by start, the order of the record deciding ties.
func (p *treePrinter) byTime(spans []uint32) []uint32 {
	sorted := slices.Clone(spans)
	slices.SortStableFunc(sorted, func(a, b uint32) int {
		return cmp.Compare(p.t.Spans[a].Start, p.t.Spans[b].Start)
	})
	return sorted
}

// tree prints span i and what is below it. Prefix is what stands before the
// lines of its children, branch what stands before its own name.
func (p *treePrinter) tree(i uint32, prefix []byte, branch, note string) {
	p.seen[i] = true
	s := &p.t.Spans[i]
	children := p.children[s.SpanID]
	logs := p.logs[s.SpanID]
	// Of spans with one id only the first has the children.
	delete(p.children, s.SpanID)
	delete(p.logs, s.SpanID)
	p.spanLine(s, prefix, branch, note)
	inner := prefix
	if len(prefix) < 3*maxIndent {
		switch branch {
		case "|- ":
			inner = append(slices.Clip(prefix), "|  "...)
		case "`- ":
			inner = append(slices.Clip(prefix), "   "...)
		}
	}
	if p.full {
		p.details(s, inner, len(children)+len(logs) > 0)
	}
	for len(children)+len(logs) > 0 {
		branch := "|- "
		if len(children)+len(logs) == 1 {
			branch = "`- "
		}
		// What is told when a span starts comes first: it announces that span.
		if len(logs) > 0 && (len(children) == 0 || p.l.Records[logs[0]].Time <= p.t.Spans[children[0]].Start) {
			p.logLine(logs[0], inner, branch, "")
			logs = logs[1:]
			continue
		}
		if !p.seen[children[0]] {
			p.tree(children[0], inner, branch, "")
		}
		children = children[1:]
	}
}

// The columns before the tree: offset from the start of the trace, duration.
const (
	offsetWidth   = 12
	durationWidth = 11
)

func (p *treePrinter) spanLine(s *otlp.Span, prefix []byte, branch, note string) {
	p.column(offsetWidth, func() {
		p.printf("+")
		p.duration(p.start, s.Start)
	})
	p.column(durationWidth, func() { p.duration(s.Start, s.End) })
	p.printf("  %s%s", prefix, branch)
	p.name(p.strings.String(s.Name))
	p.printf("  %s", kindName(s.Kind))
	if len(p.resources) > 1 {
		p.origin(s)
	}
	switch s.Status {
	case otlp.StatusUnset:
	case otlp.StatusOK:
		p.printf("  ok")
	case otlp.StatusError:
		p.printf("  ERROR")
	default:
		p.printf("  status %d", s.Status)
	}
	if a := p.find(s.Attrs, "error.type"); a != nil {
		p.printf(" error.type=")
		p.value(a)
	}
	if s.Message != 0 {
		p.printf(" ")
		p.quoted(p.strings.String(s.Message))
	}
	p.printf("%s\n", note)
}

// column prints what f prints, flush right in width characters.
func (p *treePrinter) column(width int, f func()) {
	start := len(p.dst)
	f()
	if pad := width - (len(p.dst) - start); pad > 0 {
		p.dst = slices.Insert(p.dst, start, bytes.Repeat([]byte{' '}, pad)...)
	}
}

// origin tells apart the spans of a trace with several resources: by service,
// or, within one service, by scope.
func (p *treePrinter) origin(s *otlp.Span) {
	switch {
	case p.full:
		p.printf("  resource %d", slices.Index(p.resources, s.Resource)+1)
	case len(p.services) > 1:
		p.printf("  %s", p.service(s.Resource))
	case int(s.Scope) < len(p.t.Scopes):
		p.printf("  ")
		p.name(p.strings.String(p.t.Scopes[s.Scope].Name))
	}
}

// service returns the service's name of a resource, quoted, or "".
func (p *treePrinter) service(resource uint32) string {
	if int(resource) >= len(p.t.Resources) {
		return ""
	}
	name := textPrinter{source: p.source}
	if a := p.find(p.t.Resources[resource].Attrs, "service.name"); a != nil {
		name.value(a)
	}
	return string(name.dst)
}

// resourceLines prints the resources of the trace, of which a full print has
// all attributes and another the names of the services, each once.
func (p *treePrinter) resourceLines() {
	for n, i := range p.resources {
		if name := p.service(i); name != "" && !slices.Contains(p.services, name) {
			p.services = append(p.services, name)
		}
		if p.full && int(i) < len(p.t.Resources) {
			p.printf("  resource %d\n", n+1)
			p.attrLines(p.t.Resources[i].Attrs, []byte("    "))
		}
	}
	if !p.full && len(p.services) > 0 {
		p.printf("  service.name=%s\n", strings.Join(p.services, ", "))
	}
}

func kindName(k uint8) string {
	switch k {
	case otlp.SpanKindUnspecified:
		return "unspecified"
	case otlp.SpanKindInternal:
		return "internal"
	case otlp.SpanKindServer:
		return "server"
	case otlp.SpanKindClient:
		return "client"
	case otlp.SpanKindProducer:
		return "producer"
	case otlp.SpanKindConsumer:
		return "consumer"
	}
	return fmt.Sprintf("kind %d", k)
}
