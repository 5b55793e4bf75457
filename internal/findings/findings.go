// Package findings is the form that findings of any check leave the programs in:
// one envelope for JSON, and reports that servers of continuous integration read.
//
//	findings.Finding{Rule: "span-time", Level: findings.Violation, Count: 12, Message: "ends 3ms after its parent"}
//
// Texts are made fit for terminals when they are written, since they may quote
// what strangers wrote.
package findings

import (
	"encoding/json"
	"io"

	"github.com/otelsim/otelsim/internal/text"
)

// Finding is everything that was found of one rule. In JSON, fields that do not
// apply are left out; none is ever renamed or removed.
type Finding struct {
	Rule     string    `json:"rule"`                // which one is broken
	WeaverID string    `json:"weaver_id,omitempty"` // what OpenTelemetry Weaver calls it, where it does
	Level    Level     `json:"level"`               // how much that matters
	Kind     string    `json:"kind,omitempty"`      // what became of data, such as `lost`, where that is judged
	Signal   string    `json:"signal,omitempty"`    // `traces`, `metrics` or `logs`, when all examples are of one
	Count    uint64    `json:"count"`               // how often it was found
	Where    Where     `json:"where,omitzero"`      // of the first example
	Message  string    `json:"message"`             // what is wrong, in words: of the first example
	Examples []Example `json:"examples,omitempty"`  // the first ones, when there is more than one
}

// Level says how much a finding matters.
type Level string

// The levels.
const (
	Violation   Level = "violation"
	Improvement Level = "improvement"
	Information Level = "information"
)

// Example is one case of a finding.
type Example struct {
	Where   Where  `json:"where,omitzero"`
	Message string `json:"message,omitempty"` // where the finding's does not say it
	Before  string `json:"before,omitempty"`  // value of the field as it was sent; empty: none
	After   string `json:"after,omitempty"`   // as it was received
}

// Where is a place in files or in telemetry.
type Where struct {
	File      string  `json:"file,omitempty"`      // slash-separated
	Line      int     `json:"line,omitempty"`      // from 1, of an input file
	Column    int     `json:"column,omitempty"`    // from 1, likewise
	Segment   *uint64 `json:"segment,omitempty"`   // of the corpus, from 0
	Lap       *uint64 `json:"lap,omitempty"`       // of the replay, from 0
	Iteration *uint64 `json:"iteration,omitempty"` // from 0
	Record    *uint64 `json:"record,omitempty"`    // in the file, from 0
	Service   string  `json:"service,omitempty"`   // `service.name`, of what one span or log record shows
	Scenario  string  `json:"scenario,omitempty"`  // which the iteration ran
	TraceID   string  `json:"trace_id,omitempty"`  // hex
	SpanID    string  `json:"span_id,omitempty"`   // hex
	Path      string  `json:"path,omitempty"`      // the field, such as `options.start` of the manifest
}

// Number returns n for a field of Where; a negative one does not apply.
func Number[T int | int64](n T) *uint64 {
	if n < 0 {
		return nil
	}
	u := uint64(n)
	return &u
}

// clean returns the place fit for a terminal.
func (w Where) clean() Where {
	for _, s := range []*string{&w.File, &w.Service, &w.Scenario, &w.TraceID, &w.SpanID, &w.Path} {
		*s = text.Clean(*s)
	}
	return w
}

// Clean returns findings fit for a terminal. The result is never nil: it encodes
// as a list.
func Clean(list []Finding) []Finding {
	out := make([]Finding, len(list))
	for i, f := range list {
		out[i] = f.Clean()
	}
	return out
}

// Clean returns the finding fit for a terminal; f is left as it is.
func (f Finding) Clean() Finding {
	f.Rule, f.Message, f.Where = text.Clean(f.Rule), text.Clean(f.Message), f.Where.clean()
	examples := f.Examples
	f.Examples = nil
	for _, e := range examples {
		f.Examples = append(f.Examples, Example{e.Where.clean(), text.Clean(e.Message), text.Clean(e.Before), text.Clean(e.After)})
	}
	return f
}

// WriteJSON writes a report as indented JSON, with a newline at its end.
func WriteJSON(w io.Writer, report any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
