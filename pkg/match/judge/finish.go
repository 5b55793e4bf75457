package judge

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// Result returns what was found, after all segments have ended. It is called once.
func (r *Run) Result(sum *match.Summary) *Result {
	res := &Result{
		Sent: counts(sum.Sent), Received: counts(sum.Received), BySignal: make(map[string]Totals), Findings: []Finding{},
		Laps: sum.Laps, Outputs: r.o.Outputs, FanOut: r.o.FanOut, Notes: slices.Clone(sum.Notes),
		Undecided: slices.Clone(sum.Undecided), Delays: r.all.delays.result(r.allowed.LateAfter),
	}
	for _, rule := range r.rules.All() {
		res.Rules = append(res.Rules, rule.Path)
	}
	clock := ClockCorpus
	if r.o.Ledger {
		clock = ClockSent
	}
	res.Losses = r.all.losses.result(clock)
	var all classes
	for sig := range otlp.Signal(otlp.NumSignals) {
		c := &r.all.signals[sig]
		all.add(c)
		switch {
		case !r.judged[sig] && sum.Sent[sig]+sum.Received[sig] > 0:
			res.Notes = append(res.Notes, fmt.Sprintf("%s were not judged: the rules leave them out", sig))
		case sum.Sent[sig]+sum.Received[sig] > 0:
			res.BySignal[sig.String()] = c.totals()
		}
	}
	res.Totals = all.totals()
	r.faults()
	r.undecided(res, &all)
	for _, g := range r.all.groups.list {
		res.Findings = append(res.Findings, r.finding(g))
	}
	slices.SortStableFunc(res.Findings, order)
	res.Verdict = verdict(res)
	return res
}

// faults takes what the rules find in the end.
func (r *Run) faults() {
	for _, f := range r.totals.Faults() {
		g := r.all.groups.group(key{kind: f.Kind, rule: f.Rule, info: f.Info, whole: true})
		g.wants(f.Message)
		g.count++
	}
	if d, p99 := r.allowed.Delay, r.allowed.P99; p99 > 0 && r.all.delays.count > 0 {
		if took := r.all.delays.at(990); took > p99 {
			g := r.all.groups.group(key{kind: KindLate, rule: d, whole: true})
			g.wants(fmt.Sprintf("99 %% of the items arrived within %v, not within %v", text.Fine(took), p99))
			g.count++
		}
	}
}

// undecided adds why nothing can be said, as far as the counts show it.
func (r *Run) undecided(res *Result, all *classes) {
	sent, received := res.Sent.Sum(), res.Received.Sum()
	switch {
	case len(res.Undecided) > 0: // match has said so
	case sent == 0:
		res.Undecided = append(res.Undecided, "the corpus has nothing of the signals that are judged: see --signals")
	case received == 0:
		res.Undecided = append(res.Undecided, "nothing was received: has the pipeline written its output, and all of it?")
	case all.arrived+all.asked == 0 && !r.explained():
		res.Undecided = append(res.Undecided, "nothing that was received is of this corpus: is it the output of another run?")
	}
}

// explained reports whether something of the corpus arrived that counts as another
// finding than those of items that are where they should be.
func (r *Run) explained() bool {
	return slices.ContainsFunc(r.all.groups.list, func(g *group) bool { return g.kind == KindNotDropped || g.kind == KindMisrouted })
}

func verdict(res *Result) Verdict {
	if len(res.Undecided) > 0 {
		return Undecided
	}
	for i := range res.Findings {
		if res.Findings[i].Level == findings.Violation {
			return Found
		}
	}
	return AsExpected
}

func counts(n [otlp.NumSignals]uint64) Counts {
	return Counts{n[otlp.SignalTraces], n[otlp.SignalMetrics], n[otlp.SignalLogs]}
}

// Of returns the number of a signal.
func (c Counts) Of(sig otlp.Signal) uint64 {
	return [...]uint64{otlp.SignalTraces: c.Spans, otlp.SignalMetrics: c.Points, otlp.SignalLogs: c.LogRecords}[sig]
}

// Sum returns the number of all.
func (c Counts) Sum() uint64 { return c.Spans + c.Points + c.LogRecords }

// kinds are the kinds of findings in the order in which they are told.
var kinds = []string{
	KindLost, KindNotDropped, KindMisrouted, KindDuplicated, KindAltered, KindMadeUp, KindMoved, KindReordered, KindSplit, KindLate, KindUnknown,
}

