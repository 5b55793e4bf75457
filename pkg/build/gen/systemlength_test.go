package gen_test

import (
	"math"
	"strings"
	"testing"
)

const lengthy = `
name: lengthy
services:
  web:
    operations:
      GET /:
        own: 5
        attributes:
          drawn: {pattern: "m {hex:8}", length: {distribution: uniform, low: 100, high: 300}}
          again: {pattern: "p {hex:8}", pool: 100000, zipf: 1.1, length: {distribution: uniform, low: 100, high: 300}}
          mixed: {pattern: "x {hex:8}", pool: 50, length: {distribution: mixture, components: [{distribution: constant, value: 40}, {distribution: constant, value: 60}]}}
          fixed: {pattern: "f {hex:8}", length: 64}
          whole: {pattern: "a text that is long enough {hex:8}", length: 12}
          most: {pattern: "w {hex:8}", length: {distribution: normal, mean: 65536, stddev: 1}}
`

// Texts are as long as is said, those of a pool too, of which a few are most of what is
// drawn: each has one length, and the mean is that of the distribution all the same.
func TestTextsAreAsLongAsSaid(t *testing.T) {
	const n = 4000
	sum, lengths := map[string]int{}, map[string]int{}
	runSystem(t, system(t, lengthy), 5, n, func(m *answered) {
		if text := m.attr(0, "fixed"); len(text) != 64 || strings.HasSuffix(text, " ") {
			t.Fatalf("got %q, want 64 bytes that end in no space", text)
		}
		if text := m.attr(0, "whole"); len(text) != len("a text that is long enough 12345678") {
			t.Fatalf("got %q, want it as it is", text)
		}
		if text := m.attr(0, "most"); len(text) > 1<<16 {
			t.Fatalf("a text of %d bytes", len(text))
		}
		if text := m.attr(0, "mixed"); len(text) != 40 && len(text) != 60 {
			t.Fatalf("got %q of %d bytes, want 40 or 60", text, len(text))
		}
		for _, key := range []string{"drawn", "again"} {
			text := m.attr(0, key)
			sum[key] += len(text)
			if len(text) < 100 || len(text) > 300 {
				t.Fatalf("%s: %d bytes, want 100 to 300", key, len(text))
			}
			id := text[:len("m 12345678")]
			if before, ok := lengths[id]; ok && before != len(text) {
				t.Fatalf("%s has %d bytes and %d", id, before, len(text))
			}
			lengths[id] = len(text)
		}
	})
	for key, total := range sum {
		if mean := float64(total) / n; math.Abs(mean-200) > sigmas*57.8/math.Sqrt(n) {
			t.Errorf("%s: %.1f bytes in the mean, want 200", key, mean)
		}
	}
}
