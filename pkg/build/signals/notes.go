package signals

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// noted is the bit of words.wanted for records of notes: they copy of their span
// what ties records to each other, and no more.
const noted = 63

// ofNotes are the attributes that records of notes copy besides.
const ofNotes = "gen_ai.response.id"

// notes tells the notes of the request: what evaluations have made of its spans, and
// what services log.
func (d *Deriver) notes() {
	l, w := &d.logger, &d.rules.words
	for ; l.notes < len(l.t.Notes); l.notes++ {
		n := &l.t.Notes[l.notes]
		if n.Severity > 0 {
			d.line(n)
			continue
		}
		l.class = noted
		r := d.add(int(n.Span), atEnd, n.Name, otlp.SeverityInfo)
		r.Time, r.Observed = n.Time, n.Time+observedAfter
		for _, a := range l.t.Attrs[n.Attrs.Start:n.Attrs.End] {
			if int(r.Attrs.End) == len(l.out.Attrs) {
				l.out.Attrs = append(l.out.Attrs, l.value(a))
				r.Attrs.End++
			}
		}
		b := d.body("evaluation").attr(n.Attrs, w.evaluation)
		if slices.ContainsFunc(l.t.Attrs[n.Attrs.Start:n.Attrs.End], func(a otlp.Attr) bool { return a.Key == w.label }) {
			b = b.word(":").attr(n.Attrs, w.label)
		}
		r.Body = b.attribute()
	}
}
