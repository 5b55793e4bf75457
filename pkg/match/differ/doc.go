// Package differ says how two sides differ, item by item: two corpora in
// whatever format, compression and size of records, what two pipelines wrote,
// or a corpus and what arrived of it. Two manifests alone are compared too.
//
//	d := differ.New(differ.Options{Seed: &seed, A: a, B: b})
//	summary, err := match.Diff(ctx, options, d)
//	r := d.Result(summary)
//	r.WriteText(w)
//
// A is the side that was sent, to package match, and B the one that was
// received. An item that both have and that differs is changed, and named by
// the fields that do; others are only in A or only in B.
package differ

import (
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// Side is what is known of one side beside its items. The zero value is that of
// files that nothing is known of.
type Side struct {
	Name string // what people call it

	// Of corpora: 0 iterations say that it is none.
	Iterations, PerSegment uint64
	Scenario               func(iteration uint64) string // nil: nobody knows
	Scenarios              []string                      // the names that Scenario returns
}

// Options says what is compared.
type Options struct {
	Seed    *uint64       // of both sides; nil: trace ids say nothing of where they are from
	A, B    Side          //
	Signals []otlp.Signal // that are compared, in their order
}

// Differ judges what match.Diff joins: it is a match.Judge.
type Differ struct {
	o       Options
	key     ids.Key
	result  Result
	renamed bool             // instances have other numbers, of their segments
	index   map[groupKey]int // in result.Groups
}

var _ match.Judge = (*Differ)(nil)

// New returns a judge that was shown nothing yet.
func New(o Options) *Differ {
	d := &Differ{o: o, index: make(map[groupKey]int)}
	if o.Seed != nil {
		d.key = ids.New(*o.Seed)
	}
	return d
}

// Kind says how an item differs.
type Kind uint8

// The kinds of difference.
const (
	Changed Kind = iota
	OnlyA
	OnlyB
	numKinds
)

// String returns the name of the kind as it stands in JSON.
func (k Kind) String() string { return [...]string{"changed", "only_a", "only_b"}[k] }

// Result is how the sides differ.
type Result struct {
	A, B      string   // their names
	Notes     []string // what a person should know first
	Signals   []otlp.Signal
	Items     [otlp.NumSignals][2]uint64        // of A and B
	Totals    [otlp.NumSignals][numKinds]uint64 // items, by kind
	Headers   []HeaderChange                    // of corpora and manifests
	Groups    []Group
	Scenarios []string // of either side, sorted; none: nobody knows them
	Unread    bool     // nothing but manifests was compared
}

// Group is all that differs in one way.
type Group struct {
	Kind     Kind
	Signal   otlp.Signal
	Scenario string    // "": nobody knows
	Name     string    // of spans, events and metrics; "": of none, as for times, or whole traces
	Path     string    // of the field, without indexes; "": of none
	Whole    bool      // traces of which the other side has nothing: Name is empty
	Count    uint64    // items
	Units    uint64    // items, or whole traces or segments
	Examples []Example // the first, at most maxExamples
}

// Example is one item that differs.
type Example struct {
	Segment       *uint64 // of manifests
	Iteration     *uint64 // nil: nobody knows
	Turn          uint32  // from 0
	Trace, Span   string  // hex; "": none
	Service       string  // service.name
	Place         string  // where in its trace it stands, or what else names it
	Path          string  // the field, with indexes
	Before, After string  // values as people read them; "": not there

	order order
}

// HeaderChange is a field in which two headers differ.
type HeaderChange struct {
	Path          string // as in the manifest, "scenarios.NAME" for a scenario
	Scenario      string // that it is about; "": none
	Before, After string // "": not there
}
