package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/replay"
)

// figure is a chart with what stands around it.
type figure struct {
	Title  string
	Note   string
	Legend []key
	Empty  string // why there is nothing to draw
	Charts []template.HTML
}

// key is an entry of a legend.
type key struct{ Class, Name string }

// rates returns what count says of the buckets as rates. The last event lies at
// last and begins nothing: what follows it is no part of a rate, so that a
// bucket that is not over yet shows no dip.
func rates(s *replay.Series, events func(*replay.Bucket) uint64, count func(*replay.Bucket) uint64,
	first, last time.Duration) []chart.Segment {
	var all []chart.Segment
	end := min(int((last+s.Lead)/s.Width), len(s.Buckets)-1)
	var n, seen, kept uint64 // kept for the next segment: of one too short to tell a rate
	for i := range s.Buckets[:end+1] {
		b := &s.Buckets[i]
		n, seen, kept = n+events(b), seen+count(b), kept+count(b)
		l := chart.Segment{From: from(s, i), To: s.From(i + 1)}
		if i == 0 && end > 0 && l.To < s.Width/2 {
			continue
		}
		if len(all) == 0 {
			l.From = from(s, 0)
		}
		l.Value = float64(kept) / (l.To - l.From).Seconds()
		all, kept = append(all, l), 0
	}
	if n < 2 || last <= first {
		return nil
	}
	each := float64(seen) / float64(n)
	end = len(all) - 1
	l := &all[end]
	sum := l.Value * (l.To - l.From).Seconds()
	if end > 0 && last-l.From < s.Width/2 {
		// Too little of a bucket to tell a rate: it goes with the one before.
		l = &all[end-1]
		sum += l.Value * (l.To - l.From).Seconds()
		all = all[:end]
	}
	l.To = last
	l.Value = max(sum-each, 0) / (last - max(l.From, min(first, last-1))).Seconds()
	return all
}

// from returns when a bucket begins within the run.
func from(s *replay.Series, i int) time.Duration { return max(s.From(i), 0) }

// rateFigure draws what was sent against what was due.
func (p *Page) rateFigure(s *replay.Series, length time.Duration) figure {
	f := figure{Title: "Rate over time"}
	unit, count := "records", func(c replay.Count) uint64 { return c.Records }
	if p.Unit == replay.UnitItems {
		unit, count = "items", func(c replay.Count) uint64 { return c.Items }
	}
	sent := rates(s, func(b *replay.Bucket) uint64 { return b.Sent.Records },
		func(b *replay.Bucket) uint64 { return count(b.Sent) }, s.FirstSent, s.LastSent)
	var due []chart.Segment
	if p.Unit != replay.UnitNone {
		due = rates(s, func(b *replay.Bucket) uint64 { return b.Due.Records },
			func(b *replay.Bucket) uint64 { return count(b.Due) }, s.FirstDue, s.LastDue)
		f.Legend = append(f.Legend, key{"due", "due, by the schedule"})
	}
	if sent == nil {
		return figure{Title: f.Title, Empty: "Too few records were sent for a rate."}
	}
	f.Legend = append(f.Legend, key{"sent", "sent for the first time"})
	target := p.Report.TargetRPS > 0 && unit == "records"
	most := 0.0
	if target {
		f.Legend = append(f.Legend, key{"target", "target"})
		most = p.Report.TargetRPS
	}
	for _, s := range append(append([]chart.Segment(nil), due...), sent...) {
		most = max(most, s.Value)
	}
	for _, size := range chart.Sizes {
		x, clock := chart.TimeAxis(length, size)
		f.Note = unit + " a second; time since the start" + clock
		c := chart.New(size, x, chart.CountAxis(most*1.02))
		c.Steps("due", due, true)
		if target {
			fmt.Fprintf(c, `<path class="line target" d="M%d %.1fH%.1f"/>`, chart.LeftRoom, c.Y.Place(p.Report.TargetRPS), c.X.To)
		}
		c.Steps("sent", sent, false)
		p.hints(c, s)
		f.Charts = append(f.Charts, c.Finish(f.Title))
	}
	return f
}

// latencyFigure draws the latency from due.
func (p *Page) latencyFigure(s *replay.Series, length time.Duration) figure {
	f := figure{Title: "Latency over time"}
	if p.Report.FromDue.Count == 0 {
		f.Empty = "No record was answered."
		return f
	}
	low, high := math.Inf(1), 0.0
	var p50, p99, most [][]chart.Point
	gap := true
	for i := range s.Buckets {
		b := &s.Buckets[i]
		if b.Answered == 0 {
			gap = true
			continue
		}
		low, high = min(low, float64(b.P50)), max(high, float64(b.Max))
		if gap {
			p50, p99, most = append(p50, nil), append(p99, nil), append(most, nil)
			gap = false
		}
		middle := (from(s, i) + (s.From(i+1)-from(s, i))/2).Seconds()
		add := func(runs [][]chart.Point, v int64) {
			runs[len(runs)-1] = append(runs[len(runs)-1], chart.Point{X: middle, Y: float64(v)})
		}
		add(p50, b.P50)
		add(p99, b.P99)
		add(most, b.Max)
	}
	f.Legend = []key{{"max", "maximum"}, {"p99", "99th percentile"}, {"p50", "median"}}
	for _, size := range chart.Sizes {
		x, clock := chart.TimeAxis(length, size)
		f.Note = "from the instant a record was due to its answer, by when it was due; time since the start" + clock
		c := chart.New(size, x, chart.LatencyAxis(low, high))
		c.Line("max", most)
		c.Line("p99", p99)
		c.Line("p50", p50)
		p.hints(c, s)
		f.Charts = append(f.Charts, c.Finish(f.Title))
	}
	return f
}

