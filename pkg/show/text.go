package show

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// AppendRequest appends the traces of one request to dst as text: each as a tree
// with offsets from its start, durations, kinds and what failed, and the log
// records below their spans. With full come all attributes, events and links.
// Records whose span is not there follow its trace. The text is ASCII and a
// function of t and l alone.
func AppendRequest(dst []byte, t *otlp.Traces, l *otlp.Logs, full bool) []byte {
	for _, tree := range treesOf(t, l) {
		p := treePrinter{textPrinter: textPrinter{source: sourceOf(t), dst: dst}, tree: &tree, t: t, l: l, full: full}
		p.print()
		dst = p.dst
	}
	return dst
}

// treePrinter prints one trace.
type treePrinter struct {
	textPrinter
	*tree
	t        *otlp.Traces
	l        *otlp.Logs
	full     bool
	services []string // their distinct names, quoted
	lines    []byte   // what stands before a row, by depth: three bytes each
}

// maxIndent is the depth from which on a tree is indented no further, so that
// a chain of a million spans prints at all.
const maxIndent = 64

func (p *treePrinter) print() {
	p.printf("trace %s  %d spans  ", hex.EncodeToString(p.id[:]), p.spans)
	if p.logs > 0 {
		p.printf("%d logs  ", p.logs)
	}
	p.duration(p.start, p.end)
	p.printf("  from %s\n", instant(p.start))
	p.resourceLines()
	for i := range p.rows {
		p.row(&p.rows[i])
	}
}

// row prints a span or log and, in a full print, what is known of it.
func (p *treePrinter) row(r *row) {
	prefix, branch, inner := p.prefix(r)
	if r.log {
		p.logLine(&p.l.Records[r.index], prefix, branch, r.note, inner)
		return
	}
	s := &p.t.Spans[r.index]
	p.spanLine(s, prefix, branch, r)
	if p.full {
		p.details(s, inner, r.parent)
	}
}

// prefix returns what stands before the row, what connects it with the row that
// it is below, and what stands before the rows below it.
func (p *treePrinter) prefix(r *row) (prefix []byte, branch string, inner []byte) {
	if r.depth == 0 {
		return nil, "", nil
	}
	branch, beside := "|- ", "|  "
	if r.last {
		branch, beside = "`- ", "   "
	}
	width := 3 * min(r.depth-1, maxIndent)
	prefix = p.lines[:width]
	if width == 3*maxIndent {
		return prefix, branch, prefix
	}
	p.lines = append(prefix, beside...)
	return prefix, branch, p.lines
}

// The columns before the tree: offset from the start of the trace, duration.
const (
	offsetWidth   = 12
	durationWidth = 11
)

func (p *treePrinter) spanLine(s *otlp.Span, prefix []byte, branch string, r *row) {
	p.column(offsetWidth, func() {
		p.printf("+")
		p.duration(p.start, s.Start)
	})
	p.column(durationWidth, func() { p.duration(s.Start, s.End) })
	p.printf("  %s%s", prefix, branch)
	p.title(p.strings.String(s.Name))
	p.printf("  %s", otlp.SpanKindName(s.Kind))
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
	if r.aside != "" {
		p.printf("  (%s)", r.aside)
	}
	switch r.note {
	case noteOrphan:
		p.printf("  (parent %s is not here)", hex.EncodeToString(s.ParentID[:]))
	case noteAncestor:
		p.printf("  (its own ancestor)")
	}
	p.printf("\n")
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
