package match

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// spill keeps what belongs to many partitions in one temporary file: each partition
// is a chain of chunks, the last of which says where the one before it stands, so
// that memory is bounded however many partitions and chunks there are. One
// goroutine appends; when that is done any number may read.
type spill struct {
	file *os.File
	path string // "" where the file has no name any more
	end  int64

	chains []chain // by partition
	free   []*block
	room   int // blocks that may still be made
	size   int // of a block, in bytes
	oldest *block
	newest *block
}

// chain is a partition: its last chunk, and how long all of them are.
type chain struct {
	at    int64 // of the last chunk
	bytes uint32
	total int64
	items uint64
	block *block // what is not written yet
}

// block is the end of a partition in memory. The least recently used one is
// written when another partition needs it.
type block struct {
	partition    uint64
	data         []byte
	parts        table
	known        []known // parts, by number
	older, newer *block
}

// known is a part that stands in a block.
type known struct {
	start, end uint32
	kind       uint8
}

// chunkHeader is what a chunk starts with: where the one before it stands, and its
// length, 0 for none.
const chunkHeader = 12

// The bounds of a block. Larger ones bring no speed, smaller ones make the file
// slow.
const (
	leastBlock = 16 << 10
	mostBlock  = 1 << 20
)

// newSpill makes a spill of so many partitions, whose blocks have budget bytes. Its
// file has no name where the system allows that, so that nothing stays behind.
func newSpill(dir string, partitions uint64, budget int) (*spill, error) {
	f, err := os.CreateTemp(dir, "otelsim-match-*")
	if err != nil {
		return nil, fmt.Errorf("keep what was received: %w", err)
	}
	s := &spill{file: f, path: f.Name()}
	if os.Remove(s.path) == nil {
		s.path = ""
	}
	s.restart(partitions, budget)
	return s, nil
}

// restart gives up what the spill holds, and makes it one of so many partitions.
func (s *spill) restart(partitions uint64, budget int) {
	s.end, s.free, s.oldest, s.newest = 0, nil, nil, nil
	s.chains = slices.Grow(s.chains[:0], int(partitions))[:partitions]
	clear(s.chains)
	s.size = min(max(budget/int(min(partitions+2, 1<<20)), leastBlock), mostBlock)
	s.room = max(budget/s.size, 2)
}

// close gives up the file.
func (s *spill) close() error {
	err := s.file.Close()
	if s.path != "" {
		err = errors.Join(err, os.Remove(s.path))
	}
	return err
}

// spills are all temporary files of a comparison. Several goroutines may add to them.
type spills struct {
	mu   sync.Mutex
	list []*spill
}

// add is newSpill for one that close gives up.
func (a *spills) add(dir string, partitions uint64, budget int) (*spill, error) {
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
		err = errors.Join(err, s.close())
	}
	return err
}

// bytes returns how long a partition is.
func (s *spill) bytes(partition uint64) int64 { return s.chains[partition].total }

// reserve returns the block of a partition with room for n more bytes, where that is
// possible at all.
func (s *spill) reserve(partition uint64, n int) (*block, error) {
	c := &s.chains[partition]
	if b := c.block; b != nil {
		if len(b.data)+n <= s.size {
			s.touch(b)
			return b, nil
		}
		if err := s.flush(b); err != nil {
			return nil, err
		}
	}
	if len(s.free) == 0 && s.room == 0 {
		if err := s.flush(s.oldest); err != nil {
			return nil, err
		}
	}
	var b *block
	if k := len(s.free); k > 0 {
		b, s.free = s.free[k-1], s.free[:k-1]
	} else {
		s.room--
		b = &block{data: make([]byte, 0, s.size)}
		b.parts.reset(0)
	}
	b.partition, c.block = partition, b
	b.data = binary.LittleEndian.AppendUint64(b.data[:0], uint64(c.at))
	b.data = binary.LittleEndian.AppendUint32(b.data, c.bytes)
	s.link(b)
	return b, nil
}

