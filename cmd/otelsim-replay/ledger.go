package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// ledgers are the ledgers of one replay, one for each of its shards that is there.
type ledgers struct {
	paths   []string
	headers []*ledger.Header
	footers []*ledger.Footer // of those that were read to their end
}

var _ match.Ledger = (*ledgers)(nil)

// openLedgers reads the headers of ledgers, which must be of the corpus of that
// header and of one replay. Errors wrap those of package ledger.
func openLedgers(paths []string, of *corpus.Header) (*ledgers, error) {
	want, err := ledger.CorpusOf(of)
	if err != nil {
		return nil, err
	}
	l := &ledgers{paths: paths, footers: make([]*ledger.Footer, len(paths))}
	for _, path := range paths {
		err := withLedger(path, func(r *ledger.Reader) error {
			l.headers = append(l.headers, r.Header())
			return r.Header().Of(want)
		})
		if err != nil {
			return nil, err
		}
	}
	return l, ledger.Together(l.headers)
}

// withLedger opens a ledger for as long as use takes. Errors name the file.
func withLedger(path string, use func(*ledger.Reader) error) error {
	f, _, err := foreign.Open(path)
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	r, err := ledger.NewReader(f)
	if err == nil {
		err = errors.Join(use(r), r.Close())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", text.Clean(path), err)
	}
	return nil
}

// Each implements match.Ledger. A ledger that is cut off or damaged is an error,
// with all before it visited.
func (l *ledgers) Each(ctx context.Context, visit func(match.Entry) error) error {
	for i, path := range l.paths {
		n := 0
		err := withLedger(path, func(r *ledger.Reader) error {
			h := r.Header()
			if h.Corpus == nil || *h.Corpus != *l.headers[i].Corpus || !h.Start.Equal(l.headers[i].Start) {
				return errors.New("the file has changed")
			}
			err := r.Each(func(e *ledger.Entry) error {
				if n++; n%1024 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				return visit(entryOf(h, e))
			})
			l.footers[i] = r.Footer()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fates are the outcomes of ledgers, as match knows them.
var fates = map[ledger.Outcome]match.Fate{
	ledger.Accepted: match.Accepted, ledger.Rejected: match.Rejected, ledger.Failed: match.Failed, ledger.Unknown: match.Unknown,
}

func entryOf(h *ledger.Header, e *ledger.Entry) match.Entry {
	return match.Entry{
		Lap: e.Lap, Segment: e.Segment, Record: e.Record, Signal: e.Signal,
		Items: e.Items, Refused: e.Refused, Retries: e.Retries, Fate: fates[e.Outcome],
		First: e.First, Last: e.Last, Shift: e.Shift, Time: e.Time, Start: e.Start, Prev: e.Prev,
		Exemplars: h.Exemplars == ledger.ExemplarsRequests, Run: h.Start.UnixNano(),
	}
}

// notes returns what a person should know of the ledgers, once Each has read them.
func (l *ledgers) notes() (all []string) {
	for i, f := range l.footers {
		switch {
		case f == nil:
		case f.End == ledger.Interrupted:
			all = append(all, fmt.Sprintf("%s: the replay was interrupted: what it had not sent by then is not looked for", text.Clean(l.paths[i])))
		case f.End == ledger.Broken:
			all = append(all, fmt.Sprintf("%s: the replay broke off: what it had not sent by then is not looked for", text.Clean(l.paths[i])))
		}
	}
	if n := ledger.Missing(l.headers); n > 0 {
		all = append(all, fmt.Sprintf("%s of the replay have no ledger here: what they sent is not looked for", text.Counted(n, "shard")))
	}
	return all
}
