package profile

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
)

var seeds = flag.Uint64("seeds", 1, "try so many sets of traces under each cap")

// small is caps so low that each leaves much out.
var small = Options{Classes: 60, Shapes: 40, Productions: 200, Keys: 9, Others: 12, Records: 100, Room: 40000, Sample: 3000}

// A profile is of the set of what went in: not of its order, nor of the parts that it is
// merged from, whether or not the caps matter.
func TestProfilesAreOfTheSet(t *testing.T) {
	for name, o := range map[string]Options{
		"default": {}, "small": small,
		"classes": {Classes: 60}, "shapes": {Shapes: 40}, "productions": {Productions: 200}, "keys": {Keys: 9},
		"others": {Others: 12}, "records": {Records: 100}, "room": {Room: 1 << 20}, "less room": {Room: 1 << 16}, "sample": {Sample: 3000},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 3))
			for seed := range *seeds {
				d := draw(seed, 60)
				whole := d.profile(o, 0, 60)
				d.shuffle(r)
				same(t, "shuffled", whole, d.profile(o, 0, 60))
				i, j := r.IntN(60), r.IntN(60)
				i, j = min(i, j), max(i, j)
				a, b, c := d.profile(o, 0, i), d.profile(o, i, j), d.profile(o, j, 60)
				same(t, "merged", whole, Merge(Merge(a, b), c))
				same(t, "merged in another order", whole, Merge(c, Merge(b, a)))
				same(t, "of parts that stay as they are", b, d.profile(o, i, j))
				if t.Failed() {
					return
				}
			}
		})
	}
}

// Each cap leaves something out where it is low, and says so; none does by default.
func TestCapsAreSaid(t *testing.T) {
	d := draw(1, 400)
	if l := d.profile(Options{}, 0, 400).Left; l != (Left{Values: 256}) {
		t.Errorf("left out without need: %+v", l)
	}
	p := d.profile(small, 0, 400)
	l := p.Left
	if !l.Classes || !l.Shapes || !l.Productions || !l.Keys || !l.Sessions || !l.Logs || !l.Metrics || l.Spans == 0 || l.Traces == 0 || l.Values > 32 {
		t.Errorf("left out: %+v", l)
	}
	if len(p.Classes) != 60 || len(p.Shapes) != 40 || len(p.Keys) != 12 || len(p.Metrics) != 12 || len(p.Logs) != 12 {
		t.Errorf("%d classes, %d shapes, %d keys, %d metrics, %d templates", len(p.Classes), len(p.Shapes), len(p.Keys), len(p.Metrics), len(p.Logs))
	}
	spans := l.Spans
	for _, c := range p.Classes {
		spans += c.Spans
	}
	if spans != p.Sizes[0].Items {
		t.Errorf("%d spans of classes and left out, of %d", spans, p.Sizes[0].Items)
	}
}

// What is kept under a cap has the counts that it has without one.
func TestWhatIsKeptIsWhole(t *testing.T) {
	d := draw(2, 60)
	all, p := d.profile(Options{}, 0, 60), d.profile(small, 0, 60)
	for id, c := range p.Classes {
		if w := all.Classes[id]; fmt.Sprint(w.Spans, w.Traces, w.Caused, w.Own.Append(nil)) != fmt.Sprint(c.Spans, c.Traces, c.Caused, c.Own.Append(nil)) {
			t.Errorf("class %s: %d spans, want %d", c.Name, c.Spans, w.Spans)
		}
		for h, x := range c.Productions {
			if w := all.Classes[id].Productions[h]; w == nil || w.Spans != x.Spans {
				t.Errorf("class %s: production %x", c.Name, h)
			}
		}
	}
	for h, s := range p.Shapes {
		if w := all.Shapes[h]; w.Traces != s.Traces || w.Text != s.Text {
			t.Errorf("shape %s: %d, want %d", s.Text, s.Traces, w.Traces)
		}
	}
}

// Each table that keeps what comes first is caught by another order.
func TestFirstComeIsCaught(t *testing.T) {
	for name, plant := range map[string]func(*Builder){
		"classes":     func(b *Builder) { b.classes.bound = 1 },
		"shapes":      func(b *Builder) { b.shapes.bound = 1 },
		"productions": func(b *Builder) { b.productions.bound = 1 },
		"keys":        func(b *Builder) { b.keys.bound = 1 },
		"templates":   func(b *Builder) { b.templates.bound = 1 },
		"class logs":  func(b *Builder) { b.classLogs.bound = 1 },
		"services":    func(b *Builder) { b.services.bound = 1; clear(b.resources) },
		"metrics":     func(b *Builder) { b.metrics.bound = 1 },
		"sessions":    func(b *Builder) { b.sessions.all.bound = 1 },
		"values":      func(b *Builder) { b.sessions.values.bound = 1 },
		"sample":      func(b *Builder) { b.sample.bound = 1 },
		"level":       func(b *Builder) { b.lower(len(levels) - 1); b.level = 0 },
		"attributes": func(b *Builder) {
			for _, c := range b.classes.items {
				c.attributes.bound = 1
			}
		},
	} {
		d, r := draw(5, 40), rand.New(rand.NewPCG(5, 5))
		build := func() *Profile {
			b := NewBuilder(Options{})
			for i := range d.traces {
				if i == 20 {
					plant(b)
				}
				b.Trace(d.traces[i])
				b.Log(d.logs[i])
				b.Point(d.points[i])
			}
			return b.Finish()
		}
		first := build()
		d.shuffle(r)
		if first.Equal(build()) {
			t.Errorf("%s that keep what comes first are not caught", name)
		}
	}
}
