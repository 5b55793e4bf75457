package judge

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// faulty hands a judge every unit with a fault in it: what a faulty match or a
// class that is switched off would come to.
type faulty struct {
	match.Judge
	fault func(u *match.Unit)
}

type faultySegment struct {
	match.SegmentJudge
	fault func(u *match.Unit)
}

func (f faulty) Begin(segment uint64) match.SegmentJudge {
	return faultySegment{f.Judge.Begin(segment), f.fault}
}

func (f faulty) End(segment uint64, j match.SegmentJudge) error {
	return f.Judge.End(segment, j.(faultySegment).SegmentJudge)
}

func (f faultySegment) Take(u *match.Unit) error {
	f.fault(u)
	return f.SegmentJudge.Take(u)
}

// each returns a fault of one pair.
func each(fault func(u *match.Unit, p *match.Pair)) func(*match.Unit) {
	return func(u *match.Unit) {
		for i := range u.Pairs {
			fault(u, &u.Pairs[i])
		}
	}
}

// copies returns a fault of one copy.
func copies(fault func(u *match.Unit, p *match.Pair, c *match.Received)) func(*match.Unit) {
	return each(func(u *match.Unit, p *match.Pair) {
		for _, c := range p.Copies {
			fault(u, p, c)
		}
	})
}

// without returns the fault of not seeing some pairs.
func without(gone func(p *match.Pair) bool) func(*match.Unit) {
	return func(u *match.Unit) {
		u.Pairs = slices.DeleteFunc(slices.Clone(u.Pairs), func(p match.Pair) bool { return gone(&p) })
	}
}

// arranged returns the fault of the first copies being one after the other as their
// order says.
func arranged(order func(a, b *match.Received) int, set func(c *match.Received, message uint64, position uint32)) func(*match.Unit) {
	return func(u *match.Unit) {
		var first, sorted []*match.Received
		for i := range u.Pairs {
			if c := u.Pairs[i].Copies; len(c) > 0 {
				first = append(first, c[0])
			}
		}
		for _, c := range first {
			s := *c
			sorted = append(sorted, &s)
		}
		slices.SortFunc(sorted, order)
		for i, c := range first {
			set(c, sorted[i].Message, sorted[i].Position)
		}
	}
}

func arrival(a, b *match.Received) int {
	return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Position, b.Position))
}

// faults are those that are planted; each must be found.
var faults = []struct {
	name  string
	fault func(u *match.Unit)
}{
	{"no losses", without(func(p *match.Pair) bool { return len(p.Copies) == 0 && p.Sent.Fate == match.Accepted })},
	{"nothing unknown", without(func(p *match.Pair) bool { return len(p.Copies) == 0 && p.Sent.Fate == match.Unknown })},
	{"nothing refused", without(func(p *match.Pair) bool { return len(p.Copies) == 0 && p.Sent.Fate == match.Failed })},
	{"no duplicates", each(func(_ *match.Unit, p *match.Pair) { p.Copies = p.Copies[:min(len(p.Copies), 1)] })},
	{"duplicates once", each(func(_ *match.Unit, p *match.Pair) { p.Copies = p.Copies[:min(len(p.Copies), 2)] })},
	{"nothing made up", func(u *match.Unit) { u.MadeUp = nil }},
	{"items as they were sent", copies(func(_ *match.Unit, p *match.Pair, c *match.Received) {
		c.Item.Digest, c.Item.Bytes = p.Sent.Digest, p.Sent.Bytes
	})},
	{"metrics as they were sent", copies(func(_ *match.Unit, p *match.Pair, c *match.Received) {
		c.Metric = p.Sent.Metric
	})},
	{"nothing moved", copies(func(u *match.Unit, p *match.Pair, c *match.Received) {
		if u.Known != nil && u.Known.Resources[c.Resource.Digest] && u.Known.Scopes[c.Scope.Digest] {
			c.Resource, c.Scope = p.Sent.Resource, p.Sent.Scope
		}
	})},
	{"everything known", copies(func(u *match.Unit, _ *match.Pair, c *match.Received) {
		u.Known.Resources[c.Resource.Digest], u.Known.Scopes[c.Scope.Digest] = true, true
	})},
	{"attributes do not count", copies(func(_ *match.Unit, p *match.Pair, c *match.Received) {
		if alike(&p.Sent.Item, &c.Item) {
			c.Digest, c.Bytes = p.Sent.Digest, p.Sent.Bytes
		}
	})},
	{"always in order", arranged(arrival, func(c *match.Received, message uint64, position uint32) {
		c.Message, c.Position = message, position
	})},
	{"never split", copies(func(_ *match.Unit, _ *match.Pair, c *match.Received) {
		c.Position += uint32(c.Message) << 16
		c.Message = 0
	})},
	{"never late", copies(func(_ *match.Unit, p *match.Pair, c *match.Received) {
		c.Arrived = min(c.Arrived, p.Sent.Attempted)
	})},
	{"no fates", each(func(_ *match.Unit, p *match.Pair) { p.Sent.Fate = match.Accepted })},
	{"none refused in part", func(u *match.Unit) { u.Refused = nil }},
	{"one lap", func(u *match.Unit) { u.Lap = 0 }},
	{"the last copy counts", each(func(_ *match.Unit, p *match.Pair) { slices.Reverse(p.Copies) })},
	{"records of one number", each(func(_ *match.Unit, p *match.Pair) { p.Sent.Record = 0 })},
	{"no metrics", func(u *match.Unit) {
		if u.Signal == otlp.SignalMetrics {
			u.Pairs = nil
		}
	}},
}

// alike reports whether two items are equal but for their attributes.
func alike(a, b *match.Item) bool {
	x, err1 := form.AppendFields(nil, a.Message, a.Bytes)
	y, err2 := form.AppendFields(nil, b.Message, b.Bytes)
	if err1 != nil || err2 != nil {
		return false
	}
	for _, c := range form.Diff(x, y) {
		if !strings.HasPrefix(c.Path, "attributes.") {
			return false
		}
	}
	return true
}

// TestPlantedFaultsAreCaught runs trials with a checker that is wrong in one way after
// the other: one of them must show it.
func TestPlantedFaultsAreCaught(t *testing.T) {
	var runs []*run
	for i := range min(*seeds, 12) {
		r := runOf(t, *firstSeed+uint64(i))
		if _, _, wrong := r.compare(t, honest); len(wrong) > 0 {
			t.Fatalf("seed %d: without a fault: %s", r.seed, wrong[0])
		}
		runs = append(runs, r)
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			for _, r := range runs {
				_, _, wrong := r.compare(t, func(j match.Judge) match.Judge { return faulty{j, f.fault} })
				if len(wrong) > 0 {
					t.Logf("seed %d: %s", r.seed, wrong[0])
					return
				}
			}
			t.Error("no trial shows it")
		})
	}
}