func rank(kind string) int {
	if i := slices.Index(kinds, kind); i >= 0 {
		return i
	}
	return len(kinds)
}

// order compares findings as they are told: by kind, those of most items first.
func order(a, b Finding) int {
	return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Count, a.Count),
		cmp.Compare(a.Signal, b.Signal), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Change, b.Change))
}

// finding returns a group as it is told.
func (r *Run) finding(g *group) Finding {
	f := Finding{
		Finding: findings.Finding{Rule: g.kind, Kind: g.kind, Level: findings.Violation, Count: g.count, Examples: g.examples},
		Field:   g.field, Change: g.change, Services: g.services.shares(), Scenarios: g.scenarios.shares(),
		First: moment(g.first), Last: moment(g.last),
	}
	if g.kind == KindUnknown || g.info {
		f.Level = findings.Information
	}
	if !g.whole {
		f.Signal = g.signal.String()
	}
	if g.rule != nil {
		f.Rule = g.rule.Path
		f.RuleAt = fmt.Sprintf("%s:%d:%d", g.rule.File, g.rule.Line, g.rule.Column)
	}
	if len(g.examples) > 0 {
		f.Where = g.examples[0].Where
	}
	if g.change == Changed && g.values == 1 && g.count > 1 {
		f.Change = Same
	}
	f.Message = r.message(g, f.Change)
	return f
}

func moment(ns int64) *time.Time {
	if ns == 0 {
		return nil
	}
	t := utc(ns)
	return &t
}

// message says what a group is, in words.
func (r *Run) message(g *group, change Change) string {
	n := noun(g.signal, g.count)
	switch {
	case g.other:
		return n + ": " + g.kind + ", of other fields or rules than those above"
	case g.whole:
		return g.want
	}
	switch g.kind {
	case KindLost:
		if r.o.Ledger {
			return n + " that the receiver accepted did not arrive"
		}
		return n + " did not arrive"
	case KindUnknown:
		return n + " without an answer to the sender did not arrive"
	case KindDuplicated:
		if r.allowed.Duplicates {
			return "beyond the first copy of each, " + n + " arrived that are not as they should be"
		}
		return "beyond the first copy of each, " + n + " arrived"
	case KindAltered:
		return altered(g, change, n)
	case KindMadeUp:
		if g.detail != "" {
			n += " of the metric " + text.QuotedLine(g.detail, maxText)
		}
		if g.count == 1 {
			return n + " arrived that was never sent"
		}
		return n + " arrived that were never sent"
	case KindMoved:
		return n + " arrived under another " + g.field + " of the corpus"
	case KindReordered:
		return n + " arrived after what follows them in their trace"
	case KindLate:
		return fmt.Sprintf("%s arrived more than %v after they were sent", n, r.allowed.LateAfter)
	case KindSplit:
		return text.Counted(g.count, "trace") + " arrived in more messages than they were sent in"
	case KindNotDropped:
		return n + " arrived that the rule drops"
	case KindMisrouted:
		return n + " arrived in another output than the rule says"
	}
	return g.want
}

// maxTitle bounds a value in what heads a finding, in bytes: examples have more of it.
const maxTitle = 80

// altered says what became of a field.
func altered(g *group, change Change, n string) string {
	what := map[Change]string{
		Removed: "is gone from", Added: "was added to", Changed: "was changed in", Same: "was changed in", Kept: "is as it was sent in",
		Missing: "is missing in",
	}[change]
	s := fmt.Sprintf("%s %s %s", g.field, what, n)
	switch {
	case change == Same:
		s += ", to " + text.QuotedLine(g.value, maxTitle) + " wherever it was"
	case change == Added && g.values == 1 && g.count > 1:
		s += ", " + text.QuotedLine(g.value, maxTitle) + " wherever it was"
	}
	if g.rule != nil && g.want != "" {
		s += ": want " + g.want
	}
	return s
}

// noun returns a number of items of a signal in words, such as "12 spans".
func noun(sig otlp.Signal, n uint64) string {
	switch sig {
	case otlp.SignalTraces:
		return text.Counted(n, "span")
	case otlp.SignalMetrics:
		return text.Counted(n, "point")
	}
	return text.Counted(n, "log record")
}
