package scenario

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// Evaluation is a judgement of spans, told in a log record of its own.
type Evaluation struct {
	Name        string
	Pos         input.Pos
	Of          string     // span type; empty: the model call that answers the user, else the agent
	Score       *dist.Spec // 0..1
	Labels      []Label    // by falling From; may be empty
	Probability float64    // that a span is judged; 1 when absent

	Explanations []string // of evaluations without labels; one is drawn
}

// Label is what scores from From on are called, up to the next label.
type Label struct {
	Name         string
	From         float64
	Explanations []string // one is drawn; nil: none
}

// evaluations reads how a scenario's spans are judged.
func (l *loader) evaluations(m input.Map) []Evaluation {
	var out []Evaluation
	taken := make(map[string]input.Pos)
	for _, item := range m.List("evaluations") {
		x, ok := item.Map(l.p, evaluationKeys...)
		if !ok {
			continue
		}
		e := Evaluation{Name: x.Need("name"), Pos: x.At("name"), Probability: x.Float("probability", 1, 0, 1)}
		if n := x.Get("score"); n == nil {
			x.Fail("score", "missing")
		} else {
			e.Score = l.amount(n, shares)
		}
		e.Of = l.judged(x)
		e.Labels = l.labels(x)
		l.explanations(x, &e)
		if e.Name != "" && l.unique(taken, "evaluation", e.Name, e.Pos) {
			out = append(out, e)
		}
	}
	if len(out) > 0 && !m.Bool("emit_logs", true) {
		m.Warn("evaluations", "has no effect: emit_logs is false")
	}
	return out
}

// judged reads the type of spans that are judged: one that does some work.
func (l *loader) judged(m input.Map) string {
	n := m.Get("of")
	if n == nil {
		return ""
	}
	s, ok := n.Str(l.p)
	if !ok {
		return ""
	}
	bare, known := l.bareType(s)
	switch {
	case !known:
		n.Fail(l.p, "%s", l.unknownType(s))
		return ""
	case vocab.IsControl(bare):
		n.Fail(l.p, "%s checks a request, and is not judged itself", bare)
		return ""
	}
	return bare
}

// labels reads what scores are called: label to the least score of it.
func (l *loader) labels(m input.Map) []Label {
	section, _ := m.Map("labels")
	var out []Label
	for _, e := range section.Entries() {
		from, ok := e.Value.Within(l.p, 0, 1)
		if !ok {
			continue
		}
		if slices.ContainsFunc(out, func(x Label) bool { return x.From == from }) {
			e.Value.Fail(l.p, "another label begins at %v, too", from)
		}
		out = append(out, Label{Name: e.Key, From: from})
	}
	slices.SortFunc(out, func(a, b Label) int { return cmp.Compare(b.From, a.From) })
	return out
}

// explanations reads what evaluations say beside the score: texts, or texts by
// label.
func (l *loader) explanations(m input.Map, e *Evaluation) {
	n := m.Get("explanations")
	if n == nil {
		return
	}
	if n.Kind != input.Mapping {
		e.Explanations = l.texts(m, "explanations")
		for i := range e.Labels {
			e.Labels[i].Explanations = e.Explanations
		}
		return
	}
	section, _ := n.Map(l.p)
	for _, entry := range section.Entries() {
		i := slices.IndexFunc(e.Labels, func(x Label) bool { return x.Name == entry.Key })
		if i < 0 {
			var names []string
			for _, x := range e.Labels {
				names = append(names, x.Name)
			}
			l.p.Errorf(entry.Pos, "%s", input.Unknown("label", entry.Key, names))
			continue
		}
		e.Labels[i].Explanations = l.texts(section, entry.Key)
	}
}

// texts reads a text, or a list of them.
func (l *loader) texts(m input.Map, key string) []string {
	out := m.Strings(key)
	for _, s := range out {
		if len(s) > maxSaid {
			m.Fail(key, "text of %d bytes is longer than the limit of %d", len(s), maxSaid)
			return nil
		}
	}
	return out
}
