package main

import (
	"fmt"
	"io"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// rates prints what a sink receives, while it receives something.
type rates struct {
	w    io.Writer
	last sink.Snapshot
}

func (r *rates) show(s sink.Snapshot) {
	d := s.Since(r.last)
	r.last = s
	n, seconds := d.Total(), d.Elapsed.Seconds()
	refused := d.Throttled + d.Failed + d.Hung + d.Cut + d.Malformed + d.Unkept
	if n.Requests+refused == 0 || seconds <= 0 {
		return
	}
	line := fmt.Sprintf("%v  %s requests/s  %s items/s  %.1f MB/s  %s items in all", s.Elapsed.Round(time.Second),
		perSecond(n.Requests, seconds), perSecond(n.Items, seconds), float64(n.Bytes)/seconds/1e6, text.Grouped(s.Total().Items))
	if refused > 0 {
		line += fmt.Sprintf("  %s refused/s", perSecond(refused, seconds))
	}
	fmt.Fprintln(r.w, line)
}

func perSecond(n int64, seconds float64) string {
	return text.Grouped(uint64(float64(n)/seconds + 0.5))
}