// flush writes a block and frees it.
func (s *spill) flush(b *block) error {
	c := &s.chains[b.partition]
	n, err := s.file.WriteAt(b.data, s.end)
	if err != nil {
		return fmt.Errorf("keep what was received in %s: %w", s.file.Name(), err)
	}
	c.at, c.bytes, c.block = s.end, uint32(n), nil
	c.total += int64(n)
	s.end += int64(n)
	s.unlink(b)
	if cap(b.data) > 2*s.size { // of an item that no block has room for
		b.data = make([]byte, 0, s.size)
	}
	b.known = b.known[:0]
	b.parts.reset(0)
	s.free = append(s.free, b)
	return nil
}

// flushAll writes what is left.
func (s *spill) flushAll() error {
	for s.oldest != nil {
		if err := s.flush(s.oldest); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what is left and gives the memory back.
func (s *spill) finish() error {
	err := s.flushAll()
	s.free, s.room = nil, 0
	return err
}

func (s *spill) touch(b *block) {
	if s.newest == b {
		return
	}
	s.unlink(b)
	s.link(b)
}

func (s *spill) link(b *block) {
	b.older, b.newer = s.newest, nil
	if s.newest != nil {
		s.newest.newer = b
	} else {
		s.oldest = b
	}
	s.newest = b
}

func (s *spill) unlink(b *block) {
	if b.older != nil {
		b.older.newer = b.newer
	} else {
		s.oldest = b.newer
	}
	if b.newer != nil {
		b.newer.older = b.older
	} else {
		s.newest = b.older
	}
	b.older, b.newer = nil, nil
}

// chunk says where a chunk stands.
type chunk struct {
	at    int64
	bytes uint32
}

// chunks appends the chunks of a partition to dst, in the order in which they were
// written.
func (s *spill) chunks(dst []chunk, partition uint64) ([]chunk, error) {
	first := len(dst)
	c := s.chains[partition]
	var header [chunkHeader]byte
	for at, n := c.at, c.bytes; n > 0; {
		dst = append(dst, chunk{at, n})
		if _, err := s.file.ReadAt(header[:], at); err != nil {
			return dst, s.readError(err)
		}
		at, n = int64(binary.LittleEndian.Uint64(header[:])), binary.LittleEndian.Uint32(header[8:])
	}
	slices.Reverse(dst[first:])
	return dst, nil
}

// read appends what a chunk holds to dst.
func (s *spill) read(dst []byte, c chunk) ([]byte, error) {
	n := len(dst)
	dst = grown(dst, int(c.bytes)-chunkHeader)
	if _, err := s.file.ReadAt(dst[n:], c.at+chunkHeader); err != nil {
		return dst[:n], s.readError(err)
	}
	return dst, nil
}

func (s *spill) readError(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read back what was received: %w", err)
}

// grown returns b with n more bytes, in its own memory where that has room.
func grown(b []byte, n int) []byte {
	if len(b)+n > cap(b) {
		c := make([]byte, len(b), len(b)+n+(len(b)+n)/8)
		copy(c, b)
		b = c
	}
	return b[:len(b)+n]
}

// part returns the number of a part in the block, and appends it where it is new.
// Its kind is 0 of a resource, 1 of a scope, 2 of a metric.
func (b *block) part(kind uint8, hash uint64, part []byte) uint32 {
	n, ok := b.parts.find(hash, func(i uint32) bool {
		k := &b.known[i]
		return k.kind == kind && bytes.Equal(b.data[k.start:k.end], part)
	})
	if ok {
		return n
	}
	n = uint32(len(b.known))
	b.data = append(b.data, kindPart, kind)
	b.data = binary.LittleEndian.AppendUint32(b.data, uint32(len(part)))
	b.known = append(b.known, known{uint32(len(b.data)), uint32(len(b.data) + len(part)), kind})
	b.data = append(b.data, part...)
	b.parts.add(hash, n)
	return n
}
