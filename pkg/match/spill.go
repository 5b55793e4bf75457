package match

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"

	"github.com/otelsim/otelsim/pkg/internal/spill"
)

// spillFile keeps items by partition until all have come, each with its parts: a part is
// written once in a chunk.
type spillFile = spill.File[chunkParts]

type block = spill.Block[chunkParts]

// chunkParts are the parts in a block, by number.
type chunkParts struct {
	parts table
	known []known
}

// known is a part that stands in a block.
type known struct {
	start, end uint32
	kind       uint8
}

func (c *chunkParts) reset() {
	c.known = c.known[:0]
	c.parts.reset(0)
}

// newSpill makes a spill of so many partitions, whose blocks have budget bytes.
func newSpill(dir string, partitions uint64, budget int) (*spillFile, error) {
	return spill.New(dir, "otelsim-match", partitions, budget, (*chunkParts).reset)
}

// spills are all temporary files of a comparison. Several goroutines may add to them.
type spills struct {
	mu   sync.Mutex
	list []*spillFile
}

// add is newSpill for one that close gives up.
func (a *spills) add(dir string, partitions uint64, budget int) (*spillFile, error) {
	s, err := newSpill(dir, partitions, budget)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, s)
	return s, nil
}

func (a *spills) close() (err error) {
	for _, s := range a.list {
		err = errors.Join(err, s.Close())
	}
	return err
}

// partIn returns the number of a part in the block, and appends it where it is new.
// Its kind is 0 of a resource, 1 of a scope, 2 of a metric.
func partIn(b *block, kind uint8, hash uint64, part []byte) uint32 {
	n, ok := b.State.parts.find(hash, func(i uint32) bool {
		k := &b.State.known[i]
		return k.kind == kind && bytes.Equal(b.Data[k.start:k.end], part)
	})
	if ok {
		return n
	}
	n = uint32(len(b.State.known))
	b.Data = append(b.Data, kindPart, kind)
	b.Data = binary.LittleEndian.AppendUint32(b.Data, uint32(len(part)))
	b.State.known = append(b.State.known, known{uint32(len(b.Data)), uint32(len(b.Data) + len(part)), kind})
	b.Data = append(b.Data, part...)
	b.State.parts.add(hash, n)
	return n
}
