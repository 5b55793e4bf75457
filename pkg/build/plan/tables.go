package plan

import (
	"encoding/binary"
	"math"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// Made is what takes long to make and depends on nothing but what it is made of:
// plans that are compiled one after the other may share it.
type Made struct {
	redacted map[maskedText]string
	tables   map[tableKey]*dist.Table
	memory   dist.Memory
}

// NewMade returns one of nothing.
func NewMade() *Made {
	return &Made{redacted: make(map[maskedText]string), tables: make(map[tableKey]*dist.Table)}
}

// tableKey is what decides a table: every word of the distribution, since one
// with components has no order of its own, its unit and its floor.
type tableKey struct {
	spec  string
	scale float64
	least int64
}

// appendSpec appends the words of a distribution, lists with their lengths.
func appendSpec(dst []byte, s *dist.Spec) []byte {
	dst = append(dst, byte(s.Kind))
	for _, v := range [...]float64{s.Value, s.Mean, s.Stddev, s.Median, s.Sigma, s.CV, s.Low, s.High, s.P, s.Alpha, s.Weight} {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(v))
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.Quantiles)))
	for _, q := range s.Quantiles {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(q))
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.At)))
	for _, share := range s.At {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(share))
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.Components)))
	for i := range s.Components {
		dst = appendSpec(dst, &s.Components[i])
	}
	return dst
}

// table is CompileAtLeast of dist that remembers tables: most steps of most scenarios
// last as long as the config says, and a table takes thousands of exponentials.
// Tables are immutable, so those who ask may share one.
func (c *compiler) table(s dist.Spec, scale float64, least int64) (*dist.Table, error) {
	key := tableKey{string(appendSpec(nil, &s)), scale, least}
	if t, ok := c.tables[key]; ok {
		return t, nil
	}
	t, err := c.memory.CompileAtLeast(s, scale, least)
	if err != nil {
		return nil, err
	}
	c.tables[key] = t
	return t, nil
}
