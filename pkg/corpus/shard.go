package corpus

import "fmt"

// Shard is one of several processes that write a corpus together. It owns the
// segments that are Index modulo Count. The zero value is no sharding: one run
// writes all.
type Shard struct {
	Index uint64 // below Count
	Count uint64 // 0: no sharding
}

// String returns the shard as its files are named.
func (s Shard) String() string { return fmt.Sprintf("%d-of-%d", s.Index, s.Count) }

func (s Shard) sharded() bool { return s.Count > 0 }

// owns reports whether the shard writes a segment.
func (s Shard) owns(segment uint64) bool {
	return s.Count == 0 || segment%s.Count == s.Index
}

// segments returns how many of total segments the shard owns; the k-th is
// segment(k).
func (s Shard) segments(total uint64) uint64 {
	switch {
	case s.Count == 0:
		return total
	case total <= s.Index:
		return 0
	}
	return (total-s.Index-1)/s.Count + 1
}

func (s Shard) segment(k uint64) uint64 {
	if s.Count == 0 {
		return k
	}
	return k*s.Count + s.Index
}

// place is the inverse of segment: how many segments of the shard come before one
// that it owns.
func (s Shard) place(segment uint64) (k uint64, ok bool) {
	return segment / max(s.Count, 1), s.owns(segment)
}

func (s Shard) journal() string {
	if s.sharded() {
		return partsDir + "/" + s.String() + ".jsonl"
	}
	return journalFile
}

func (s Shard) part() string { return partsDir + "/" + s.String() + ".json" }

func (s Shard) lock() string { return lockFile + "-" + s.String() }
