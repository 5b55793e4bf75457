package sink

import (
	"errors"
	"fmt"
	"time"
)

// Behaviour is what the sink does wrong. Shares are of all requests, from 0 to
// 1, and exclude one another. What becomes of the n-th request to arrive is a
// function of n and Seed, so the number of each is the same in every run of
// as many requests.
type Behaviour struct {
	Seed       uint64        // of which requests it does wrong
	Delay      time.Duration // before every answer
	Throttle   float64       // share refused with ResourceExhausted and RetryInfo, or 429
	RetryAfter time.Duration // asked for when throttling; HTTP rounds up to seconds
	Fail       float64       // share refused with Unavailable, or 503
	Partial    float64       // share of which PartialItems items are rejected
	// PartialItems is how many: the last of a request, all if it has fewer.
	PartialItems int64
	Hang         float64 // share that is never answered
	Cut          float64 // share whose connection is reset
}

// PartialMessage is the message of a partial success.
const PartialMessage = "rejected as the sink was told to"

func (b Behaviour) check() error {
	sum := 0.0
	for _, s := range []struct {
		name  string
		share float64
	}{{"throttle", b.Throttle}, {"fail", b.Fail}, {"partial", b.Partial}, {"hang", b.Hang}, {"cut", b.Cut}} {
		if !(s.share >= 0 && s.share <= 1) {
			return fmt.Errorf("share to %s: %v is not between 0 and 1", s.name, s.share)
		}
		sum += s.share
	}
	if sum > 1+1e-9 {
		return fmt.Errorf("shares to throttle, fail, reject in part, hang and cut: the sum %v is over 1", sum)
	}
	if b.Partial > 0 && b.PartialItems <= 0 {
		return errors.New("share to reject in part: the number of items is not positive")
	}
	if b.Delay < 0 || b.RetryAfter < 0 {
		return errors.New("delay and retry-after: must not be negative")
	}
	return nil
}

// action is what becomes of one request.
type action uint8

const (
	accept action = iota
	throttle
	fail
	partial
	hang
	cut
)

// decide returns what becomes of the n-th request.
func (b *Behaviour) decide(n uint64) action {
	if b.Throttle+b.Fail+b.Partial+b.Hang+b.Cut == 0 {
		return accept
	}
	u := unit(b.Seed, n)
	for _, s := range []struct {
		act   action
		share float64
	}{{throttle, b.Throttle}, {fail, b.Fail}, {partial, b.Partial}, {hang, b.Hang}, {cut, b.Cut}} {
		if u < s.share {
			return s.act
		}
		u -= s.share
	}
	return accept
}

// unit returns a number in [0, 1) by SplitMix64 (Steele, Lea, Flood 2014).
func unit(seed, n uint64) float64 {
	x := seed + (n+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}
