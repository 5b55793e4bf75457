package learn

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestPacesAreLearnt: of senders at a pace each, the pace is learnt, and by how much what they
// send is late; of what comes by chance, alone or together, none is. The first sender begins
// two seconds before the others and ends before them.
func TestPacesAreLearnt(t *testing.T) {
	for _, c := range []struct {
		name    string
		senders []float64 // in which part of the time between two each begins
		late    float64   // of each, up to so many ms
		held    float64   // share that is up to 100 ms late
		want    []string
	}{
		{"two in turn", []float64{0, 0.5}, 0.5, 0, []string{"late: 0", "bursts:"}},
		{"two at once", []float64{0, 0.05}, 0.5, 0, []string{"late: 0", "together: 2", "bursts:"}},
		{"two that are held up", []float64{0, 0.5}, 0.5, 0.1, []string{"late: {", ": 10}", "bursts:"}},
		{"three at once", []float64{0, 0.01, 0.02}, 0.5, 0, []string{"late: 0", "together: 3"}},
		{"one", []float64{0}, 0.5, 0, nil},
		{"late by much", []float64{0}, 2000, 0, nil},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		var at []float64
		for k, begin := range c.senders {
			for i := range 18 * 150 {
				x := (float64(i)+begin)/150 + float64(c.late*r.Float64())/1000
				if r.Float64() < c.held {
					x += 0.1 * r.Float64()
				}
				if k > 0 {
					x += 2
				}
				at = append(at, x)
			}
		}
		got := startingAt(t, at)
		says(t, c.name, got, c.want, nil)
		if c.want == nil && strings.Contains(got, "late:") {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	for _, clump := range []int{1, 8} {
		r := rand.New(rand.NewPCG(3, 4))
		var at []float64
		for x := 0.0; x < 20; x += r.ExpFloat64() / 300 * float64(clump) {
			for range clump {
				at = append(at, x)
			}
		}
		if got := startingAt(t, at); strings.Contains(got, "late:") || !strings.Contains(got, "rate:") {
			t.Errorf("%d at a time by chance: %s", clump, got)
		}
	}
}

// startingAt returns what is learnt of when sessions start, in seconds.
func startingAt(t *testing.T, at []float64) string {
	t.Helper()
	const first = 1e15
	h := small()
	slices.Sort(at)
	h.Starts, h.First, h.Last = sketch.NewWindows(8192, 24), first, first+uint64(at[len(at)-1]*1e9)
	for _, x := range at {
		h.Starts.Add(first+uint64(x*1e9), 1)
	}
	return fileOf(t, modelOf(t, h, 0), "config.yaml")
}
