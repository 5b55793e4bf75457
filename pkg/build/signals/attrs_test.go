package signals

import (
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// attrMap returns scalar attributes as Go values.
func attrMap(strs *otlp.Strings, attrs []otlp.Attr, text []byte, r otlp.Range) map[string]any {
	out := make(map[string]any, r.Len())
	for _, a := range attrs[r.Start:r.End] {
		if v := scalarOf(strs, text, a); v != nil {
			out[strs.String(a.Key)] = v
		}
	}
	return out
}

// scalarOf returns a scalar attribute as a Go value, nil for anything else.
func scalarOf(strs *otlp.Strings, text []byte, a otlp.Attr) any {
	switch a.Kind {
	case otlp.KindString:
		return strs.String(otlp.StringID(a.Word))
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return string(text[r.Start:r.End])
	case otlp.KindInt:
		return int64(a.Word)
	case otlp.KindBool:
		return a.Word == 1
	case otlp.KindDouble:
		return math.Float64frombits(a.Word)
	}
	return nil
}

// valueOf returns the value of a point or exemplar.
func valueOf(word uint64, kind otlp.Kind) float64 {
	if kind == otlp.KindInt {
		return float64(int64(word))
	}
	return math.Float64frombits(word)
}
