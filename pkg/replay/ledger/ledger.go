// Package ledger is the file in which a replay writes what became of every
// record, and its reader.
//
// It is zstd, of any number of frames, and in it lines: a header, a line for
// each record that was released, and a last line with the sums. The first and
// the last are JSON objects; those between are columns with one space between
// them, in the order in which the records were done:
//
//	lap segment record signal items outcome refused retries first last shift
//
// and for metrics time, start and prev behind them. See Entry for what they
// are. A frame holds whole lines, and one is written every second, so that the
// file of a process that was killed can be read up to there; that it has no last
// line tells it.
package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Name and Version are those of the format, as the header has them. Fields may
// be added to header and last line within a version; columns may not.
const (
	Name    = "otelsim-replay"
	Version = 1
)

// Columns are the names of the columns, in their order. Those from MetricsColumns
// on are there for metrics only.
var Columns = []string{
	"lap", "segment", "record", "signal", "items", "outcome", "refused", "retries", "first", "last", "shift",
	"time", "start", "prev",
}

// MetricsColumns is the index of the first column that only metrics have.
const MetricsColumns = 11

// Outcome is what became of a record. Its values are those of the report.
type Outcome uint8

// The outcomes.
const (
	Accepted Outcome = iota // the receiver took every item
	Rejected                // it took the record, and refused Entry.Refused of its items
	Failed                  // refused, or it never left
	Unknown                 // no answer: it may have arrived
)

const numOutcomes = 4

var outcomeNames = [numOutcomes]string{"accepted", "rejected", "failed", "unknown"}

// String returns the word for o in a ledger.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// Entry is what is known of one record. Times are nanoseconds since the Unix
// epoch.
type Entry struct {
	Lap     uint64 // from 0
	Segment uint64 // of the corpus; of other sources, a piece of what was read
	Record  uint64 // in the segment's file of the signal, from 0; of other sources, in the piece
	Signal  otlp.Signal
	Outcome Outcome

	Items   uint64 // spans, data points or log records in it
	Refused uint64 // items, over 0 when rejected and 0 otherwise
	Retries uint64 // attempts but the first

	First int64 // when the first attempt began
	Last  int64 // when the last one did
	Shift int64 // nanoseconds, by which its times were moved; 0: they were not

	// Of metrics alone. Start and Prev are 0 where starts moved by Shift like all
	// times, or did not move.
	Time  uint64 // of its latest point, as it was sent
	Start uint64 // since when cumulative points count, as they were sent
	Prev  uint64 // since when delta points count, as they were sent
}

// Header is the first line of a ledger.
type Header struct {
	Ledger  string   `json:"ledger"`  // Name
	Version int      `json:"version"` // of the format
	Columns []string `json:"columns"` // see there

	Tool   string    `json:"tool"`   // program and version
	Source string    `json:"source"` // what was replayed, for people
	Start  time.Time `json:"start"`  // of the run, UTC, in nanoseconds

	Corpus  *Corpus  `json:"corpus,omitempty"` // nil: files that are no corpus
	Format  string   `json:"format"`           // of the records: proto or json
	Signals []string `json:"signals"`          // that were to be sent

	Laps     uint64 `json:"laps,omitempty"`        // 0: without limit
	Duration int64  `json:"duration_ns,omitempty"` // 0: without limit
	Time     string `json:"time"`                  // now or original
	Shard    string `json:"shard,omitempty"`       // I/N; "": all

	// Exemplars says by what exemplars of metrics moved: request, by the shift of
	// the request of their trace, or record, by that of the record. Where another
	// shard sent the request, the starts of both runs tell: shifts of one request in
	// two runs differ as their starts do.
	Exemplars string `json:"exemplars"`
}

// The values of Header.Time and Header.Exemplars.
const (
	TimeNow           = "now"
	TimeOriginal      = "original"
	ExemplarsRequests = "request"
	ExemplarsRecords  = "record"
)

// Totals divide what is in the ledger as the report does: Due is the sum of the
// others.
type Totals struct {
	Due      uint64 `json:"due"`
	Accepted uint64 `json:"accepted"`
	Rejected uint64 `json:"rejected"`
	Failed   uint64 `json:"failed"`
	Unknown  uint64 `json:"unknown"`
}

// Ending says how a run ended.
type Ending string

// The endings.
const (
	Complete    Ending = "complete"    // everything was released and is done
	Interrupted Ending = "interrupted" // what was in flight is unknown, the rest was never sent
	Broken      Ending = "broken"      // the source failed: what came behind was never sent
)

// Footer is the last line of a ledger.
type Footer struct {
	End     Ending    `json:"end"`
	At      time.Time `json:"at"`      // UTC
	Records Totals    `json:"records"` // those with a refused item are rejected
	Items   Totals    `json:"items"`   // those refused are rejected
}

// Errors of reading. The text says more.
var (
	ErrNone      = errors.New("not a ledger")
	ErrVersion   = errors.New("ledger of another version")
	ErrCut       = errors.New("the ledger is cut off: the run that wrote it was killed, or its disk was full")
	ErrMalformed = errors.New("malformed ledger")
	ErrSums      = errors.New("the lines of the ledger do not come to its sums")
	ErrOther     = errors.New("the ledger is of another corpus")
)

// add counts an entry in records and items.
func (e *Entry) add(records, items *Totals) {
	records.Due++
	items.Due += e.Items
	switch e.Outcome {
	case Accepted:
		records.Accepted++
		items.Accepted += e.Items
	case Rejected:
		records.Rejected++
		items.Rejected += e.Refused
		items.Accepted += e.Items - e.Refused
	case Failed:
		records.Failed++
		items.Failed += e.Items
	case Unknown:
		records.Unknown++
		items.Unknown += e.Items
	}
}

// check returns what is wrong with a header that was read.
func (h *Header) check() error {
	switch {
	case !slices.Equal(h.Columns, Columns):
		return fmt.Errorf("columns are %.200q: want %s", strings.Join(h.Columns, " "), strings.Join(Columns, " "))
	case h.Format != otlp.FormatProto.String() && h.Format != otlp.FormatJSON.String():
		return fmt.Errorf("format is %.20q: want proto or json", h.Format)
	case h.Time != TimeNow && h.Time != TimeOriginal:
		return fmt.Errorf("time is %.20q: want now or original", h.Time)
	case h.Exemplars != ExemplarsRequests && h.Exemplars != ExemplarsRecords:
		return fmt.Errorf("exemplars is %.20q: want request or record", h.Exemplars)
	case h.Start.IsZero():
		return errors.New("no start")
	}
	for _, name := range h.Signals {
		if _, ok := otlp.ParseSignal(name); !ok {
			return fmt.Errorf("signal %.20q: want traces, metrics or logs", name)
		}
	}
	_, _, err := h.shard()
	return err
}