// troubleFigure draws what did not go as it should, if anything did.
func (p *Page) troubleFigure(s *replay.Series, length time.Duration) (figure, bool) {
	f := figure{Title: "What went wrong over time"}
	kinds := []struct {
		key
		count func(*replay.Bucket) uint64
	}{
		{key{"late", "late"}, func(b *replay.Bucket) uint64 { return b.Late }},
		{key{"retried", "retried"}, func(b *replay.Bucket) uint64 { return b.Retried }},
		{key{"rejected", "rejected"}, func(b *replay.Bucket) uint64 { return b.Rejected }},
		{key{"failed", "failed"}, func(b *replay.Bucket) uint64 { return b.Failed }},
		{key{"unknown", "unknown"}, func(b *replay.Bucket) uint64 { return b.Unknown }},
	}
	segments := make([][]chart.Segment, len(kinds))
	most := 0.0
	for k, kind := range kinds {
		some := false
		for i := range s.Buckets {
			n := float64(kind.count(&s.Buckets[i]))
			some = some || n > 0
			most = max(most, n)
			segments[k] = append(segments[k], chart.Segment{From: from(s, i), To: s.From(i + 1), Value: n})
		}
		if some {
			f.Legend = append(f.Legend, kind.key)
		} else {
			segments[k] = nil
		}
	}
	if most == 0 {
		return f, false
	}
	for _, size := range chart.Sizes {
		x, clock := chart.TimeAxis(length, size)
		f.Note = fmt.Sprintf("records in %s; late and retried by when they were due, the others by when they ended; time since the start%s",
			chart.Duration(int64(s.Width)), clock)
		c := chart.New(size, x, chart.CountAxis(max(most, 4)))
		for k, kind := range kinds {
			c.Steps(kind.Class, segments[k], false)
		}
		p.hints(c, s)
		f.Charts = append(f.Charts, c.Finish(f.Title))
	}
	return f, true
}

// hints lays what is known of each bucket over a chart over time.
func (p *Page) hints(c *chart.Chart, s *replay.Series) {
	for i := range s.Buckets {
		b := &s.Buckets[i]
		from, to := from(s, i), s.From(i+1)
		if from.Seconds() >= c.X.High {
			return
		}
		var said strings.Builder
		fmt.Fprintf(&said, "%s to %s: ", chart.Duration(int64(from)), chart.Duration(int64(to)))
		if p.Unit != replay.UnitNone {
			fmt.Fprintf(&said, "%s due, ", text.Grouped(b.Due.Records))
		}
		fmt.Fprintf(&said, "%s sent", text.Grouped(b.Sent.Records))
		if b.Answered > 0 {
			fmt.Fprintf(&said, "; p50 %s, p99 %s, max %s", chart.Duration(b.P50), chart.Duration(b.P99), chart.Duration(b.Max))
		}
		for _, x := range []struct {
			n    uint64
			name string
		}{{b.Late, "late"}, {b.Retried, "retried"}, {b.Rejected, "rejected"}, {b.Failed, "failed"}, {b.Unknown, "unknown"}} {
			if x.n > 0 {
				fmt.Fprintf(&said, "; %s %s", text.Grouped(x.n), x.name)
			}
		}
		c.Hint(from.Seconds(), to.Seconds(), said.String())
	}
}

// curveFigure draws the distributions: each nine more is as wide as the one
// before.
func (p *Page) curveFigure(s *replay.Series) figure {
	f := figure{Title: "Percentiles", Note: "the part of the records that took at most so long"}
	curves := []struct {
		key
		all []replay.Quantile
	}{
		{key{"max", "latency from due"}, s.FromDue},
		{key{"p50", "latency from send"}, s.FromSend},
		{key{"late", "lateness"}, s.Lateness},
	}
	low, high := math.Inf(1), 0.0
	for _, c := range curves {
		if len(c.all) > 0 {
			f.Legend = append(f.Legend, c.key)
			low, high = min(low, float64(c.all[0].Nanos)), max(high, float64(c.all[len(c.all)-1].Nanos))
		}
	}
	nines := max(math.Log10(float64(p.Report.Records.Due)), 1)
	for _, size := range chart.Sizes {
		x := chart.Axis{High: nines, Ticks: []chart.Tick{{At: 0, Label: "0 %"}, {At: math.Log10(2), Label: "50 %"}}}
		for n := 1; float64(n) <= nines+1e-9; n++ {
			digits := strings.Repeat("9", max(n, 2))
			label := digits[:2]
			if n == 1 {
				label = "90"
			} else if n > 2 {
				label += "." + digits[2:]
			}
			x.Ticks = append(x.Ticks, chart.Tick{At: float64(n), Label: label + " %"})
		}
		c := chart.New(size, x, chart.LatencyAxis(low, high))
		for _, curve := range curves {
			var run []chart.Point
			for _, q := range curve.all {
				run = append(run, chart.Point{X: min(-math.Log10(max(1-q.Part, 1e-12)), nines), Y: float64(q.Nanos)})
			}
			if len(run) > 0 {
				c.Line(curve.Class, [][]chart.Point{run})
			}
		}
		f.Charts = append(f.Charts, c.Finish(f.Title))
	}
	return f
}
