package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
)

// maxLines is how many log records of a form a span writes at most.
const maxLines = 20

// logs writes the log records of the spans of a class: of each form as many as there are on
// the mean, with other text of the same length.
func (w *writer) logs(c *class) *node {
	out := list()
	if len(c.Logs) == 0 {
		return out
	}
	templates := make([]*profile.LogTemplate, 0, len(c.Logs))
	for _, h := range slices.Sorted(maps.Keys(c.Logs)) {
		templates = append(templates, c.Logs[h])
	}
	slices.SortStableFunc(templates, func(a, b *profile.LogTemplate) int { return cmp.Compare(b.Records, a.Records) })
	for _, t := range templates {
		if t.Traces < w.g.k {
			w.leave("log record", "too few traces", t.Records)
			continue
		}
		mean := float64(t.Records) / float64(c.Spans)
		whole := math.Floor(mean)
		for range int(min(whole, maxLines)) {
			out.items = append(out.items, w.line(c, t, 1))
		}
		if rest := mean - whole; rest > 1-alwaysThere {
			out.items = append(out.items, w.line(c, t, rest))
		}
	}
	return out
}

// line writes one log record, which a share of the spans of a class have.
func (w *writer) line(c *class, t *profile.LogTemplate, share float64) *node {
	x := mapping()
	if s := severityWord(t.Severity); s != "info" {
		x.with("severity", s)
	}
	event, named := w.policy.Name(t.Event, t.Traces)
	if named && t.Event != "" {
		x.with("event", event)
	}
	if t.Body != "" || !named || t.Event == "" {
		x.with("body", privacy.Neutral(len(t.Body), w.bodyNumber(t)))
	}
	if 2*t.Early > t.Records {
		x.with("at", "start")
	}
	if share < alwaysThere {
		x.put("probability", raw(digits(share, 3)))
	}
	more := mapping()
	for _, key := range slices.Sorted(maps.Keys(t.Attributes)) {
		a := t.Attributes[key]
		name, ok := w.policy.Key(key, a.Traces)
		v := w.chainedWith(c, key, a)
		// Records have what spans share only where they have the values as often.
		if s := w.shared[key]; v == nil && s != nil && !(s.spec.How == privacy.Categorical && unlike(a.Values, s.values)) {
			v = w.sharedBy(key, a)
		}
		if v == nil {
			s := w.policy.Values(key, a, 0)
			v = specNode(&s)
		}
		if ok && v != nil {
			more.put(name, present(v, a.Present, t.Records))
		}
	}
	if len(more.entries) > 0 {
		x.put("attributes", more)
	}
	return x
}

// bodyNumber tells bodies apart, in the order in which they are written.
func (w *writer) bodyNumber(t *profile.LogTemplate) int {
	if w.bodies == nil {
		w.bodies = make(map[string]int)
	}
	n, ok := w.bodies[t.Body]
	if !ok {
		n = len(w.bodies)
		w.bodies[t.Body] = n
	}
	return n
}

func severityWord(severity uint8) string {
	switch {
	case severity == 0:
		return "info"
	case severity < otlp.SeverityDebug:
		return "trace"
	case severity < otlp.SeverityInfo:
		return "debug"
	case severity < otlp.SeverityWarn:
		return "info"
	case severity < otlp.SeverityError:
		return "warn"
	case severity < otlp.SeverityFatal:
		return "error"
	}
	return "fatal"
}
