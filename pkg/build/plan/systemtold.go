package plan

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// told is what the spans of a node log, in the words of the conventions.
func (p *Plan) told(s *Scenario, n *Node) (out []semconv.SystemLog) {
	for i := range n.Act.Lines {
		l := &n.Act.Lines[i]
		x := semconv.SystemLog{Severity: l.Severity, OK: l.OK, Failed: l.Failed, Start: l.Start, Event: p.Strings.String(l.Event)}
		for k := range l.Body {
			piece := l.Body[k].Literal
			if l.Body[k].Key > 0 {
				piece = p.Strings.String(l.Body[k].Key)
				if len(x.Body)%2 == 0 {
					x.Body = append(x.Body, "")
				}
			}
			x.Body = append(x.Body, piece)
		}
		values := make(map[string]semconv.LogValue)
		for k := range l.Attrs {
			v := p.toldOf(s, &l.Attrs[k])
			v.Optional = l.Attrs[k].Present != nil
			values[p.Strings.String(l.Attrs[k].Key)] = v
		}
		x.SetAttributes(values)
		out = append(out, x)
	}
	return out
}

// toldOf is what an attribute of a log record may be, as far as it can be said: numbers
// that are drawn, lists, and texts that are filled up, may be anything.
func (p *Plan) toldOf(s *Scenario, a *Attr) (out semconv.LogValue) {
	switch a.Op {
	case OpUse:
		return p.toldOf(s, &s.System.Values[a.Word].Attr)
	case OpText:
		if a.Form.Length != nil {
			return out // what it is filled up with is in no pattern
		}
		out.Pattern = p.patternOf(s, a.Form.Pieces)
	case OpConst:
		if v, ok := p.literal(a.Attr); ok {
			out.Is = []string{v}
		}
	case OpChoice:
		for _, v := range a.Values {
			v, ok := p.literal(v)
			if !ok {
				return semconv.LogValue{}
			}
			if !slices.Contains(out.Is, v) {
				out.Is = append(out.Is, v)
			}
		}
	}
	return out
}

// literal is a constant in words.
func (p *Plan) literal(a otlp.Attr) (string, bool) {
	switch a.Kind {
	case otlp.KindString:
		return strconv.Quote(p.Strings.String(otlp.StringID(a.Word))), true
	case otlp.KindInt:
		return strconv.FormatInt(int64(a.Word), 10), true
	case otlp.KindBool:
		return strconv.FormatBool(a.Word == 1), true
	case otlp.KindDouble:
		v := strconv.FormatFloat(math.Float64frombits(a.Word), 'g', -1, 64)
		if !strings.ContainsAny(v, ".eE") {
			v += ".0"
		}
		return v, true
	}
	return "", false
}

// patternOf is a pattern as it is written, with what its values may be in their places; "" where
// that cannot be said.
func (p *Plan) patternOf(s *Scenario, pieces IDFormat) string {
	var b strings.Builder
	part := func(kind string, n int) { b.WriteString("{" + kind + ":" + strconv.Itoa(n) + "}") }
	for _, x := range pieces {
		switch {
		case x.Value > 0:
			of := p.toldOf(s, &s.System.Values[x.Value-1].Attr).Pattern
			if of == "" {
				return ""
			}
			b.WriteString(of)
		case x.UUID:
			b.WriteString("{uuid}")
		case x.Hex > 0:
			part("hex", x.Hex)
		case x.Digits > 0:
			part("digits", x.Digits)
		case x.Word > 0:
			part("word", x.Word)
		default:
			b.WriteString(x.Literal)
		}
	}
	if b.Len() > maxToldText {
		return ""
	}
	return b.String()
}

// maxToldText bounds patterns that are told, in bytes.
const maxToldText = 1 << 10
