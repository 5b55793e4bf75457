package ledger

import (
	"io"
	"testing"
	"time"
)

// BenchmarkEnter is what a line costs, compression and all.
func BenchmarkEnter(b *testing.B) {
	all := entries(4096)[2:]
	for i := range all { // as in a corpus
		e := &all[i]
		e.Lap, e.Segment, e.Record = 0, uint64(i/1000), uint64(i%1000)
		e.First = 1767225600e9 + int64(i)*123456
		e.Last = e.First
		e.Shift = e.First%1e6 + int64(i/3)*777777
		e.Outcome, e.Refused, e.Retries = Accepted, 0, 0
		e.Signal %= 2
		if e.Signal == 1 {
			e.Signal = 2
		}
		e.Time, e.Start, e.Prev = 0, 0, 0
	}
	counted := &count{}
	w, err := NewWriter(counted)
	if err != nil {
		b.Fatal(err)
	}
	w.Begin(header)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		w.Enter(&all[i%len(all)])
		i++
	}
	if err := w.End(Complete, time.Now()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(counted.n)/float64(i), "B/line")
}

type count struct {
	n int
	io.Writer
}

func (c *count) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
