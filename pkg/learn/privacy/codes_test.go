package privacy

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// A code of a failure is said as it is where k traces have it; other digits, and the same
// ones under other keys, are not.
func TestCodesOfFailures(t *testing.T) {
	p := policy(t, Options{Public: Bundled()})
	for _, row := range []struct {
		text   string
		traces uint64
		want   string
		ok     bool
	}{
		{"40001", 10, "40001", true}, {"42P01", 10, "42P01", true}, {"1213", 10, "1213", true},
		{"40001", 9, "", false}, {"customer 40001", 10, "customer {digits}", true}, {"400017", 10, "{digits}", true},
	} {
		if got, ok := p.Outcome(row.text, row.traces); got != row.want || ok != row.ok {
			t.Errorf("%s in %d traces: %q, %v; want %q, %v", row.text, row.traces, got, ok, row.want, row.ok)
		}
	}
	for key, want := range map[string]How{"db.response.status_code": Categorical, "error.type": Categorical, "shop.order": Pattern} {
		a := &profile.Attribute{Present: 40, Traces: 40, Values: sketch.NewValues(64)}
		for i := range uint64(40) {
			a.Values.Add(otlp.KindText, []byte([]string{"40001", "57014"}[i%2]), i+1)
		}
		a.Kinds[otlp.KindText] = 40
		if got := p.Values(key, a, 0); got.How != want {
			t.Errorf("%s: %+v, want %v", key, got, want)
		}
	}
}
