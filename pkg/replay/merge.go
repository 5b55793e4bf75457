package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Named is a report that was read.
type Named struct {
	Name string // where it stands, for errors
	*Report
}

// Merge joins the reports of the shards of one replay to the report that one run of
// all would have written: counts add, distributions are those of the union, and so
// is the time. Reports may be merged ones themselves; the order does not matter.
// Shards of which there is none are in MissingShards. Reports that are not of one
// replay, one shard twice, and reports whose numbers do not agree with each other
// are ErrInput. The reports are used up.
func Merge(reports []Named) (*Report, error) {
	if len(reports) == 0 {
		return nil, badInput(errors.New("merge reports: there is none"))
	}
	var all *Report
	var d *distributions
	for i, n := range reports {
		got, err := n.reopen()
		if err == nil && i > 0 {
			err = all.unlike(n.Report)
		}
		if err == nil && i > 0 {
			err = all.join(n)
		}
		if err != nil {
			return nil, badInput(fmt.Errorf("%s: %w", text.Clean(n.Name), err))
		}
		if i == 0 {
			all, d = n.Report, got
			continue
		}
		d.merge(got)
	}
	slices.SortFunc(all.Exact.Parts, func(a, b Part) int { return cmp.Compare(a.Shard, b.Shard) })
	if err := all.workOut(d); err != nil {
		return nil, badInput(fmt.Errorf("merge reports: %w", err))
	}
	all.Exact.keep(d)
	all.MissingShards = all.Exact.missing()
	return all, nil
}

// errChanged says that what follows from a report's own numbers is not in it.
var errChanged = errors.New("its numbers do not agree with each other: it was changed, or cut")

// reasonOutcomes are those of a Reason, which are printed as they are.
var reasonOutcomes = []string{"retried", "rejected", "failed", "unknown", "warned"}

// reopen returns the distributions of a report that was read, after working out
// anew what follows from them.
func (n Named) reopen() (*distributions, error) {
	e := n.Exact
	if e == nil || len(e.Parts) == 0 {
		return nil, errors.New("it has no part \"exact\", from which reports are joined: want one that --report-json wrote")
	}
	if kinds[e.Settings.Schedule] == nil || e.Settings.Of == 0 || e.Settings.unit() == 0 || e.Settings.Of > 1 && e.Settings.Shards == "" {
		return nil, errChanged
	}
	for i, p := range e.Parts {
		if p.Shard >= e.Settings.Of || i > 0 && p.Shard <= e.Parts[i-1].Shard {
			return nil, errChanged
		}
	}
	for name := range n.Signals { // order-free: any stranger is enough
		if _, known := otlp.ParseSignal(name); !known {
			return nil, errChanged
		}
	}
	for _, x := range n.Reasons {
		if !slices.Contains(reasonOutcomes, x.Outcome) {
			return nil, errChanged
		}
	}
	if sum, err := n.sum(); err != nil || sum != e.Sum {
		return nil, errors.Join(err, errChanged)
	}
	d, err := e.distributions()
	if err != nil {
		return nil, err
	}
	again := *n.Report
	again.Signals = make(map[string]SignalReport, len(n.Signals))
	for name, s := range n.Signals { // order-free: into a map
		again.Signals[name] = s
	}
	again.Notes = slices.Clone(n.Notes)
	if err := again.workOut(d); err != nil {
		return nil, err
	}
	was, err1 := json.Marshal(n.Report)
	is, err2 := json.Marshal(&again)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if !bytes.Equal(was, is) || again.counted() != nil {
		return nil, errChanged
	}
	return d, nil
}

// counted returns an error unless the columns of the ledger add up, and the
// distributions have as many records as it says.
func (r *Report) counted() error {
	due := uint64(0)
	for _, p := range r.Exact.Parts {
		due += p.Records
	}
	l := r.Records
	answered := l.Accepted + l.Rejected
	if l.Due != due || l.Due != answered+l.Failed+l.Unknown || uint64(r.Lateness.Count) != l.Due ||
		uint64(r.FromDue.Count) != answered || uint64(r.FromSend.Count) != answered || r.Sends < l.Due {
		return errChanged
	}
	var sum Bucket
	if s := r.Exact.Series; s != nil {
		for i := range s.Buckets {
			b := &s.Buckets[i]
			sum.Due.add(Count{b.Due, b.DueItems})
			sum.Sent.add(Count{b.Sent, b.SentItems})
			sum.Accepted, sum.Rejected = sum.Accepted+b.Accepted, sum.Rejected+b.Rejected
			sum.Failed, sum.Unknown = sum.Failed+b.Failed, sum.Unknown+b.Unknown
		}
	}
	all := Count{l.Due, r.Items.Due}
	if sum != (Bucket{Due: all, Sent: all, Accepted: l.Accepted, Rejected: l.Rejected, Failed: l.Failed, Unknown: l.Unknown}) {
		return errChanged
	}
	return nil
}

