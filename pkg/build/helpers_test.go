package build

import (
	"fmt"
	"math"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func describe(out *strings.Builder, name string, v any) { fmt.Fprintf(out, "%s=%v\n", name, v) }

// valueOf returns an attribute's value as a Go value.
func valueOf(t *otlp.Traces, a otlp.Attr) any {
	r := otlp.UnpackRange(a.Word)
	switch a.Kind {
	case otlp.KindString:
		return t.Strings.String(otlp.StringID(a.Word))
	case otlp.KindText:
		return string(t.Text[r.Start:r.End])
	case otlp.KindInt:
		return int64(a.Word)
	case otlp.KindBool:
		return a.Word == 1
	case otlp.KindDouble:
		return math.Float64frombits(a.Word)
	case otlp.KindArray:
		var out []any
		for _, e := range t.Attrs[r.Start:r.End] {
			out = append(out, valueOf(t, e))
		}
		return out
	}
	return nil
}

// attrsOf returns the attributes of a range by key.
func attrsOf(t *otlp.Traces, r otlp.Range) map[string]any {
	out := make(map[string]any, r.End-r.Start)
	for _, a := range t.Attrs[r.Start:r.End] {
		out[t.Strings.String(a.Key)] = valueOf(t, a)
	}
	return out
}

// texts spells a value, for comparison with a literal.
func texts(v any) string { return fmt.Sprint(v) }
