package privacy

import (
	"slices"
	"strconv"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// integersIn is integers of which each is in 20 traces, once.
func integersIn(values ...int64) *profile.Attribute {
	a := &profile.Attribute{Values: sketch.NewValues(256), Numbers: new(sketch.Numbers)}
	for _, v := range values {
		for range 20 {
			a.Present, a.Traces = a.Present+1, a.Traces+1
			a.Values.AddWord(otlp.KindInt, uint64(v), 1, a.Traces)
			a.Numbers.Add(float64(v))
		}
	}
	a.Kinds[otlp.KindInt] = a.Present
	return a
}

// TestNumbersThatAreIDs: of a key of ids numbers are never said, however many traces have them:
// others stand for few of them, the same ones wherever they are. Numbers as long as those of
// phones and cards are not said of any key.
func TestNumbersThatAreIDs(t *testing.T) {
	p := policy(t, Options{Allow: []string{"customer.id"}, Public: NewVocabulary()})
	users := []int64{4711, 4712, 77, 123456}
	a := p.Values("user.id", integersIn(users...), 0)
	if a.How != Categorical || a.Kind != otlp.KindInt || len(a.Values) != len(users) || a.Other != 80 || !a.Same() {
		t.Fatalf("got %+v", a)
	}
	for _, v := range a.Values {
		n, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil || slices.Contains(users, n) || len(v.Text) < 6 || v.Weight != 20 {
			t.Errorf("got %+v", v)
		}
	}
	one := integersIn(4712)
	b := p.Values("enduser.id", one, 0)
	if b.How != Constant || !slices.ContainsFunc(a.Values, func(v Value) bool { return v.Text == b.Values[0].Text }) {
		t.Errorf("%+v is none of %+v", b.Values, a.Values)
	}
	if said, ok := p.Said("enduser.id", one.Values.Kept()[0]); !ok || said != b.Values[0].Text {
		t.Errorf("got %q, want %s", said, b.Values[0].Text)
	}
	var many []int64
	for i := range int64(40) {
		many = append(many, 700_123+7919*i)
	}
	if c := p.Values("patient.id", integersIn(many...), 0); c.How != Numbers || slices.ContainsFunc(c.Quantiles, func(q float64) bool { return slices.Contains(many, int64(q)) }) {
		t.Errorf("got %+v", c)
	}
	if c := p.Values("card.number", integersIn(4111111111111111), 0); c.How != Numbers || c.Quantiles[0] != 4111e12 {
		t.Errorf("got %+v", c)
	}
	if c := p.Values("app.contact", integersIn(4930123456, 219099999), 0); c.How != Numbers || c.Quantiles[0] != 219_100_000 || c.Quantiles[len(c.Quantiles)-1] != 4_930_000_000 {
		t.Errorf("got %+v", c)
	}
	for key, want := range map[string]string{"customer.id": "4711", "queue.size": "4711"} {
		if c := p.Values(key, integersIn(4711), 0); c.How != Constant || c.Values[0].Text != want {
			t.Errorf("%s: got %+v", key, c)
		}
	}
}

// TestTimesOfTheClock: numbers that are instants are said to some years, and a size is not.
func TestTimesOfTheClock(t *testing.T) {
	p := policy(t, Options{Allow: []string{"build.time"}, Public: NewVocabulary()})
	const second = 1_764_547_200
	for _, unit := range []int64{1, 1e3, 1e6, 1e9} {
		for _, values := range [][]int64{{second * unit, second*unit + 9}, {0, second * unit, second*unit + 40_000*unit, second*unit + 80_000*unit}} {
			c := p.Values("order.placed", integersIn(values...), 0)
			if top := c.Quantiles; c.How != Numbers || top[len(top)-1] != float64(1_800_000_000*unit) {
				t.Errorf("%v: got %+v", values, c)
			}
			if c := p.Values("build.time", integersIn(values...), 0); c.How != Categorical {
				t.Errorf("%v: got %+v", values, c)
			}
		}
	}
	if c := p.Values("memory.limit", integersIn(2_147_483_648), 0); c.How != Constant || c.Values[0].Text != "2147483648" {
		t.Errorf("got %+v", c)
	}
}
