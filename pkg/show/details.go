package show

import (
	"bytes"
	"encoding/hex"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// indent returns what stands before the lines that are about the line above.
func (p *treePrinter) indent(prefix []byte, parent bool) []byte {
	indent := append(bytes.Repeat([]byte{' '}, offsetWidth+durationWidth+2), prefix...)
	if parent {
		return append(indent, "|  "...)
	}
	return append(indent, "   "...)
}

// details prints what only a full print has of a span, below its line.
func (p *treePrinter) details(s *otlp.Span, prefix []byte, parent bool) {
	indent := p.indent(prefix, parent)
	p.printf("%sspan %s", indent, hex.EncodeToString(s.SpanID[:]))
	if int(s.Scope) < len(p.t.Scopes) {
		scope := &p.t.Scopes[s.Scope]
		p.printf("  scope ")
		p.name(p.strings.String(scope.Name))
		p.printf(" ")
		p.name(p.strings.String(scope.Version))
	}
	p.printf("  flags %#x\n", s.Flags)
	p.attrLines(s.Attrs, indent)
	deeper := append(slices.Clip(indent), "  "...)
	for k := s.Events.Start; k < s.Events.End; k++ {
		e := &p.t.Events[k]
		p.printf("%sevent +", indent)
		p.duration(p.start, e.Time)
		p.printf(" ")
		p.name(p.strings.String(e.Name))
		p.printf("\n")
		p.attrLines(e.Attrs, deeper)
	}
	for k := s.Links.Start; k < s.Links.End; k++ {
		l := &p.t.Links[k]
		p.printf("%slink %s %s  flags %#x\n", indent,
			hex.EncodeToString(l.TraceID[:]), hex.EncodeToString(l.SpanID[:]), l.Flags)
		p.attrLines(l.Attrs, deeper)
	}
}

func (p *treePrinter) attrLines(r otlp.Range, indent []byte) {
	for k := r.Start; k < r.End; k++ {
		p.printf("%s", indent)
		p.attr(&p.attrs[k])
		p.printf("\n")
	}
}

// logLine prints a log record, with a full print all of it. Prefix, branch and
// inner are those of its row.
func (p *treePrinter) logLine(r *otlp.LogRecord, prefix []byte, branch string, n note, inner []byte) {
	// What the record refers to is of another table than what the spans do.
	spans := p.source
	p.source = logSource(p.l)
	defer func() { p.source = spans }()
	p.column(offsetWidth, func() {
		p.printf("+")
		p.duration(p.start, r.Time)
	})
	p.column(durationWidth, func() {})
	p.printf("  %s%slog ", prefix, branch)
	if r.SeverityText != 0 {
		p.name(p.strings.String(r.SeverityText))
	} else {
		p.printf("%d", r.Severity)
	}
	if r.EventName != 0 {
		p.printf("  ")
		p.name(p.strings.String(r.EventName))
	}
	if r.Body.Kind != otlp.KindEmpty {
		p.printf("  ")
		p.value(&r.Body)
	}
	if n == noteOrphan {
		p.printf("  (span %s is not here)", hex.EncodeToString(r.SpanID[:]))
	}
	p.printf("\n")
	if !p.full {
		return
	}
	indent := p.indent(inner, false)
	p.printf("%sseverity %d  observed +", indent, r.Severity)
	p.duration(p.start, r.Observed)
	p.printf("  flags %#x\n", r.Flags)
	p.attrLines(r.Attrs, indent)
}
