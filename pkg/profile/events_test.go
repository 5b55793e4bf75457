package profile

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// TestStepsTellTheOrderOfEvents: events of spans that have several are counted by their place
// too, with what they have there; of one alone, and behind the 16th, nothing is.
func TestStepsTellTheOrderOfEvents(t *testing.T) {
	events := func(names ...string) (out []intake.Event) {
		for _, name := range names {
			out = append(out, intake.Event{Name: []byte(name), Attributes: []intake.Attribute{text("of", name)}})
		}
		return out
	}
	b := NewBuilder(Options{})
	for i, e := range [][]intake.Event{events("b", "a", "b"), events("b", "a", "b"), events("b"), events(strings.Split(strings.Repeat("c", 20), "")...)} {
		x := checkout(byte(i + 1))
		x.Spans[0].Events = e
		b.Trace(x)
	}
	p := b.Finish()
	for _, c := range p.Classes {
		if c.Service != "web" || c.Above != 0 || c.Roots == 0 {
			continue
		}
		var got []string
		for key, e := range c.Steps { // order-free: sorted below
			place, name := StepOf(key)
			if e.Traces != e.Spans || e.Count != e.Spans || e.Attributes["of"].Values.Kept()[0].Text != name {
				t.Errorf("%s: %+v", key, e)
			}
			got = append(got, string(rune('0'+place))+name+string(rune('0'+e.Spans)))
		}
		slices.Sort(got)
		if want := "0b2 0c1 1a2 1c1 2b2 2c1 3c1"; !strings.HasPrefix(strings.Join(got, " "), want) || len(got) != 3+16 {
			t.Errorf("got %v, want %s ...", got, want)
		}
		return
	}
	t.Fatal("no class")
}
