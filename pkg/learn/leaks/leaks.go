package leaks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/internal/findings"
	spoken "github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// Test looks for the texts of the outputs in a capture. Items that are of no trace count
// as a trace each. Memory does not grow with the capture. The error is that of the
// capture, or of the context.
func Test(ctx context.Context, capture Source, outputs *Outputs, o Options) (Result, error) {
	if o.MinTraces == 0 {
		o.MinTraces = 10
	}
	o.MaxLeaks = cmp.Or(o.MaxLeaks, 1000)
	var visitors []intake.Visitor
	var testers []*tester
	for range max(o.Goroutines, 1) {
		t := newTester(outputs, &o)
		testers, visitors = append(testers, t), append(visitors, t)
	}
	if err := capture.Each(ctx, visitors...); err != nil && !errors.Is(err, intake.ErrNothing) {
		return Result{}, err
	}
	all := testers[0]
	for _, t := range testers[1:] {
		all.add(t)
	}
	return all.result(), nil
}

// seen is how the capture has a text.
type seen struct {
	traces uint64 // in which it may be said if they are enough
	last   uint64 // of them
	where  [number + 1]bool
	path   string // the first in byte order
}

// tester counts in which traces texts are.
type tester struct {
	outputs *Outputs
	o       *Options
	w       *walker
	seen    []seen
	trace   uint64 // number of the one under way, from 1
	traces  uint64
	days    map[int64]bool // on which spans start, since the epoch
	parts   []any          // resources and scopes of the trace that were walked
}

func newTester(outputs *Outputs, o *Options) *tester {
	t := &tester{outputs: outputs, o: o, w: newWalker(o), seen: make([]seen, len(outputs.list)), days: make(map[int64]bool)}
	t.w.visit = t.text
	return t
}

// text counts a text and its words.
func (t *tester) text(s []byte, path string, c class) {
	if at, ok := t.outputs.whole[string(s)]; ok {
		t.hit(at, path, c)
	}
	if c == secret && !personal(s) {
		// Values of a form have words in common, which are no secret.
		eachWord(s, func(word []byte, _ int) {
			if at, ok := t.outputs.words[string(word)]; ok && len(word) < len(s) {
				t.hit(at, path, open)
			} else if ok {
				t.hit(at, path, c)
			}
		})
		return
	}
	eachWord(s, func(word []byte, _ int) {
		if len(word) <= longer {
			return
		}
		if at, ok := t.outputs.words[string(word)]; ok {
			t.hit(at, path, c)
		}
	})
}

// personal reports whether words of a secret value are secret too.
func personal(s []byte) bool {
	return slices.ContainsFunc(s, func(c byte) bool { return c == '@' || c == '/' || c == '\\' || c == ' ' })
}

func (t *tester) hit(at int32, path string, c class) {
	x := &t.seen[at]
	if x.path == "" || path < x.path {
		x.path = path
	}
	x.where[c] = true
	if (c == open || c == number) && x.last != t.trace {
		x.last = t.trace
		x.traces++
	}
}

// begin begins a trace, or an item that is of none.
func (t *tester) begin() {
	t.trace++
	t.parts = t.parts[:0]
}

// told reports whether a resource or scope was walked in this trace.
func (t *tester) told(part any) bool {
	if slices.Contains(t.parts, part) {
		return true
	}
	t.parts = append(t.parts, part)
	return false
}

func (t *tester) from(r *intake.Resource, s *intake.Scope) {
	if r != nil && !t.told(r) {
		t.w.resource(r)
	}
	if s != nil && !t.told(s) {
		t.w.scope(s)
	}
}

// Trace implements intake.Visitor.
func (t *tester) Trace(tr *intake.Trace) {
	t.begin()
	t.traces++
	for i := range tr.Spans {
		s := &tr.Spans[i]
		t.from(s.Resource, s.Scope)
		t.w.message(s.Raw, spanFields)
		if len(t.days) < 1<<12 {
			t.days[int64(s.Start/uint64(24*time.Hour))] = true
		}
	}
	for i := range tr.Logs {
		t.from(tr.Logs[i].Resource, tr.Logs[i].Scope)
		t.w.message(tr.Logs[i].Raw, logFields)
	}
}

// Log implements intake.Visitor.
func (t *tester) Log(l *intake.Log) {
	t.begin()
	t.from(l.Resource, l.Scope)
	t.w.message(l.Raw, logFields)
}

// Point implements intake.Visitor.
func (t *tester) Point(p *intake.Point) {
	t.begin()
	t.from(p.Resource, p.Scope)
	t.w.text(p.Metric, "metric", open)
	t.w.text(p.Unit, "unit", open)
	t.w.text(p.Description, "description of a metric", free)
	t.w.message(p.Raw, pointFields[p.Kind])
}

