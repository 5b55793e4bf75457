package privacy

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestLengthsOfFreeText: of many texts that differ in length the lengths are said, with their
// mean, and the pattern is no longer than the shortest; of texts of one length none are.
func TestLengthsOfFreeText(t *testing.T) {
	values := make(map[string]int)
	mean := 0.0
	for i := range 1000 {
		n := 40 + i/2
		if i >= 900 {
			n = 900
		}
		text := strings.Repeat("Bob paid ", 1+n/9)[:n-4] + string([]byte{'a' + byte(i%26), 'a' + byte(i/26%26), 'a' + byte(i/676), '.'})
		values[text] = 1
		mean += float64(n) / 1000
	}
	p := policy(t, Options{MinTraces: 10})
	s := p.Values("gen_ai.input.messages", of(otlp.KindString, values), 0)
	if s.How != Pattern || len(s.At) == 0 || len(s.At) != len(s.Quantiles) || strings.Contains(s.Text, "Bob") {
		t.Fatalf("got %+v", s)
	}
	got := 0.0
	for i := range s.At[1:] {
		got += (s.At[i+1] - s.At[i]) * (s.Quantiles[i] + s.Quantiles[i+1]) / 2
	}
	if math.Abs(got/mean-1) > 0.03 {
		t.Errorf("%.0f bytes in the mean, want %.0f", got, mean)
	}
	if n := len(strings.Replace(s.Text, "{hex:8}", "12345678", 1)); float64(n) > s.Quantiles[0] {
		t.Errorf("%q is longer than the shortest text, of %.0f bytes", s.Text, s.Quantiles[0])
	}
	if s := p.Values("gen_ai.input.messages", many("Bob paid %08x for all of it", 1000), 0); s.At != nil {
		t.Errorf("lengths of texts of one: %v", s.Quantiles)
	}
}

// TestLongTextsAreFilledUp: few texts that are longer than what is said in their place have their
// lengths said, too.
func TestLongTextsAreFilledUp(t *testing.T) {
	p := policy(t, Options{MinTraces: 10})
	long := func(n int) string { return strings.Repeat("Bob paid for it. ", 1+n/17)[:n] }
	for _, row := range []struct {
		texts map[string]int
		most  float64 // 0: each has one in its place
	}{
		{map[string]int{long(4000): 300}, 4000},
		{map[string]int{long(1200): 300, long(4000): 300}, 4000},
		{map[string]int{long(200): 300, long(800): 300}, 0},
	} {
		s := p.Values("gen_ai.tool.definitions", of(otlp.KindString, row.texts), 0)
		if row.most == 0 {
			if s.At != nil || s.How == Pattern {
				t.Errorf("got %+v", s)
			}
			continue
		}
		if s.How != Pattern || len(s.At) == 0 || math.Abs(s.Quantiles[len(s.Quantiles)-1]/row.most-1) > 0.03 || len(s.Text) > 110 || s.Pool != int64(len(row.texts)) {
			t.Errorf("want up to %.0f bytes, got %+v", row.most, s)
		}
	}
}

// TestFreeTextHasNoForm: texts in words have no form that may be said, whatever they share.
func TestFreeTextHasNoForm(t *testing.T) {
	p := policy(t, Options{Public: NewVocabulary()})
	texts, hosts := make(map[string]uint64), make(map[string]uint64)
	for i := range 15 {
		texts[fmt.Sprintf("kernel of zarquon %d", i)] = 20
		hosts[fmt.Sprintf("zarquon-%d-7f3a", i)] = 20
	}
	if form, ok := p.Hidden("os.description", seenIn(texts)); ok {
		t.Errorf("got %q", form)
	}
	if form, ok := p.Hidden("host.name", seenIn(hosts)); !ok || form == "" {
		t.Errorf("hosts have none: %q", form)
	}
}
