package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// severities are the texts of severities, by number.
var severities = map[uint8]string{
	otlp.SeverityTrace: "TRACE", otlp.SeverityDebug: "DEBUG", otlp.SeverityInfo: "INFO",
	otlp.SeverityWarn: "WARN", otlp.SeverityError: "ERROR", otlp.SeverityFatal: "FATAL",
}

// lines compiles the log records that an operation writes, whose spans have some
// attributes.
func (b *systemBuilder) lines(op *scenario.Operation, attrs []Attr) (out []Line) {
	for i := range op.Logs {
		l := &op.Logs[i]
		var set attrSet
		for _, a := range l.Attributes {
			set.put(a.Key, b.given(a))
		}
		b.fillEvent(&set, l)
		set.sort(0)
		out = append(out, Line{
			OK: l.When == scenario.WhenOK, Failed: l.When == scenario.WhenFailed, Start: l.Start,
			Severity: l.Severity, SeverityText: b.strs.ID(severities[l.Severity]), Event: b.strs.ID(l.Event),
			Body: b.body(l.Body, attrs), Attrs: set.finish(b.strs), Times: b.times("log", i, l.Chance, nil, l.Pos),
		})
	}
	return out
}

// times compiles how often the i-th of what a span tells is there; nil: once.
func (b *systemBuilder) times(what string, i int, probability float64, c *scenario.Count, pos input.Pos) *Times {
	out := Times{Path: rng.Hash(what + "#" + strconv.Itoa(i)), Presence: b.probability(probability, pos), Count: b.count(&scenario.Node{Count: c, Pos: pos})}
	if out.Presence.Always() && out.Count == nil {
		return nil
	}
	return &out
}

// most is the largest number of times.
func (t *Times) most() int {
	if t == nil || t.Count == nil {
		return 1
	}
	_, most := t.Count.Bounds()
	return int(min(most, maxTold))
}

// maxTold is how often a span can tell one thing: more than a record holds.
const maxTold = 1 << 20

// withLater returns attributes with the names of those that the span of an operation
// may come to have by who calls it.
func (b *systemBuilder) withLater(attrs []Attr) []Attr {
	out := slices.Clone(attrs)
	for _, key := range []string{messageID, messageCount, "session.id"} {
		out = append(out, Attr{Attr: otlp.Attr{Key: b.strs.ID(key)}})
	}
	return out
}

// body compiles a text in which {KEY} stands for an attribute of a span. What spans
// of the operation have no attribute of is text.
func (b *systemBuilder) body(s string, attrs []Attr) (out []LinePiece) {
	literal := ""
	for s != "" {
		before, rest, open := strings.Cut(s, "{")
		key, after, closed := strings.Cut(rest, "}")
		literal += before
		if !open || !closed {
			literal += s[len(before):]
			break
		}
		id := b.strs.ID(key)
		if id == 0 || !slices.ContainsFunc(attrs, func(a Attr) bool { return a.Key == id }) {
			literal += "{"
			s = rest
			continue
		}
		if literal != "" {
			out = append(out, LinePiece{Literal: literal})
		}
		out = append(out, LinePiece{Key: id})
		literal, s = "", after
	}
	if literal != "" {
		out = append(out, LinePiece{Literal: literal})
	}
	return out
}

// lines is the length of the longest log records of a node's spans.
func (z *sizer) lines(n *Node) (sum int) {
	if n.Act == nil {
		return 0
	}
	for i := range n.Act.Lines {
		l := &n.Act.Lines[i]
		sum += 4*overhead + z.text(l.Event) + z.attrs(l.Attrs)
		for _, p := range l.Body {
			sum += 6 * len(p.Literal)
			for k := range n.Attrs {
				if p.Key > 0 && n.Attrs[k].Key == p.Key {
					sum += z.attrs(n.Attrs[k : k+1])
				}
			}
		}
	}
	return sum
}