// add adds what another one has counted, of other traces.
func (t *tester) add(o *tester) {
	t.traces += o.traces
	for i := range o.seen {
		x, y := &t.seen[i], &o.seen[i]
		x.traces += y.traces
		if y.path != "" && (x.path == "" || y.path < x.path) {
			x.path = y.path
		}
		for c := range y.where {
			x.where[c] = x.where[c] || y.where[c]
		}
	}
	for day := range o.days { // order-free: a set
		t.days[day] = true
	}
}

// result judges what was counted.
func (t *tester) result() Result {
	out := Result{Texts: uint64(len(t.seen)), Traces: t.traces}
	for i := range t.seen {
		x := &t.seen[i]
		if x.path == "" {
			continue
		}
		out.Seen++
		if kind, why := t.judge(&t.outputs.list[i], x); kind != "" {
			out.put(&t.outputs.list[i], kind, x.path, why)
		}
	}
	for day := range t.days { // order-free: sorted below
		name := time.Unix(day*int64(24*time.Hour/time.Second), 0).UTC().Format(time.DateOnly)
		if place, ok := t.outputs.dates[name]; ok {
			out.put(&place, Secret, "start", "is a day of the capture")
		}
	}
	slices.SortFunc(out.Findings, func(a, b findings.Finding) int {
		return cmp.Or(cmp.Compare(a.Where.File, b.Where.File), cmp.Compare(a.Where.Line, b.Where.Line), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Message, b.Message))
	})
	out.Leaks = uint64(len(out.Findings))
	out.Findings = out.Findings[:min(len(out.Findings), t.o.MaxLeaks)]
	return out
}

// judge returns of which kind a leak is, and why in words; "": it is none.
func (t *tester) judge(s *text, x *seen) (kind, why string) {
	switch {
	case t.o.Public != nil && (t.o.Public.Has(s.text) || t.o.Public.HasWord(s.text)):
		return "", ""
	case x.where[allowed]:
		return "", ""
	case x.where[number] && x.traces >= t.o.MinTraces:
		return "", ""
	case identifies(s.text):
		return Secret, "looks like an id, an address or a secret"
	case x.traces >= t.o.MinTraces:
		if t.o.Renamed && t.own(s.text) {
			return Name, "is there, although names have new ones"
		}
		return "", ""
	case x.traces > 0:
		return Rare, fmt.Sprintf("is in %s, fewer than %d", spoken.Counted(x.traces, "trace"), t.o.MinTraces)
	case x.where[denied]:
		return Denied, "is only under keys that are denied"
	case x.where[secret]:
		return Secret, "is only under keys of ids and secrets"
	}
	return Free, "is only in free text"
}

// own reports whether a text has a word that is not public: GET / has none.
func (t *tester) own(s string) (own bool) {
	eachWord([]byte(s), func(w []byte, _ int) {
		own = own || len(w) > longer && (t.o.Public == nil || !t.o.Public.HasWord(string(w)))
	})
	return own
}

func (r *Result) put(s *text, kind, path, why string) {
	r.Findings = append(r.Findings, findings.Finding{
		Rule: "leak", Kind: kind, Level: findings.Violation, Count: 1, Where: findings.Where{File: s.file, Line: s.line, Path: path},
		Message: spoken.Quote(s.text, 100) + " " + why,
	})
}

// collector adds the texts of data to outputs.
type collector struct {
	o    *Outputs
	name string
	w    *walker
}

func newCollector(o *Outputs, name string) *collector {
	c := &collector{o: o, name: name, w: newWalker(&Options{})}
	c.w.visit, c.w.noIDs = c.text, true // ids are drawn, and differ from all others
	return c
}

func (c *collector) text(s []byte, _ string, _ class) {
	if _, ok := c.o.whole[string(s)]; !ok {
		c.o.add(&c.o.whole, text{text: string(s), file: c.name, generated: true})
	}
	eachWord(s, func(w []byte, _ int) {
		if _, ok := c.o.words[string(w)]; !ok && len(w) > longer {
			c.o.add(&c.o.words, text{text: string(w), file: c.name, generated: true})
		}
	})
}

// Trace implements intake.Visitor.
func (c *collector) Trace(tr *intake.Trace) {
	for i := range tr.Spans {
		c.w.resource(tr.Spans[i].Resource)
		c.w.scope(tr.Spans[i].Scope)
		c.w.message(tr.Spans[i].Raw, spanFields)
	}
	for i := range tr.Logs {
		c.Log(&tr.Logs[i])
	}
}

// Log implements intake.Visitor.
func (c *collector) Log(l *intake.Log) {
	c.w.resource(l.Resource)
	c.w.scope(l.Scope)
	c.w.message(l.Raw, logFields)
}

// Point implements intake.Visitor.
func (c *collector) Point(p *intake.Point) {
	c.w.resource(p.Resource)
	c.w.scope(p.Scope)
	c.w.text(p.Metric, "", open)
	c.w.text(p.Unit, "", open)
	// Descriptions of metrics are those of the program, or of a file that is looked through itself.
	c.w.message(p.Raw, pointFields[p.Kind])
}
