package privacy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// someText draws a value: words, numbers and separators, of which some are alike.
func someText(r *rand.Rand) string {
	words := []string{"acme", "Rocket", "wile", "e9f81b2c", "4711471", "bob@acme.com", "10.1.2.3", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "Coyote", "n7", "ünder"}
	seps := []string{"-", "_", "/", ".", " ", ":", "{", "\n"}
	out := words[r.IntN(len(words))]
	for range r.IntN(4) {
		out += seps[r.IntN(len(seps))] + words[r.IntN(len(words))]
	}
	if r.IntN(2) == 0 {
		out += fmt.Sprint(r.IntN(40))
	}
	return out
}

// TestNothingRareIsSaid: whatever values an attribute has, none that fewer than K traces
// have is said, none of a form, and no word of theirs that fewer have.
func TestNothingRareIsSaid(t *testing.T) {
	p := policy(t, Options{MinTraces: 5, Public: NewVocabulary()})
	r := rand.New(rand.NewPCG(5, 6))
	hows := make(map[How]int)
	for range 400 {
		a := &profile.Attribute{Values: sketch.NewValues(16), Lengths: new(sketch.Numbers)}
		texts := make([]string, 1+r.IntN(30))
		for i := range texts {
			texts[i] = someText(r)
		}
		whole, words := make(map[string]map[uint64]bool), make(map[string]map[uint64]bool)
		note := func(in map[string]map[uint64]bool, text string, trace uint64) {
			if in[text] == nil {
				in[text] = make(map[uint64]bool)
			}
			in[text][trace] = true
		}
		a.Traces = 1 + r.Uint64N(60)
		for trace := uint64(1); trace <= a.Traces; trace++ {
			for range 1 + r.IntN(3) {
				// The first ones are the most frequent.
				text := texts[int(float64(len(texts))*math.Pow(r.Float64(), 3))]
				a.Present++
				a.Kinds[otlp.KindText]++
				a.Values.Add(otlp.KindText, []byte(text), trace)
				a.Lengths.Add(float64(len(text)))
				note(whole, text, trace)
				for _, x := range pieces(text) {
					note(words, x.text, trace)
				}
			}
		}
		s := p.Values("a.b", a, 0)
		hows[s.How]++
		for _, v := range s.Values {
			if n := len(whole[v.Text]); n > 0 && n < 5 || n > 0 && FormOf(v.Text) != None {
				t.Fatalf("%q of %d traces is said", v.Text, n)
			}
		}
		for _, w := range strings.FieldsFunc(placeholder.ReplaceAllString(s.Text, "\x00"), func(r rune) bool { return !wordy(r) }) {
			if n := len(words[w]); n > 0 && n < 5 || FormOf(w) != None {
				t.Fatalf("%q of %d traces is said in %s", w, n, s.Text)
			}
		}
	}
	if hows[Constant] == 0 || hows[Categorical] == 0 || hows[Pattern] == 0 || hows[Left] == 0 {
		t.Errorf("not all were tried: %v", hows)
	}
}

var placeholder = regexp.MustCompile(`\{(uuid|(hex|digits|word):\d+)\}`)

// TestOrderIsNothing: what is said does not depend on the order of what was counted.
func TestOrderIsNothing(t *testing.T) {
	p := policy(t, Options{})
	r := rand.New(rand.NewPCG(7, 8))
	list := make([]string, 500)
	for i := range list {
		list[i] = fmt.Sprintf("ord-%06x", r.IntN(90))
	}
	say := func() Spec {
		a := &profile.Attribute{Values: sketch.NewValues(32)}
		for _, text := range list {
			a.Values.Add(otlp.KindText, []byte(text), sketch.Hash(otlp.KindText, []byte(text))%400+1)
			a.Present++
			a.Kinds[otlp.KindText]++
			a.Traces = 300
		}
		return p.Values("a.b", a, 0)
	}
	one := say()
	r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	if two := say(); two.Text != one.Text || two.Pool != one.Pool || two.Zipf != one.Zipf || !slices.Equal(two.Values, one.Values) {
		t.Errorf("got %+v and %+v", one, two)
	}
}

