package show

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// asidesOf returns what is worth to be said of spans beside what is on them, by
// index: which messages are consumed, and how long they waited, and what goes on
// when the span above it has ended. It is ASCII.
func asidesOf(t *otlp.Traces) map[uint32]string {
	out := make(map[uint32]string)
	byID := make(map[spanKey]uint32, len(t.Spans))
	for i := range t.Spans {
		key := spanKey{t.Spans[i].TraceID, t.Spans[i].SpanID}
		if _, ok := byID[key]; !ok {
			byID[key] = uint32(i)
		}
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		said := ""
		if s.Kind == otlp.SpanKindConsumer {
			said = consumed(t, s, byID)
		} else if p, ok := byID[spanKey{s.TraceID, s.ParentID}]; ok {
			said = late(s, &t.Spans[p])
		}
		if said != "" {
			out[uint32(i)] = said
		}
	}
	return out
}

type spanKey struct {
	trace otlp.TraceID
	span  otlp.SpanID
}

// late says that a span ends after its parent, or "".
func late(s, parent *otlp.Span) string {
	switch {
	case parent.Start > parent.End || s.Start > s.End || s.End <= parent.End:
		return ""
	case s.Start >= parent.End:
		return "begins when its parent has ended"
	case s.Kind == otlp.SpanKindServer && parent.Kind == otlp.SpanKindClient:
		return "goes on for " + Duration(parent.End, s.End) + " after its client"
	}
	return "goes on for " + Duration(parent.End, s.End) + " after its parent"
}

// consumed says which messages a consumer got: those that it links to, or the one
// that it stands below.
func consumed(t *otlp.Traces, s *otlp.Span, byID map[spanKey]uint32) string {
	var sent []*otlp.Span
	var missing []otlp.Link
	for _, l := range t.Links[s.Links.Start:s.Links.End] {
		if i, ok := byID[spanKey{l.TraceID, l.SpanID}]; ok {
			sent = append(sent, &t.Spans[i])
		} else {
			missing = append(missing, l)
		}
	}
	if i, ok := byID[spanKey{s.TraceID, s.ParentID}]; ok && s.Links.Len() == 0 && t.Spans[i].Kind == otlp.SpanKindProducer {
		sent = append(sent, &t.Spans[i])
	}
	var parts []string
	if len(sent) > 0 {
		parts = append(parts, messages(t, s, sent))
	}
	for _, l := range missing {
		parts = append(parts, fmt.Sprintf("link to span %s of trace %s, which is not here", hex.EncodeToString(l.SpanID[:]), hex.EncodeToString(l.TraceID[:])))
		if len(parts) > maxMissing {
			break
		}
	}
	return strings.Join(parts, ", ")
}

// maxMissing bounds how many links are told that lead nowhere.
const maxMissing = 3

// messages says what was sent and how long the last of it waited.
func messages(t *otlp.Traces, s *otlp.Span, sent []*otlp.Span) string {
	last := sent[0]
	for _, m := range sent {
		if m.End > last.End {
			last = m
		}
	}
	name := string(AppendTitle(nil, t.Strings.String(last.Name)))
	out := Duration(last.End, s.Start) + " after "
	if len(sent) > 1 {
		out += "the last of " + text.Counted(len(sent), "message") + ", "
	}
	out += name
	if last.TraceID != s.TraceID {
		out += " of trace " + hex.EncodeToString(last.TraceID[:])
	}
	return out
}
