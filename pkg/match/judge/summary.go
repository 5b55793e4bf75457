package judge

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// most is the percentage of the losses that a place in time must have to be told
// as the place.
const most = 90

// summary says where in time the losses are, in a sentence. The requests are in
// order of time.
func (l *losses) summary(clock string) string {
	verb := "sent"
	if clock == ClockCorpus {
		verb = "of the corpus' time"
	}
	all := uint64(len(l.requests)) + l.others
	spread := fmt.Sprintf("the losses are in %s, %s from %s to %s", text.Counted(all, "request"), verb, clockTime(l.first), clockTime(l.last))
	if l.others > 0 {
		return spread
	}
	from, to, lost := l.densest()
	n := uint64(to - from)
	first, last := l.requests[from].at, l.requests[to-1].at
	share := "all"
	if lost < l.count {
		share = fmt.Sprintf("%d %%", lost*100/l.count)
	}
	in := fmt.Sprintf("%s of the losses are in %s", share, text.Counted(n, "request"))
	run := l.lastSent - l.firstSent
	switch {
	case n == 1:
		return fmt.Sprintf("%s, %s at %s%s", in, verb, clockTime(first), l.end(last))
	case run > 0 && last-first > run/2:
		return spread + ", all over the run"
	}
	how := " between others that arrived"
	switch {
	case l.more:
		how = "" // nobody knows
	case l.together(from, to) >= most, follow(l.requests[from:to]):
		how = " in a row"
	}
	return fmt.Sprintf("%s%s, %s from %s to %s%s", in, how, verb, clockTime(first), clockTime(last), l.end(last))
}

// densest returns the shortest row of requests, in time, that has most of the
// losses, the first of several, and how many it has: all of them, where that makes
// it little longer.
func (l *losses) densest() (from, to int, lost uint64) {
	need := (l.count*most + 99) / 100
	best, sum, start := int64(-1), uint64(0), 0
	to = len(l.requests)
	for end := range l.requests {
		sum += l.requests[end].lost
		for sum-l.requests[start].lost >= need {
			sum -= l.requests[start].lost
			start++
		}
		if took := l.requests[end].at - l.requests[start].at; sum >= need && (best < 0 || took < best) {
			best, from, to = took, start, end+1
		}
	}
	for from > 0 && l.requests[from-1].at == l.requests[from].at {
		from--
	}
	for to < len(l.requests) && l.requests[to].at == l.requests[to-1].at {
		to++
	}
	if all := l.requests[len(l.requests)-1].at - l.requests[0].at; all <= 2*best {
		from, to = 0, len(l.requests)
	}
	for _, r := range l.requests[from:to] {
		lost += r.lost
	}
	return from, to, lost
}

// together returns which percentage of the requests of a time had losses, namely
// from one with losses to before another, as far as that is known.
func (l *losses) together(from, to int) int {
	if l.more {
		return 0
	}
	first, last := l.requests[from].at, l.requests[to-1].at
	var signals [otlp.NumSignals]bool
	for _, r := range l.requests[from:to] {
		signals[r.sig] = true
	}
	all := 0
	for sig, times := range l.times {
		for _, t := range times {
			if signals[sig] && t >= first && t <= last {
				all++
			}
		}
	}
	return (to - from) * 100 / max(all, 1)
}

// follow reports whether requests follow each other in the corpus, those of each
// signal for themselves: in its times sessions overlap, and in those of a replay
// what is sent at the same moment.
func follow(list []request) bool {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b request) int {
		return cmp.Or(cmp.Compare(a.lap, b.lap), cmp.Compare(a.sig, b.sig), cmp.Compare(a.segment, b.segment), cmp.Compare(a.number, b.number))
	})
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		same := a.lap == b.lap && a.sig == b.sig
		next := b.segment == a.segment && b.number == a.number+1 || b.segment == a.segment+1 && b.number == 0
		if same && !next {
			return false
		}
	}
	return true
}

// end says when nothing was sent after a time.
func (l *losses) end(at int64) string {
	if at >= l.lastSent {
		return ", the last of the run"
	}
	return ""
}

// clockTime returns a time as people compare it with a log: of the day, in UTC.
func clockTime(ns int64) string {
	t := utc(ns)
	if t.Truncate(time.Millisecond).Nanosecond() == 0 {
		return t.Format("15:04:05")
	}
	return t.Format("15:04:05.000")
}
