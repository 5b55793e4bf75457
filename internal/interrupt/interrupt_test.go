package interrupt

import (
	"testing"
	"time"
)

// GNU timeout, npm and make send a signal twice at once: two within half a
// second are one, and a third then is the second.
func TestSignalsTogetherAreOne(t *testing.T) {
	var b bursts
	start := time.Unix(1000, 0)
	for _, c := range []struct {
		after time.Duration
		want  Stage
	}{
		{0, Finish},
		{20 * time.Millisecond, 0},
		{499 * time.Millisecond, 0},
		{500 * time.Millisecond, Hurry},
		{510 * time.Millisecond, 0},
		{time.Hour, Exit},
	} {
		if got := b.next(start.Add(c.after)); got != c.want {
			t.Errorf("after %v: got stage %d, want %d", c.after, got, c.want)
		}
	}
}
