package learn

import (
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// findParts finds the ids of a form that texts of a trace, or of a session, end with alike, as
// its URLs and paths do. Where values of keys are such ids by themselves it is the value of
// these.
func (w *writer) findParts() {
	traces := w.tracesEnding()
	for _, form := range slices.Sorted(maps.Keys(w.g.p.Parts)) {
		k := w.g.p.Parts[form]
		a := &profile.Attribute{Present: k.Spans, Traces: privacy.Draws(k.Values), Values: k.Values}
		s := w.alike("", k, a, traces[form])
		if s == nil || k.Values.Count() == 0 || s.spec.How != privacy.Pattern {
			continue
		}
		var whole []string // keys that have texts before such ids
		for _, key := range slices.Sorted(maps.Keys(w.shared)) {
			of := w.shared[key]
			head, f, ok := ends(of.values)
			if !ok || f != form || of.session != s.session {
				continue
			}
			if head != "" {
				whole = append(whole, key)
				continue
			}
			if of.spec.How != privacy.Pattern || strings.ContainsAny(of.name, "{}:") {
				continue
			}
			if s.name == "" && of.spec.Text == s.spec.Text {
				s.name = of.name // of more values than that key has
			} else if s.name == "" {
				s = of
			}
			w.shared[key] = s
		}
		if s.name == "" {
			s.name = w.newValue("id")
		}
		w.parts[form] = s
		w.endWith(whole)
	}
}

// endWith has it that values of keys, which were shared as a whole, are written with what they end
// with alike, where what is before that may be said.
func (w *writer) endWith(keys []string) {
	for _, key := range keys {
		values := w.shared[key].values
		a := &profile.Attribute{Present: values.Count(), Traces: max(w.tracesWith(key), privacy.Draws(values)), Values: values}
		head, _, _ := ends(values)
		if _, ok := w.policy.Head(key, a, head); ok {
			delete(w.shared, key)
		}
	}
}

// tracesEnding returns how many traces have texts that end with a form at least, by the class
// and key that most have.
func (w *writer) tracesEnding() map[string]uint64 {
	out := make(map[string]uint64)
	for _, at := range w.g.order {
		for _, c := range at.classes {
			for _, a := range c.Attributes { // order-free: the most
				if _, form, ok := ends(a.Values); ok {
					out[form] = max(out[form], a.Traces)
				}
			}
		}
	}
	return out
}

// isForm reports whether a text is of a form, were there digits in all of its words that have
// some in that.
func isForm(text, form string) bool {
	for {
		before, rest, more := strings.Cut(form, "#")
		after, ok := strings.CutPrefix(text, before)
		if !ok || !more {
			return ok && after == ""
		}
		text, form = strings.TrimLeftFunc(after, alnum), rest
	}
}

func alnum(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' }

// ends returns what nearly all values have before what they end with, and the form of that;
// false: they have not the same.
func ends(values *sketch.Values) (head, form string, ok bool) {
	count, other := uint64(0), uint64(0)
	for i, x := range values.Kept() {
		at, f := profile.PartOf(x.Text)
		if i == 0 {
			head, form = x.Text[:at], f
		}
		if count += x.Count; x.Text[:at] != head || f != form && !isForm(x.Text[at:], form) {
			other += x.Count
		}
	}
	return head, form, form != "" && float64(other) <= float64(mostDiffer*float64(count))
}

// partOf writes that the texts of an attribute end with what others of a trace, or of a session,
// end with too; nil: they do not.
func (w *writer) partOf(key string, a *profile.Attribute) *node {
	before, form, ok := ends(a.Values)
	s := w.parts[form]
	if !ok || s == nil || before == "" {
		return nil
	}
	head, ok := w.policy.Head(key, a, before)
	if !ok {
		return nil
	}
	w.use(s)
	return mapping().with("pattern", head+"{"+s.name+"}")
}
