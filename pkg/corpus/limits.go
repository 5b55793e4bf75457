package corpus

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// Limits on what a header may say. Whoever writes a corpus stays far below;
// they keep what a stranger wrote from being believed, and from filling a
// screen.
const (
	maxWord      = 256     // bytes of a prefix, a digest or another single word
	maxName      = 4096    // bytes of a scenario's name
	maxScenarios = 100_000 // of one corpus
	maxWeight    = 1e9
	maxTime      = math.MaxInt64 // in 2262: what times are computed with
)

// quoted returns a stranger's word for a message: short, and of characters that
// have no power.
func quoted(s string) string { return text.QuotedLine(s, 80) }

// checkWords returns what is wrong with the texts of the header.
func (h *Header) checkWords() error {
	o := &h.Options
	for _, w := range []struct{ name, value string }{
		{"prefix", h.Prefix}, {"plan_digest", h.PlanDigest}, {"content", o.Content}, {"format", o.Format},
		{"trace_shape", o.TraceShape}, {"temporality", o.Temporality},
	} {
		if err := checkWord(w.name, w.value, maxWord); err != nil {
			return err
		}
	}
	switch {
	case h.Prefix == "":
		return errors.New("prefix is empty")
	case h.Scenarios == nil:
		return errors.New("scenarios is null: want a list")
	case len(h.Scenarios) > maxScenarios:
		return fmt.Errorf("scenarios: %d of them, want at most %d", len(h.Scenarios), maxScenarios)
	case len(o.Signals) > 16:
		return fmt.Errorf("signals: %d of them", len(o.Signals))
	}
	for i := range h.Scenarios {
		s := &h.Scenarios[i]
		if err := checkWord("a scenario's name", s.Name, maxName); err != nil {
			return err
		}
		if err := checkWord("a scenario's digest", s.Digest, maxWord); err != nil {
			return err
		}
		switch {
		case s.Name == "":
			return fmt.Errorf("scenario %d has no name", i)
		case i > 0 && h.Scenarios[i-1].Name >= s.Name:
			return fmt.Errorf("scenario %s stands behind %s: want each once, by name", quoted(s.Name), quoted(h.Scenarios[i-1].Name))
		}
		if err := checkWeight("scenario "+quoted(s.Name), s.Weight); err != nil {
			return err
		}
	}
	return nil
}

func checkWord(name, value string, most int) error {
	switch {
	case len(value) > most:
		return fmt.Errorf("%s has %d bytes, want at most %d: %s", name, len(value), most, quoted(value))
	case text.Clean(value) != value:
		return fmt.Errorf("%s is %s: it holds characters that no name has", name, quoted(value))
	}
	return nil
}

func checkWeight(of string, w float64) error {
	if !(w >= 0 && w <= maxWeight) {
		return fmt.Errorf("weight of %s is %g: want 0 to %g", of, w, float64(maxWeight))
	}
	return nil
}

// checkNumbers returns what is wrong with the counts and times of the header:
// those that no run can have, since its last iteration would start beyond the
// times that there are.
func (h *Header) checkNumbers() error {
	o := &h.Options
	switch {
	case h.Revision < 0:
		return fmt.Errorf("revision is %d", h.Revision)
	case o.SegmentIterations == 0:
		return errors.New("segment_iterations is 0: want at least 1")
	case o.Count > ids.MaxIterations:
		return fmt.Errorf("count is %d: want at most %d", o.Count, uint64(ids.MaxIterations))
	case o.Start > maxTime:
		return fmt.Errorf("start is %v: want at most %v", o.Start, Nanos(maxTime))
	case o.Interval < 0:
		return fmt.Errorf("interval is %v: want at least 0", o.Interval)
	case o.Deviation < 0 || o.Deviation > maxTime/2:
		return fmt.Errorf("interval_deviation is %v: want 0 to %v", o.Deviation, Duration(maxTime/2))
	case o.BatchItems < 0:
		return fmt.Errorf("batch_items is %d: want at least 0", o.BatchItems)
	}
	high, low := bits.Mul64(o.Count, uint64(o.Interval))
	if high > 0 || low > maxTime || low+uint64(o.Deviation)*2 > maxTime-uint64(o.Start) {
		return fmt.Errorf("count is %d and interval %v, deviation %v: the last iteration starts beyond %v",
			o.Count, o.Interval, o.Deviation, Nanos(maxTime))
	}
	if err := h.checkArrivals(); err != nil {
		return err
	}
	for i, s := range h.Shifts {
		if s.From < 0 || s.To < s.From {
			return fmt.Errorf("weight_shifts: number %d is from %v to %v", i, s.From, s.To)
		}
		for _, w := range s.Weights {
			if err := checkWeight(fmt.Sprintf("weight shift %d", i), w); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDigest returns what is wrong with the digest of a segment file.
func checkDigest(d string) error {
	if len(d) != 16 || strings.Trim(d, "0123456789abcdef") != "" {
		return fmt.Errorf("digest %s: want 16 hex digits", quoted(d))
	}
	return nil
}

// list is several errors on one line.
type list []error

// Error joins them.
func (l list) Error() string {
	words := make([]string, len(l))
	for i, err := range l {
		words[i] = err.Error()
	}
	return strings.Join(words, "; ")
}

// Unwrap returns them.
func (l list) Unwrap() []error { return l }

// few returns the first of many errors, and how many more there are.
func few(errs []error) list {
	if len(errs) > maxErrors {
		errs = append(errs[:maxErrors:maxErrors], fmt.Errorf("and %d more", len(errs)-maxErrors))
	}
	return errs
}

// maxErrors is how many errors of a kind are told.
const maxErrors = 20
