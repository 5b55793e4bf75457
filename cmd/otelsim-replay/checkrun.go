package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/match/judge"
	"github.com/otelsim/otelsim/pkg/match/page"
	"github.com/otelsim/otelsim/pkg/match/rules"
	"github.com/otelsim/otelsim/pkg/match/source"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// inputError is bad input: what was wrong is told, and the exit code is 2.
type inputError struct{ err error }

func (e inputError) Error() string        { return e.err.Error() }
func (e inputError) Unwrap() error        { return e.err }
func (e inputError) Is(target error) bool { return target == replay.ErrInput }

func badInput(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

// undecidedError is why nothing can be said although all can be read: it is a
// verdict, which reports have.
type undecidedError struct{ error }

func (e undecidedError) Unwrap() error { return e.error }

// maxRules bounds a file of rules, in bytes.
const maxRules = 4 << 20

// checked is what a check reads.
type checked struct {
	corpus  *corpus.Corpus
	rules   *rules.Rules // nil: none
	ledgers *ledgers     // nil: none
	outputs []*source.Output

	undecided error // nothing can be said, and this is why
}

// open opens what is to be read, and tells everything that is wrong with it.
func (c *checkCommand) open() (*checked, error) {
	var in checked
	var errs []error
	var err error
	if in.corpus, err = corpus.Open(c.corpus); err != nil {
		if info, e := os.Stat(c.corpus); e == nil && info.IsDir() && errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: no corpus is there, which comes before what was received", err)
		}
		errs = append(errs, err)
	} else if len(c.ledgers) > 0 {
		if in.ledgers, err = openLedgers(c.ledgers, &in.corpus.Manifest().Header); err != nil {
			err = ofLedger(err)
			if !errors.As(err, new(undecidedError)) {
				errs = append(errs, err)
			}
			in.undecided = err
		}
	}
	if in.outputs, err = source.Open(c.received); err != nil {
		errs = append(errs, err)
	}
	if c.rules != "" {
		if in.rules, err = loadRules(c.rules); err != nil {
			errs = append(errs, err)
		} else if in.outputs != nil {
			errs = append(errs, routed(in.rules, in.outputs)...)
		}
	}
	return &in, errors.Join(errs...)
}

// ofLedger returns an error of a ledger: one of another run or corpus, or one that
// is cut off, is a verdict.
func ofLedger(err error) error {
	for _, of := range []error{ledger.ErrOther, ledger.ErrCut, ledger.ErrSums} {
		if errors.Is(err, of) {
			return undecidedError{err}
		}
	}
	return badInput(err)
}

// readLedger tells errors of the ledger from all others of a check.
type readLedger struct{ *ledgers }

func (l readLedger) Each(ctx context.Context, visit func(match.Entry) error) error {
	if err := l.ledgers.Each(ctx, visit); err != nil {
		return ofLedger(err)
	}
	return nil
}

func loadRules(path string) (*rules.Rules, error) {
	data, err := foreign.AppendText(nil, path, maxRules)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return rules.Load(path, data)
}

// routed returns an error for each output that rules name and that there is not.
func routed(r *rules.Rules, outputs []*source.Output) (errs []error) {
	var names []string
	for _, o := range outputs {
		names = append(names, o.Name)
	}
	for name, rule := range r.Outputs() {
		if !slices.Contains(names, name) {
			errs = append(errs, fmt.Errorf("%v: there is no output %s: want one of %s", rule, text.QuotedLine(name, 100), strings.Join(names, ", ")))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// check judges what was received.
func (c *checkCommand) check(ctx context.Context, a *app, in *checked) (*judge.Result, error) {
	h := &in.corpus.Manifest().Header
	o := judge.Options{Rules: in.rules, FanOut: c.fanOut, Ledger: in.ledgers != nil}
	for _, out := range in.outputs {
		o.Outputs = append(o.Outputs, out.Name)
	}
	if draw := otelsim.DrawOf(h); len(draw.Names) > 0 {
		pick := draw.Picker()
		o.Scenario = func(iteration uint64) string { return draw.Names[pick(iteration)] }
	}
	if in.undecided != nil {
		return nothing(o, in.undecided), nil
	}
	j := judge.New(o)
	p := c.newProgress(a, in)
	m := match.Options{Sent: match.FromCorpus(in.corpus), Signals: c.wanted, Outputs: p.outputs(source.Match(in.outputs)), Workers: c.workers}
	if in.ledgers != nil {
		m.Ledger = readLedger{in.ledgers}
	}
	sum, err := match.Check(ctx, m, p.judge(j))
	p.end()
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("interrupted: nothing can be said of a part")
	case errors.As(err, new(undecidedError)):
		return nothing(o, err), nil
	case errors.As(err, new(source.Error)), errors.Is(err, form.ErrMalformed), errors.Is(err, corpus.ErrCorrupt):
		return nil, badInput(err)
	case err != nil:
		return nil, err
	}
	for _, out := range in.outputs {
		for _, cut := range out.Cut() {
			sum.Undecided = append(sum.Undecided, cut+": it was cut off, or is still being written: check again when it is whole")
		}
		sum.Notes = append(sum.Notes, out.Notes()...)
	}
	if in.ledgers != nil {
		sum.Notes = append(sum.Notes, in.ledgers.notes()...)
	}
	return j.Result(sum), nil
}

// nothing is the result of a check that cannot be made.
func nothing(o judge.Options, why error) *judge.Result {
	return judge.New(o).Result(&match.Summary{Undecided: []string{why.Error()}})
}

// tell prints the result, and returns what the exit code says of it.
func (c *checkCommand) tell(a *app, r *judge.Result, to *reportFile) error {
	err := to.write(func(w io.Writer) error {
		return (&page.Page{Result: r, Corpus: c.corpus, Settings: c.settings(), Program: "otelsim-replay " + cmdline.Version()}).Write(w)
	})
	if !to.Stdout() {
		switch c.report {
		case reportJSON:
			err = errors.Join(err, r.WriteJSON(a.out))
		case reportJUnit:
			err = errors.Join(err, r.WriteJUnit(a.out))
		default:
			err = errors.Join(err, r.WriteText(a.out))
		}
	}
	switch r.Verdict {
	case judge.AsExpected:
		return err
	case judge.Undecided:
		return errors.Join(err, badInput(fmt.Errorf("undecided: %s", strings.Join(r.Undecided, "; "))))
	}
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Violates() {
			n++
		}
	}
	return errors.Join(err, fmt.Errorf("what arrived of corpus %s is not as expected: %s", text.Clean(c.corpus), text.Counted(n, "finding")))
}

// settings are what the page says of how it was checked.
func (c *checkCommand) settings() []page.Setting {
	list := []page.Setting{{Name: "received", Value: strings.Join(c.received, ", ")}}
	add := func(name, value string) {
		if value != "" {
			list = append(list, page.Setting{Name: name, Value: value})
		}
	}
	add("ledger", strings.Join(c.ledgers, ", "))
	add("rules", c.rules)
	if c.fanOut {
		add("fan-out", "each output must have everything")
	}
	add("signals", strings.Join(c.signals, ", "))
	return list
}
