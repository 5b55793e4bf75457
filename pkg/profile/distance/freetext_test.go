package distance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// wrote returns a side of 4,000 traces with a span and two log records each, of which text
// has the texts with the shares of weights.
func wrote(seed uint64, texts []string, weights []float64) Side {
	r := rand.New(rand.NewPCG(seed, 3))
	draw := func() string {
		u := r.Float64()
		for i, w := range weights {
			if u -= w; u < 0 {
				return texts[i]
			}
		}
		return texts[len(texts)-1]
	}
	s := newSim(shop(seed))
	a := &profile.Attribute{Values: sketch.NewValues(capOfValues), Lengths: new(sketch.Numbers)}
	for id := range uint64(4000) {
		text := draw()
		c := s.span(1, "web", "GET /", otlp.SpanKindServer, "", 1e6, id+1, "de", "one")
		c.Attributes["db.query.text"] = a
		a.Present++
		a.Kinds[otlp.KindString]++
		a.Values.Add(otlp.KindString, []byte(text), id+1)
		a.Lengths.Add(float64(len(text)))
		s.p.Traces.Count++
		for range 2 {
			body := profile.Template(draw())
			h := sketch.Hash(otlp.KindText, []byte(body))
			if s.p.Logs[h] == nil {
				s.p.Logs[h] = &profile.LogTemplate{Service: "web", Severity: 9, Body: body}
			}
			s.p.Logs[h].Records++
			s.p.Sizes[otlp.SignalLogs].Items++
		}
		s.p.Sizes[otlp.SignalTraces].Items++
	}
	return Side{Name: fmt.Sprint("side ", seed), Profile: s.p}
}

// worded returns so many texts of a length, with words of one letter.
func worded(letter string, n, length int) (all []string) {
	for i := range n {
		text := strings.Repeat(letter+" ", i) + strings.Repeat(letter+letter+" ", length)
		all = append(all, text[:length])
	}
	return all
}

// TestFreeTextByAnythingButItsWords: other words of the same lengths and shares are alike, and
// other lengths, shares, and numbers of texts are not.
func TestFreeTextByAnythingButItsWords(t *testing.T) {
	three := []float64{0.5, 0.3, 0.2}
	many := func(seed uint64, pool, length int) []string {
		r := rand.New(rand.NewPCG(seed, 4))
		var all []string
		for range pool {
			text := fmt.Sprintf("find %c%c%c%c in %s", 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26), strings.Repeat("x", length))
			all = append(all, text)
		}
		return all
	}
	even := func(n int) (all []float64) {
		for range n {
			all = append(all, 1/float64(n))
		}
		return all
	}
	a := append(worded("a", 2, 60), worded("a", 1, 30)...)
	for _, c := range []struct {
		name     string
		a, b     []string
		of, than []float64
		attr     bool // attributes are apart
		logs     bool // and bodies
	}{
		{"other words", a, append(worded("b", 2, 60), worded("b", 1, 30)...), three, three, false, false},
		{"another order", a, []string{a[1], a[0], a[2]}, three, three, false, false},
		{"one is longer", a, append(worded("b", 2, 60), worded("b", 1, 31)...), three, three, true, true},
		{"other shares of texts of one length", a, a, three, []float64{0.6, 0.2, 0.2}, true, true},
		{"other shares", a, a, three, []float64{0.5, 0.2, 0.3}, true, true},
		{"one text more", a, append(worded("b", 2, 60), worded("b", 2, 30)...), three, []float64{0.5, 0.3, 0.1, 0.1}, true, true},
		{"many, other words", many(1, 300, 40), many(2, 300, 40), even(300), even(300), false, false},
		{"many that are longer", many(1, 300, 40), many(2, 300, 48), even(300), even(300), true, true},
		{"many, more of them", many(1, 300, 40), many(2, 600, 40), even(300), even(600), true, true},
	} {
		x, y := newView(wrote(1, c.a, c.of).Profile), newView(wrote(2, c.b, c.than).Profile)
		attrs := attributeTV(newComparison(x, y), x, y)
		i := slices.IndexFunc(attrs.parts, func(p part) bool { return strings.HasSuffix(p.what, "db.query.text") })
		if p := attrs.parts[i]; (p.value > max(0.05, p.chance)) != c.attr {
			t.Errorf("%s: %+v", c.name, p)
		}
		if f := logTemplateTV(nil, x, y); (f.value > max(near, f.chance)) != c.logs {
			t.Errorf("%s: bodies are %v apart, and chance %v: %v", c.name, f.value, f.chance, f.worst)
		}
	}
}

// TestFreeTextByBothSides: that text is free is for both sides to say; what only one side
// has as text is apart.
func TestFreeTextByBothSides(t *testing.T) {
	a := wrote(1, []string{"in stock now", "sold out"}, []float64{0.5, 0.5})
	for _, c := range []struct {
		key  string
		text string
		free bool
	}{{"state", "open", false}, {"state", "it is open now", true}, {"state", strings.Repeat("x", 65), true}, {"error.message", "open", true}} {
		x := &profile.Attribute{Values: sketch.NewValues(4), Lengths: new(sketch.Numbers)}
		x.Values.Add(otlp.KindString, []byte(c.text), 1)
		x.Lengths.Add(float64(len(c.text)))
		if got := isFree(c.key, x); got != c.free {
			t.Errorf("%s: %s: got %t", c.key, c.text, got)
		}
	}
	x, y := newView(a.Profile), newView(a.Profile)
	if c := newComparison(x, y); !c.free[owned{onSpans, "web: GET / (server)", "db.query.text"}] || len(c.free) != 1 {
		t.Errorf("%v", c.free)
	}
}