// TestDraws: values that are drawn once a trace, or less often, are a pool of draws.
func TestDraws(t *testing.T) {
	p := policy(t, Options{})
	r := rand.New(rand.NewPCG(9, 10))
	const traces, pool = 6000, 700
	a := &profile.Attribute{Values: sketch.NewValues(128), Traces: traces}
	for trace := range uint64(traces) {
		text := fmt.Sprintf("u-%08x", sketch.Hash(otlp.KindInt, []byte{byte(r.IntN(pool) % 256), byte(r.IntN(pool) / 256)})>>32)
		if trace%2 == 0 {
			text = fmt.Sprintf("u-%08x", (uint64(r.IntN(pool))+1)*0x9e3779b97f4a7c15>>32)
		}
		for range 8 {
			a.Values.Add(otlp.KindText, []byte(text), trace+1)
			a.Present++
			a.Kinds[otlp.KindText]++
		}
	}
	distinct := float64(a.Values.Distinct())
	for _, draws := range []uint64{traces, traces / 2} {
		s := p.Values("shop.user", a, draws)
		if s.How != Pattern || s.Text != "u-{hex:8}" || s.Pool == 0 {
			t.Fatalf("got %+v", s)
		}
		got := float64(len(drawPool(r, int(s.Pool), s.Zipf, int(draws))))
		if math.Abs(got/distinct-1) > 0.1 {
			t.Errorf("%d draws of a pool of %d, exponent %.2f: %.0f different ones, want %.0f", draws, s.Pool, s.Zipf, got, distinct)
		}
	}
}

// TestRoomy: a pattern has room for its pool, so that there are about as many different
// texts as there were.
func TestRoomy(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, test := range []struct {
		text string
		pool int64
	}{{"a-{digits:3}", 400}, {"a-{digits:3}", 600}, {"a-{digits:3}", 1000}, {"a-{hex:2}", 90}, {"a-{digits:1}", 9}, {"{uuid}", 1000}} {
		s := Spec{Text: test.text}
		pool := roomy(&s, test.pool)
		all := texts(s.Text)
		if float64(pool) > all {
			t.Errorf("%s has no room for a pool of %d", s.Text, pool)
		}
		if all > 1e9 {
			continue
		}
		different := make(map[int]bool)
		for range pool {
			different[r.IntN(int(all))] = true
		}
		// Five standard errors of how many of them are alike, and a tenth.
		if off := math.Abs(float64(len(different)) - float64(test.pool)); off > 1+5*math.Sqrt(float64(test.pool)/4) {
			t.Errorf("%s: a pool of %d for %d gives %d different ones", s.Text, pool, test.pool, len(different))
		}
	}
}

// TestNumbers: quantiles are those of the numbers but for the ends.
func TestNumbers(t *testing.T) {
	var n sketch.Numbers
	for i := range 100000 {
		n.Add(float64(i + 1))
	}
	n.Add(987654321)
	at, q := Quantiles(&n)
	if len(at) != len(q) || at[0] != 0 || at[len(at)-1] != 1 || !slices.IsSorted(at) || !slices.IsSorted(q) {
		t.Fatalf("got %v %v", at, q)
	}
	for i := range at {
		want := 100000 * min(max(at[i], clip), 1-clip)
		if math.Abs(q[i]/want-1) > 0.02 {
			t.Errorf("at %g: got %g, want about %g", at[i], q[i], want)
		}
	}
}

func TestNeutral(t *testing.T) {
	public := NewVocabulary()
	for _, n := range []int{1, 4, 5, 10, 11, 17, 64, 300, 900, 5000} {
		for _, number := range []int{0, 3, 26, 27, 700} {
			text := Neutral(n, number)
			if len(text) != min(n, maxNeutral) {
				t.Errorf("%d bytes: got %d", n, len(text))
			}
			eachWord(text, func(w string) {
				if len(w) > 4 {
					t.Errorf("%q is looked for", w)
				}
			})
			if n > 9 && !public.Has(text) {
				t.Errorf("%q is not known to tell nothing", text)
			}
		}
	}
	for _, text := range []string{"some secret", "12345 some", "other-", "other-x", "other"} {
		if standsIn(text) {
			t.Errorf("%q stands in for nothing", text)
		}
	}
}

// TestMayIsNoLess: what is sorted out before a form is looked for has none.
func TestMayIsNoLess(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	const letters = "abefghijknsuxyzAEIKPS0123456789-----::::....//@@??=~~  \\%_+[]"
	parts := []string{"eyJhbGci", "AKIA", "ghp_", "sk-", "bearer ", "/home/", "users\\", "2026-01-31", "10.0.0.1", "fe80::1", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "db-1.internal", "//a:b@c"}
	found := make(map[Form]int)
	for range 20000 {
		var b strings.Builder
		for range 1 + r.IntN(20) {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
		if r.IntN(2) == 0 {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		text := b.String()
		for _, shape := range shapes {
			if shape.re.MatchString(text) {
				if found[shape.form]++; !may(shape.form, text) {
					t.Fatalf("%q: form %d is not looked for", text, shape.form)
				}
			}
		}
	}
	for _, shape := range shapes {
		if found[shape.form] < 20 {
			t.Errorf("form %d was there %d times", shape.form, found[shape.form])
		}
	}
}
