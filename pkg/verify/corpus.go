package verify

import (
	"context"
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// Options says what to judge, and how. The zero value judges everything that a
// corpus shows by itself, one segment at a time.
type Options struct {
	// Workers is how many segments are judged at a time; 0: 1.
	Workers int
	// MaxExamples is how many findings of a rule are kept; the rest is counted.
	// 0: 3.
	MaxExamples int
	// Inputs, when set, are those that the corpus is said to be made from: each
	// segment is made again and must be, byte for byte, what is there. The zero
	// Inputs are the bundled ones.
	Inputs *otelsim.Inputs
	// Registry is what spans of systems are held to; nil: the bundled one. It is to be
	// that of the inputs, which the corpus does not tell.
	Registry *registry.Registry
	// Coverage, when set, is a registry of which the report states how much the corpus
	// has. No finding comes of it.
	Coverage *registry.Registry
	// FormatOnly leaves out what the conventions and the seed say: then manifest,
	// files, digests, records, ids and times are judged, of a corpus of any
	// origin. It is not for use with Inputs or Coverage.
	FormatOnly bool
	// Progress, when set, is told after each segment how many are done and how
	// many there are. It is called by one goroutine at a time.
	Progress func(done, total uint64)
}

// Corpus judges the corpus in dir: all files of it, and every record. What is
// wrong with it is in the report. The error is for what keeps it from being
// judged: no corpus there, one that is not finished (corpus.ErrIncomplete), one
// of a newer format (corpus.ErrVersion), a disk that cannot be read. Inputs that
// are wrong are an *otelsim.InputError, and such that are not those of the corpus
// another error. When ctx is done, the report is of what was judged until then,
// and comes with the error. Memory is bounded whatever the files claim.
func Corpus(ctx context.Context, dir string, o Options) (*Report, error) {
	s := settings{Dir: dir, Workers: max(1, o.Workers), MaxExamples: o.MaxExamples, Progress: o.Progress, Registry: o.Registry}
	if o.FormatOnly {
		if m, err := corpus.ReadManifest(dir); err == nil {
			if conventions, err := conventionsIn(dir, m); err == nil {
				ofSystems(&s, m, conventions) // whose messages and free spans have times of their own
			}
		}
		r, err := judge(ctx, s)
		return r.heldTo(ownRules), err
	}
	counts := newCardinality()
	m, unread := corpus.ReadManifest(dir)
	var before []Group
	if unread == nil {
		before = judgedBy(&s, m, counts, o.Coverage)
	}
	if o.Inputs != nil {
		if unread != nil {
			return nil, fmt.Errorf("verify %s: it cannot be made again: %v", dir, unread)
		}
		more, err := remake(&s, m, *o.Inputs)
		if err != nil {
			return nil, err
		}
		before = append(before, more...)
	}
	r, err := judge(ctx, s)
	if r == nil {
		return nil, err
	}
	if unread == nil {
		before = append(before, counts.findings(m)...)
	}
	r.prepend(before)
	r.remade = o.Inputs != nil
	if s.NewCheck == nil {
		return r.heldTo(ownRules), err
	}
	return r.heldTo(Rules()), err
}

// heldTo notes what a corpus was held to. That it is what the inputs give is
// judged only when they were given.
func (r *Report) heldTo(rules []Rule) *Report {
	if r == nil {
		return nil
	}
	for _, rule := range rules {
		if rule.Name != ruleRemade || r.remade {
			r.Rules = append(r.Rules, rule)
		}
	}
	return r
}

// prepend puts groups before those of the report.
func (r *Report) prepend(groups []Group) {
	r.Groups = append(groups, r.Groups...)
	for _, g := range groups {
		r.Count += g.Count
	}
}
