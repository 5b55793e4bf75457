package judge

import (
	"cmp"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const (
	// maxBuckets bounds the buckets of the time line, and so decides their width:
	// the least power of two milliseconds at which they reach over the run.
	maxBuckets = 128
	leastWidth = int64(time.Millisecond)
	// maxRequests bounds the requests with losses that are remembered one by one.
	maxRequests = 1 << 16
	// maxTimes bounds the requests, with losses or without, whose time is remembered.
	maxTimes = 1 << 19
)

// losses is when items were sent, and when those that were lost. Times are ns
// since the epoch; 0 is no time.
type losses struct {
	width     int64 // 0: nothing yet
	start     int64 // of the first bucket, in widths
	buckets   []bucket
	firstSent int64
	lastSent  int64
	first     int64 // lost
	last      int64
	count     uint64    // items lost, those of no time included
	requests  []request // at most maxRequests
	others    uint64    // requests beyond
	more      bool      // there are more times than these

	// Times of all requests by signal, at most maxTimes of each.
	times [otlp.NumSignals][]int64
}

type bucket struct{ sent, lost uint64 }

// request is a message of the sender of which something was lost.
type request struct {
	at                   int64
	lost                 uint64
	sig                  otlp.Signal
	lap, segment, number uint64
}

// sent counts an item that was sent.
func (l *losses) sent(at int64) {
	if at <= 0 {
		return
	}
	l.bucket(at).sent++
	l.firstSent, l.lastSent = earlier(l.firstSent, at), max(l.lastSent, at)
}

// began takes note of a request that was sent.
func (l *losses) began(sig otlp.Signal, at int64) {
	switch {
	case at <= 0:
	case len(l.times[sig]) == maxTimes:
		l.more = true
	default:
		l.times[sig] = append(l.times[sig], at)
	}
}

// request adds a request with losses and returns its index for lost.
func (l *losses) request(r request) int {
	if len(l.requests) == maxRequests {
		l.others++
		return -1
	}
	l.requests = append(l.requests, r)
	return len(l.requests) - 1
}

// lost counts an item that was lost, of a request.
func (l *losses) lost(at int64, request int) {
	l.count++
	if request >= 0 {
		l.requests[request].lost++
	}
	if at <= 0 {
		return
	}
	l.bucket(at).lost++
	l.first, l.last = earlier(l.first, at), max(l.last, at)
}

// earlier returns the earlier of two times, of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// bucket returns the bucket of a time over 0, which it makes room for.
func (l *losses) bucket(at int64) *bucket {
	if l.width == 0 {
		l.width, l.start = leastWidth, at/leastWidth
	}
	for {
		i := at / l.width
		from, to := i, i+1
		if len(l.buckets) > 0 {
			from, to = min(l.start, i), max(l.start+int64(len(l.buckets)), i+1)
		}
		if to-from > maxBuckets {
			l.widen()
			continue
		}
		if ahead := l.start - from; ahead > 0 && len(l.buckets) > 0 {
			l.buckets = slices.Insert(l.buckets, 0, make([]bucket, ahead)...)
		}
		l.start = from
		for int64(len(l.buckets)) < to-from {
			l.buckets = append(l.buckets, bucket{})
		}
		return &l.buckets[i-from]
	}
}

// widen makes the buckets twice as wide.
func (l *losses) widen() {
	old, first := l.buckets, l.start
	l.width *= 2
	l.start = first / 2
	l.buckets = nil
	for i, b := range old {
		at := int((first+int64(i))/2 - l.start)
		for len(l.buckets) <= at {
			l.buckets = append(l.buckets, bucket{})
		}
		l.buckets[at].sent += b.sent
		l.buckets[at].lost += b.lost
	}
}

// join adds what other has, which it may widen.
func (l *losses) join(other *losses) {
	if other.width > 0 {
		for l.width > 0 && other.width < l.width {
			other.widen()
		}
		for l.width > 0 && l.width < other.width {
			l.widen()
		}
		if l.width == 0 {
			l.width, l.start = other.width, other.start
		}
		for i, b := range other.buckets {
			if b != (bucket{}) {
				to := l.bucket((other.start + int64(i)) * other.width)
				to.sent += b.sent
				to.lost += b.lost
			}
		}
	}
	l.firstSent, l.lastSent = earlier(l.firstSent, other.firstSent), max(l.lastSent, other.lastSent)
	l.first, l.last = earlier(l.first, other.first), max(l.last, other.last)
	l.count += other.count
	room := min(len(other.requests), maxRequests-len(l.requests))
	l.requests = append(l.requests, other.requests[:room]...)
	l.others += other.others + uint64(len(other.requests)-room)
	for sig, times := range other.times {
		room := min(len(times), maxTimes-len(l.times[sig]))
		l.times[sig] = append(l.times[sig], times[:room]...)
		l.more = l.more || room < len(times)
	}
	l.more = l.more || other.more
}

// result returns what is told of the losses, nil when there are none or their time
// is not known.
func (l *losses) result(clock string) *Losses {
	if l.count == 0 || l.first == 0 {
		return nil
	}
	r := &Losses{
		Clock: clock, Width: time.Duration(l.width), First: utc(l.first), Last: utc(l.last),
		Requests: uint64(len(l.requests)) + l.others,
	}
	for i, b := range l.buckets {
		r.Buckets = append(r.Buckets, Bucket{utc((l.start + int64(i)) * l.width), b.sent, b.lost})
	}
	// Of requests at one time the order does not matter: their numbers are summed.
	slices.SortStableFunc(l.requests, func(a, b request) int { return cmp.Compare(a.at, b.at) })
	r.Summary = l.summary(clock)
	return r
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }
