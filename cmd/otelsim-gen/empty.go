package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// warnSilent warns of signals that were asked for and that nothing selected
// emits. When that is all of them there would be nothing in the corpus.
func (o *options) warnSilent(plan *otelsim.Plan, p *input.Problems) {
	if o.verb != verbGenerate {
		return
	}
	var silent []string
	for _, s := range o.signals {
		if !plan.Emits(s) {
			silent = append(silent, s.String())
		}
	}
	at, list := input.Pos{File: "--signals"}, strings.Join(silent, " nor ")
	switch {
	case len(silent) == 0 || !o.given("signals"):
	case len(silent) == len(o.signals):
		p.Errorf(at, "nothing to write: none of the selected scenarios emits %s", list)
	default:
		p.Warnf(at, "none of the selected scenarios emits %s", list)
	}
}

// checkCount refuses a run of no iterations, which a scenario can ask for as
// --count can.
func checkCount(plan *otelsim.Plan) error {
	if plan.Count() > 0 {
		return nil
	}
	name := ""
	if scenarios := plan.Scenarios(); len(scenarios) == 1 {
		name = scenarios[0].Name
	}
	return usagef("scenario %s: repeat_count 0: nothing to generate; give --count", name)
}

// checkContent refuses to call a corpus without any record a success.
func (a *app) checkContent(m *corpus.Manifest) error {
	if a.shard.of > 0 || slices.ContainsFunc(m.Totals, func(t corpus.Totals) bool { return t.Records > 0 }) {
		return nil
	}
	names := make([]string, 0, otlp.NumSignals)
	for _, s := range a.signals {
		names = append(names, s.String())
	}
	return fmt.Errorf("corpus %s holds no record: the selected scenarios emit no %s", a.output, strings.Join(names, " or "))
}
