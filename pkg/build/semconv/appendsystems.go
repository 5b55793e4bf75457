package semconv

import (
	"bytes"
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// systemsHead is the line before the section that AppendSystems writes. What
// stands from it on is the program's own.
const systemsHead = "# What the services of systems emit, written by otelsim-gen: everything from here on."

// WithoutSystems returns the text of a conventions file without the section that
// AppendSystems has written, the text itself when there is none: the conventions
// of any corpus can be given for another.
func WithoutSystems(text []byte) []byte {
	i := bytes.Index(text, []byte("\n"+systemsHead))
	if i < 0 {
		return text
	}
	if cut, ok := bytes.CutSuffix(text[:i], []byte(",")); ok { // it was in braces
		return append(slices.Clone(cut), '}')
	}
	return text[:i+1]
}

// AppendSystems returns the text of a conventions file, which has no such section,
// with one that says what the services of systems emit: by name, spans by name,
// kind and type, whatever their order in systems. Without systems it is the text
// itself. The error says that the text is written in a way in which nothing can
// be put at its end.
func AppendSystems(text []byte, systems []System) ([]byte, error) {
	if len(systems) == 0 {
		return text, nil
	}
	systems = SortedSystems(systems)
	base := bytes.TrimRight(text, " \t\r\n")
	if cut, ok := bytes.CutSuffix(base, []byte("\n...")); ok { // the end of the document
		base = bytes.TrimRight(cut, " \t\r\n")
	}
	if cut, ok := bytes.CutSuffix(base, []byte("}")); ok { // of the document, as in JSON, or of its last value
		cut = bytes.TrimRight(cut, " \t\r\n,")
		if out := withSystems(cut, ",\n", "", systems, "}"); holdsSystems(out, systems) {
			return out, nil
		}
	}
	if out := withSystems(base, "\n", indentOf(text), systems, ""); holdsSystems(out, systems) {
		return out, nil
	}
	return nil, errors.New("the section systems cannot be put at its end: write it as one block, keys at the start of their lines")
}

// indentOf is the white space before the first key of a text.
func indentOf(text []byte) string {
	for line := range bytes.Lines(text) {
		rest := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(rest)) > 0 && rest[0] != '#' && rest[0] != '%' && !bytes.HasPrefix(rest, []byte("---")) {
			return strings.Repeat(" ", len(line)-len(rest))
		}
	}
	return ""
}

// holdsSystems reports whether a text reads as one that says of these systems.
func holdsSystems(text []byte, systems []System) bool {
	var p input.Problems
	c := Parse(input.File{Name: "conventions", Data: text}, &p)
	return c != nil && p.Errors() == 0 && reflect.DeepEqual(c.Systems, systems)
}

// SortedSystems returns systems by name, each once, with their spans by name, kind
// and type, each once. Several scenarios may have one service: a span is free when
// it is so in any of them, the service sticky when it is so in all, its instances are
// the most, and it has spans of agents when it has some in any.
func SortedSystems(systems []System) []System {
	systems = slices.Clone(systems)
	slices.SortStableFunc(systems, func(a, b System) int { return strings.Compare(a.Service, b.Service) })
	var out []System
	for _, s := range systems {
		if n := len(out); n > 0 && out[n-1].Service == s.Service {
			out[n-1].Spans = slices.Concat(out[n-1].Spans, s.Spans)
			out[n-1].Sticky = out[n-1].Sticky && s.Sticky
			out[n-1].Agents = out[n-1].Agents || s.Agents
			out[n-1].Instances = max(out[n-1].Instances, s.Instances)
			out[n-1].Differs = Joined(out[n-1].Differs, s.Differs)
			if out[n-1].Runtime == nil && out[n-1].Metrics == nil { // the same in all
				out[n-1].Runtime, out[n-1].Metrics = s.Runtime, s.Metrics
			}
			continue
		}
		s.Instances = max(s.Instances, 1)
		out = append(out, s)
	}
	for i := range out {
		out[i].Spans = sortedSpans(out[i].Spans)
	}
	return out
}

func sortedSpans(spans []SystemSpan) (out []SystemSpan) {
	order := func(a, b SystemSpan) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Type, b.Type), comparePlain(a.Plain, b.Plain), strings.Compare(a.Measured, b.Measured))
	}
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, order)
	for _, s := range spans {
		if n := len(out); n > 0 && order(out[n-1], s) == 0 {
			out[n-1].Join(&s)
			continue
		}
		out = append(out, s)
	}
	return out
}

// comparePlain puts what is plain after what is not.
func comparePlain(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// withSystems writes the section after a text and a separator, and then the end.
func withSystems(text []byte, separator, indent string, systems []System, end string) []byte {
	var b strings.Builder
	b.Write(text)
	b.WriteString(separator + systemsHead + "\n" + indent + systemsKey + ": {\n")
	for i := range systems {
		s := &systems[i]
		b.WriteString(indent + "  " + strconv.Quote(s.Service) + ": {")
		if s.Instances > 1 {
			b.WriteString("instances: " + strconv.FormatInt(s.Instances, 10) + ", ")
		}
		if s.Anonymous {
			b.WriteString("anonymous: true, ")
		}
		if s.Sticky {
			b.WriteString("sticky: true, ")
		}
		if s.Agents {
			b.WriteString("agents: true, ")
		}
		if len(s.Differs) > 0 {
			b.WriteString("differs: " + textsText(s.Differs) + ", ")
		}
		b.WriteString(s.runtimeText() + "spans: [\n")
		for k := range s.Spans {
			b.WriteString(indent + "    " + spanText(&s.Spans[k]) + comma(k, len(s.Spans)) + "\n")
		}
		b.WriteString(indent + "  ]}" + comma(i, len(systems)) + "\n")
	}
	b.WriteString(indent + "  }" + end + "\n")
	return []byte(b.String())
}

// comma is what stands after item i of n.
func comma(i, n int) string {
	if i < n-1 {
		return ","
	}
	return ""
}

// spanText is a span in braces.
func spanText(s *SystemSpan) string {
	text := "{name: " + strconv.Quote(s.Name)
	if s.Kind != otlp.SpanKindInternal && s.Kind != otlp.SpanKindUnspecified {
		text += ", kind: " + kindNames[s.Kind-otlp.SpanKindInternal]
	}
	if s.Type != "" {
		text += ", type: " + strconv.Quote(s.Type)
	}
	if s.Plain {
		text += ", plain: true"
	}
	if s.Free {
		text += ", free: true"
	}
	if s.Unnamed {
		text += ", unnamed: true"
	}
	if s.Measured != "" {
		text += ", measured: " + s.Measured
	}
	if s.Silent {
		text += ", silent: true"
	}
	if s.Varied {
		text += ", varied: true"
	}
	if len(s.Logs) > 0 {
		text += ", logs: ["
		for i := range s.Logs {
			text += logText(&s.Logs[i])
			if i < len(s.Logs)-1 {
				text += ", "
			}
		}
		text += "]"
	}
	return text + "}"
}
