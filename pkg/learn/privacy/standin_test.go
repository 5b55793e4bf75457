package privacy

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// seenIn is values of which each is in so many traces, once.
func seenIn(traces map[string]uint64) *profile.Attribute {
	a := &profile.Attribute{Values: sketch.NewValues(256)}
	for text, n := range traces {
		for i := range n {
			a.Values.Add(otlp.KindText, []byte(text), 1000*uint64(len(text))+i+1)
			a.Present, a.Traces = a.Present+1, a.Traces+1
		}
	}
	a.Kinds[otlp.KindText] = a.Present
	return a
}

// TestFewHiddenValuesHaveStandIns: few values that may not be said are others of their form with
// their weights, the same ones wherever they are, of which too few traces have none; many,
// short ones and addresses are patterns.
func TestFewHiddenValuesHaveStandIns(t *testing.T) {
	const first, second, third = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "0fe1a2b3-aaaa-4bcd-8765-1234567890ab", "10e1a2b3-aaaa-4bcd-8765-1234567890ab"
	p := policy(t, Options{Public: NewVocabulary()})
	form := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	a := p.Values("shop.tenant.uuid", seenIn(map[string]uint64{first: 700, second: 300, third: 4}), 0)
	if a.How != Categorical || len(a.Values) != 2 || a.Values[0].Weight != 700 || a.Values[1].Weight != 300 || a.Other != 1000 {
		t.Fatalf("got %+v", a)
	}
	for _, v := range a.Values {
		if !form.MatchString(v.Text) || strings.Contains(v.Text, first[:8]) || strings.Contains(v.Text, second[:8]) {
			t.Errorf("%s stands for %s or %s", v.Text, first, second)
		}
	}
	if b := p.Values("shop.owner.uuid", seenIn(map[string]uint64{second: 20}), 0); b.How != Constant || b.Values[0].Text != a.Values[1].Text {
		t.Errorf("%+v stands for what %s does", b.Values, a.Values[1].Text)
	}
	if b := p.Values("shop.token", seenIn(map[string]uint64{"propagated": 90, "Xk7-missing": 10}), 0); b.How != Categorical || !regexp.MustCompile(`^[a-z]{10}$`).MatchString(b.Values[0].Text) ||
		!regexp.MustCompile(`^[A-Z][a-z][0-9]-[a-z]{7}$`).MatchString(b.Values[1].Text) {
		t.Errorf("got %+v", b)
	}
	many := make(map[string]uint64)
	for i := range manyAlike {
		many[fmt.Sprintf("%08x-7425-40de-944b-e07fc1f90ae7", uint32(i)*2654435761)] = 20
	}
	for _, traces := range []map[string]uint64{many, {first: 9}, {first: 900, second: 9, third: 90, "9" + third[1:]: 9, "8" + third[1:]: 9, "7" + third[1:]: 9, "6" + third[1:]: 9}, {"ann@acme.com": 90}, {"10.1.2.3": 90}, {"a1": 90}} {
		if b := p.Values("shop.member.id", seenIn(traces), 0); b.How != Pattern && b.How != Left {
			t.Errorf("%v: %+v", traces, b)
		}
	}
}