// unlike returns in what other is of another replay than r, nil when it is not.
func (r *Report) unlike(other *Report) error {
	if r.Tool != other.Tool {
		return fmt.Errorf("written by %s, those before by %s: want one version", text.QuotedLine(other.Tool, 100), text.QuotedLine(r.Tool, 100))
	}
	a, b := r.Exact, other.Exact
	switch {
	case (a.Corpus == nil) != (b.Corpus == nil):
		return errors.New("of files, others of a corpus: want the shards of one replay")
	case a.Corpus != nil:
		if how := a.Corpus.Differs(b.Corpus); how != "" {
			return fmt.Errorf("of another corpus than those before, which are of one with %s", how)
		}
	}
	s, t := &a.Settings, &b.Settings
	for _, f := range []struct {
		what       string
		has, those any
	}{
		{"format", t.Format, s.Format},
		{"signals", fmt.Sprint(t.Signals), fmt.Sprint(s.Signals)},
		{"shards", t.Shards, s.Shards},
		{"number of shards", t.Of, s.Of},
		{"laps", t.Laps, s.Laps},
		{"duration", t.Duration, s.Duration},
		{"times", t.Time, s.Time},
		{"schedule", t.Schedule, s.Schedule},
		{"unit of the schedule", t.Unit, s.Unit},
		{"ramp", t.Ramp, s.Ramp},
		{"planned start", other.StartPlanned, r.StartPlanned},
		{"late after", other.LateAfter, r.LateAfter},
	} {
		if f.has != f.those {
			return fmt.Errorf("its %s is %s, that of those before %s: want the shards of one replay",
				f.what, text.QuotedLine(fmt.Sprint(f.has), 100), text.QuotedLine(fmt.Sprint(f.those), 100))
		}
	}
	if s.Shards != shardsOfSegments && a.Parts[0].Rate != b.Parts[0].Rate {
		return fmt.Errorf("its rate is %s, that of those before %s: want the shards of one replay",
			text.QuotedLine(b.Parts[0].Rate, 100), text.QuotedLine(a.Parts[0].Rate, 100))
	}
	return nil
}

// join adds the counts and the parts of n.
func (r *Report) join(n Named) error {
	for _, p := range n.Exact.Parts {
		if slices.ContainsFunc(r.Exact.Parts, func(q Part) bool { return q.Shard == p.Shard }) {
			if r.Exact.Settings.Of == 1 {
				return errors.New("of all records, as is one before: want the shards of one replay")
			}
			return fmt.Errorf("of shard %v, as is one before: want one of each", Shard{p.Shard, r.Exact.Settings.Of})
		}
	}
	r.Exact.Parts = append(r.Exact.Parts, n.Exact.Parts...)
	r.Sends += n.Sends
	for name, s := range n.Signals { // order-free: sums
		sum := r.Signals[name]
		sum.Records.add(s.Records)
		sum.Items.add(s.Items)
		sum.Bytes += s.Bytes
		r.Signals[name] = sum
	}
	r.Reasons = addReasons(r.Reasons, n.Reasons)
	for _, note := range n.Notes {
		if i := slices.IndexFunc(r.Notes, func(m Note) bool { return m.Note == note.Note }); i >= 0 {
			r.Notes[i].Count += note.Count
		} else {
			r.Notes = append(r.Notes, note)
		}
	}
	return nil
}

func addReasons(a, b []Reason) []Reason {
	sum := map[reasonKey]Reason{}
	for _, x := range slices.Concat(a, b) {
		k := reasonKey{x.Outcome, x.Reason}
		y := sum[k]
		x.Records += y.Records
		x.Items += y.Items
		x.Message = aMessage(x.Message, y.Message)
		sum[k] = x
	}
	return inOrder(sum)
}

// missing returns the shards of which there is no part, by rising number.
func (e *Exact) missing() (all []string) {
	next := uint64(0)
	gap := func(to uint64) { // to is the first one that is there
		switch to - next {
		case 0:
		case 1:
			all = append(all, strconv.FormatUint(next, 10))
		default:
			all = append(all, fmt.Sprintf("%d-%d", next, to-1))
		}
	}
	for _, p := range e.Parts {
		gap(p.Shard)
		next = p.Shard + 1
	}
	gap(e.Settings.Of)
	return all
}
