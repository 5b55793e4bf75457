// Package judge says what a pipeline did to a corpus: it takes what match found
// of each item, holds it to the rules of what the pipeline is meant to do, and
// sums it up as totals by class and as findings. What it keeps is bounded,
// whatever is found, and does not depend on the number of workers.
package judge

import (
	"time"

	"github.com/otelsim/otelsim/internal/findings"
)

// Verdict is a result in two words.
type Verdict string

// The verdicts.
const (
	AsExpected Verdict = "as expected" // nothing was found that no rule explains
	Found      Verdict = "findings"
	Undecided  Verdict = "undecided" // nothing can be said: see Result.Undecided
)

// Result is what became of a corpus. In JSON, fields may be added; none is ever
// renamed or removed. Texts are as strangers wrote them: see Result.WriteJSON.
type Result struct {
	Verdict   Verdict           `json:"verdict"`
	Undecided []string          `json:"undecided,omitempty"` // why nothing can be said, and what would help
	Sent      Counts            `json:"sent"`                // in all laps
	Received  Counts            `json:"received"`            // in all outputs
	Totals    Totals            `json:"totals"`              // of all signals
	BySignal  map[string]Totals `json:"by_signal"`           // by the signal's name
	Findings  []Finding         `json:"findings"`            // by kind, those of most items first
	Losses    *Losses           `json:"losses,omitempty"`    // when in the run; nil: nothing was lost
	Delays    *Delays           `json:"delays,omitempty"`    // nil: not known
	Laps      uint64            `json:"laps"`                // that were seen of any trace; 0: nothing arrived
	Outputs   []string          `json:"outputs"`             // their names, in the order given
	FanOut    bool              `json:"fan_out"`             // each output is to have everything
	Rules     []string          `json:"rules,omitempty"`     // names of the rules that it was held to, in their order
	Notes     []string          `json:"notes,omitempty"`     // what a person should know
}

// Counts are numbers of items by signal.
type Counts struct {
	Spans      uint64 `json:"spans"`
	Points     uint64 `json:"points"`
	LogRecords uint64 `json:"log_records"`
}

// Totals are numbers of items by class, but for SplitTraces and IncompleteTraces,
// which count traces.
type Totals struct {
	Lost             uint64  `json:"lost"`              // accepted and absent, with no rule that says so
	LostUnknown      uint64  `json:"lost_unknown"`      // no answer, and absent; not part of Lost
	Duplicated       uint64  `json:"duplicated"`        // copies beyond the first
	Altered          uint64  `json:"altered"`           // other than what the rules make of them
	MadeUp           uint64  `json:"made_up"`           // received and never sent
	Moved            uint64  `json:"moved"`             // under another resource or scope of the corpus
	Reordered        uint64  `json:"reordered"`         // arrived after what follows them in their trace
	Late             *uint64 `json:"late"`              // nil: arrival times or the times of sending are not known
	SplitTraces      uint64  `json:"split_traces"`      // arrived in more pieces than they were sent in
	IncompleteTraces uint64  `json:"incomplete_traces"` // of which some items were lost and others arrived
	Refused          uint64  `json:"refused"`           // absent, as the sender was told: failed, or rejected in part
}

// Finding is everything that was found of one kind, rule, signal and field.
type Finding struct {
	findings.Finding
	RuleAt    string     `json:"rule_at,omitempty"`   // FILE:LINE:COLUMN of the rule, where it is one of a file
	Field     string     `json:"field,omitempty"`     // path of the field, with [] for any index
	Change    Change     `json:"change,omitempty"`    // what became of the field
	Services  []Share    `json:"services,omitempty"`  // those with most of it, most first
	Scenarios []Share    `json:"scenarios,omitempty"` // likewise
	First     *time.Time `json:"first,omitempty"`     // time of the first one; see Losses.Clock. nil: not known
	Last      *time.Time `json:"last,omitempty"`
}

// Kinds of findings, beside those that rules name themselves.
const (
	KindLost       = "lost"
	KindUnknown    = "lost_unknown"
	KindDuplicated = "duplicated"
	KindAltered    = "altered"
	KindMadeUp     = "made_up"
	KindMoved      = "moved"
	KindReordered  = "reordered"
	KindLate       = "late"
	KindSplit      = "split_traces"
	KindNotDropped = "not_dropped" // arrived although a rule drops it
	KindMisrouted  = "misrouted"   // arrived in another output than a rule says
)

// Change is what became of a field.
type Change string

// The changes.
const (
	Removed Change = "removed"
	Added   Change = "added"
	Changed Change = "changed"
	Same    Change = "changed to" // changed, and to one value wherever it was
	Kept    Change = "kept"       // as it was sent, although a rule changes it
	Missing Change = "missing"    // not there, although a rule adds it
)

// Share is how often something was found of a name.
type Share struct {
	Name  string `json:"name"` // empty: of no name, or of names beyond those that are counted
	Count uint64 `json:"count"`
}

// Losses says when in the run items were lost. Times are UTC.
type Losses struct {
	Clock    string        `json:"clock"`     // ClockSent or ClockCorpus
	Width    time.Duration `json:"bucket_ns"` // of a bucket
	Buckets  []Bucket      `json:"buckets"`   // in order of time, without gaps: from the first item sent to the last
	First    time.Time     `json:"first"`     // of the items lost
	Last     time.Time     `json:"last"`
	Requests uint64        `json:"requests"` // of which something was lost
	Summary  string        `json:"summary"`  // where in time, in a sentence
}

// The clocks of Losses.
const (
	ClockSent   = "sent"   // when requests were last sent, as the ledger says
	ClockCorpus = "corpus" // the simulated time of the corpus
)

// Bucket is what was sent in a piece of time, and what of it was lost.
type Bucket struct {
	Start time.Time `json:"start"`
	Sent  uint64    `json:"sent"` // items
	Lost  uint64    `json:"lost"`
}

// Delays say how long after they were last sent items arrived: upper bounds
// within 2 % in nanoseconds.
type Delays struct {
	Count uint64        `json:"count"` // items of which it is known
	P50   time.Duration `json:"p50_ns"`
	P99   time.Duration `json:"p99_ns"`
	Max   time.Duration `json:"max_ns"`   // exact
	Limit time.Duration `json:"limit_ns"` // over which an item is late

	// Curve says what more parts of the items took at most, for pictures: by Part,
	// and no more than a few hundred.
	Curve []Quantile `json:"-"`
}

// Quantile says that a part of the items, in a thousand thousands, took at most so
// long.
type Quantile struct {
	Part  uint64
	Delay time.Duration
}
