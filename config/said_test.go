package config_test

import (
	"regexp"
	"strings"
	"testing"
)

// known matches what a model can only pass when it has read it: numbers of claims,
// offers and policies, and amounts.
var known = regexp.MustCompile(`\b[A-Z]{2,3}-[0-9]{4,5}\b|"amount":[0-9.]+`)

// A workflow's tools are chosen in one answer, so no call can pass what another one of
// them returns. Samples that go with any words pass nothing that has to be known.
func TestCallsPassOnlyWhatWasSaid(t *testing.T) {
	c, _, _ := load(t)
	check := func(where, arguments, said string) {
		for _, x := range known.FindAllString(arguments, -1) {
			if !strings.Contains(said, strings.TrimPrefix(x, `"amount":`)) {
				t.Errorf("%s: a call passes %s, which nobody has said", where, x)
			}
		}
	}
	for _, set := range c.Samples {
		for _, s := range set.Samples {
			for _, calls := range s.Tools {
				for _, x := range calls.Samples {
					check(set.Workflow+": "+calls.Tool, x.Arguments, s.User)
				}
			}
		}
	}
	for _, s := range c.Servers {
		for _, tool := range s.Tools {
			for _, x := range tool.Samples {
				check(tool.Name, x.Arguments, "")
			}
		}
	}
}
