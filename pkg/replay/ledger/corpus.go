package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// Corpus says of which corpus a ledger is.
type Corpus struct {
	Seed              uint64 `json:"seed"`
	Revision          int    `json:"revision"`
	PlanDigest        string `json:"plan_digest"`
	Iterations        uint64 `json:"iterations"`
	SegmentIterations uint64 `json:"segment_iterations"`
	Header            string `json:"header"` // SHA-256 in hex of all that identifies it
}

// CorpusOf returns the identity of the corpus of that header, which may be one
// that was not written yet: the version of the format is no part of it.
func CorpusOf(h *corpus.Header) (*Corpus, error) {
	content := *h
	content.FormatVersion = 0
	all, err := json.Marshal(&content)
	if err != nil {
		return nil, fmt.Errorf("identify corpus: %w", err)
	}
	sum := sha256.Sum256(all)
	return &Corpus{
		Seed: h.Seed, Revision: h.Revision, PlanDigest: h.PlanDigest, Iterations: h.Options.Count,
		SegmentIterations: h.Options.SegmentIterations, Header: hex.EncodeToString(sum[:]),
	}, nil
}

// Of returns an error that wraps ErrOther unless the ledger is of that corpus. It
// says how they differ.
func (h *Header) Of(c *Corpus) error {
	if h.Corpus == nil {
		return fmt.Errorf("%w: of files that are no corpus", ErrOther)
	}
	if how := h.Corpus.Differs(c); how != "" {
		return fmt.Errorf("%w: %s", ErrOther, how)
	}
	return nil
}

// Differs says how another corpus differs from this one; empty: it is the same.
func (c *Corpus) Differs(other *Corpus) string {
	for _, f := range []struct {
		what       string
		there, has any
	}{
		{"seed", c.Seed, other.Seed},
		{"revision", c.Revision, other.Revision},
		{"segment_iterations", c.SegmentIterations, other.SegmentIterations},
		{"iterations", c.Iterations, other.Iterations},
		{"plan_digest", short(c.PlanDigest), short(other.PlanDigest)},
	} {
		if f.there != f.has {
			return fmt.Sprintf("%s %v, this one has %v", f.what, f.there, f.has)
		}
	}
	if *c != *other {
		return "one of the same seed and scenarios, with other options"
	}
	return ""
}

// short is enough of a digest to tell two apart, of what may be anything.
func short(digest string) string {
	const enough = 12
	if len(digest) <= enough {
		return strconv.Quote(digest)
	}
	return strconv.Quote(digest[:enough]) + "..."
}

// shard returns which shard the ledger is of, and of how many; 0 and 1 when it
// is of all records.
func (h *Header) shard() (index, of uint64, err error) {
	if h.Shard == "" {
		return 0, 1, nil
	}
	i, n, _ := strings.Cut(h.Shard, "/")
	index, ok1 := number([]byte(i))
	of, ok2 := number([]byte(n))
	if !ok1 || !ok2 || index >= of {
		return 0, 0, fmt.Errorf("shard is %.50q: want I/N, I from 0 to N-1", h.Shard)
	}
	return index, of, nil
}

// Together returns an error unless ledgers of these headers are the shards of one
// replay of one corpus, each at most once. Not all need be there: Missing names
// the others.
func Together(all []*Header) error {
	seen := map[uint64]int{}
	var shards uint64
	for i, h := range all {
		index, of, err := h.shard()
		if err != nil {
			return fmt.Errorf("ledger %d: %w", i+1, err)
		}
		if before, twice := seen[index]; twice && shards == of {
			return fmt.Errorf("ledgers %d and %d are both of shard %d/%d: want one of each", before+1, i+1, index, of)
		}
		if i > 0 && of != shards {
			return fmt.Errorf("ledger %d is of shard %d/%d, those before of %d: want the shards of one replay", i+1, index, of, shards)
		}
		seen[index], shards = i, of
		if i == 0 {
			continue
		}
		if h.Corpus == nil || all[0].Corpus == nil {
			return fmt.Errorf("ledger %d: %w", i+1, ErrOther)
		}
		if err := h.Of(all[0].Corpus); err != nil {
			return fmt.Errorf("ledger %d: %w", i+1, err)
		}
		if h.Time != all[0].Time || h.Laps != all[0].Laps {
			return fmt.Errorf("ledger %d is of another replay: %d laps, times %s; those before %d laps, times %s",
				i+1, h.Laps, h.Time, all[0].Laps, all[0].Time)
		}
	}
	return nil
}

// Missing returns how many of the shards of a replay have no ledger among all,
// which are Together.
func Missing(all []*Header) uint64 {
	if len(all) == 0 {
		return 0
	}
	_, of, err := all[0].shard()
	if err != nil {
		return 0
	}
	return of - uint64(len(all))
}
