package leaks

import (
	"context"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// Source is a capture: an *intake.Input is one.
type Source interface {
	Each(ctx context.Context, visitors ...intake.Visitor) error
}

// Vocabulary is what is public anyway.
type Vocabulary interface {
	Has(text string) bool     // as a whole
	HasWord(word string) bool // in any public text
}

// Options say what is no leak.
type Options struct {
	MinTraces  uint64     // a text that so many traces have may be said; 0: 10
	Allow      []string   // keys of attributes, or what they begin with and *, whose values may be said
	Deny       []string   // likewise, of which nothing may be said
	Renamed    bool       // names have new ones: nothing may be said that is not public or allowed
	Public     Vocabulary // nil: nothing is
	MaxLeaks   int        // that are told one by one; 0: 1000
	Goroutines int        // that look; 0: 1
}

// Result is what was found.
type Result struct {
	Texts    uint64             `json:"texts"`  // of the outputs that were looked for, words included
	Seen     uint64             `json:"seen"`   // of them, that the capture has
	Traces   uint64             `json:"traces"` // of the capture
	Leaks    uint64             `json:"leaks"`
	Findings []findings.Finding `json:"findings"` // one a leak, by file and line
}

// The kinds of leaks, as findings have them.
const (
	Rare   = "rare"      // in fewer traces than are asked for
	Free   = "free text" // in free text alone
	Denied = "denied"    // under denied keys alone
	Secret = "id"        // looks like an id, an address or a secret, or is the value of a key for such
	Name   = "name"      // there although names have new ones
)
