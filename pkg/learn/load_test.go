package learn

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestLoadsThatChangeAreLearnt: a load that changes within a capture is the lowest one with
// bursts on top of it; by chance alone there are none, and hours of the day are not told.
func TestLoadsThatChangeAreLearnt(t *testing.T) {
	const second = uint64(time.Second)
	for _, c := range []struct {
		name  string
		rates []float64 // a second, of equal parts
		part  uint64    // seconds
		clump int       // so many start together
		want  []string
	}{
		{"an even one", []float64{20}, 100, 1, nil},
		{"an even one in clumps", []float64{20}, 100, 8, nil},
		{"twice in the middle", []float64{20, 40, 40, 20}, 25, 1, []string{"rate: 19.65", "bursts: [{every: 1m40.026s, duration: 50.465s, at: 24.886s, factor: 2.051"}},
		{"more and more", []float64{5, 20, 80}, 30, 1, []string{"rate: 5.", "at: 30", "at: 59.", "factor: 12."}},
		{"nothing for a while", []float64{20, 0, 20}, 30, 1, []string{"rate: 0.0", "factor: 9"}},
		{"at night", []float64{0.05, 0.2, 0.05}, 3 * 3600, 1, nil},
	} {
		h, r := small(), rand.New(rand.NewPCG(1, 2))
		h.Starts, h.First = sketch.NewWindows(4096, 20), 1000*second
		at := float64(h.First)
		for h.Last = h.First; ; h.Last = uint64(at) {
			i := int((uint64(at) - h.First) / (c.part * second))
			if i == len(c.rates) {
				break
			}
			if c.rates[i] == 0 {
				at = float64(h.First + uint64(i+1)*c.part*second)
				continue
			}
			at += r.ExpFloat64() / c.rates[i] * float64(c.clump) * 1e9
			h.Starts.Add(uint64(at), uint64(c.clump))
		}
		got := fileOf(t, modelOf(t, h, 0), "config.yaml")
		says(t, c.name, got, c.want, nil)
		if c.want == nil && strings.Contains(got, "bursts") {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestWhatGoesOnIsNoLoad: traces of sessions come after the last of them has started, in which time
// no fewer have started than could.
func TestWhatGoesOnIsNoLoad(t *testing.T) {
	const bin = uint64(1) << 29
	starts, first := sketch.NewWindows(4096, 20), 2000*bin
	for at := first; at < first+200*bin+bin/50; at += bin / 100 {
		starts.Add(at, 1)
	}
	l, ok := loadOf(starts, first, first+202*bin)
	if n := len(l.counts); !ok || n != 201 {
		t.Fatalf("%d bins", n)
	}
	if all := l.stretches(10); len(all) != 1 {
		t.Errorf("got %+v", all)
	}
}
