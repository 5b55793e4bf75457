// Package spill keeps what belongs to many partitions in one temporary file: each
// partition is a chain of chunks, the last of which says where the one before it
// stands, so that memory is bounded however many partitions and chunks there are.
package spill

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// File is a temporary file of partitions. One goroutine appends; when that is done any
// number may read. S is what a caller keeps beside the bytes of a block in memory.
type File[S any] struct {
	file  *os.File
	path  string // "" where the file has no name any more
	end   int64
	reset func(*S)

	chains []chain[S] // by partition
	free   []*Block[S]
	room   int // blocks that may still be made
	size   int // of a block, in bytes
	oldest *Block[S]
	newest *Block[S]
}

// chain is a partition: its last chunk, and how long all of them are.
type chain[S any] struct {
	at    int64 // of the last chunk
	bytes uint32
	total int64
	items uint64
	block *Block[S] // what is not written yet
}

// Block is the end of a partition in memory, a chunk that is not written yet. The least
// recently used one is written when another partition needs its memory. Callers append
// to Data what they have reserved, and State is as reset left it in a new one.
type Block[S any] struct {
	Data         []byte
	State        S
	partition    uint64
	older, newer *Block[S]
}

// header is what a chunk starts with: where the one before it stands, and its
// length, 0 for none.
const header = 12

// The bounds of a block. Larger ones bring no speed, smaller ones make the file
// slow.
const (
	leastBlock = 16 << 10
	mostBlock  = 1 << 20
)

// New makes a file of so many partitions in a folder, "" for that of the system, whose
// blocks have budget bytes. Its name begins with a word, and it has none where the system
// allows that, so that nothing stays behind. Reset makes the state of a block new; nil:
// there is none. The caller closes the file.
func New[S any](dir, word string, partitions uint64, budget int, reset func(*S)) (*File[S], error) {
	f, err := os.CreateTemp(dir, word+"-*")
	if err != nil {
		return nil, fmt.Errorf("keep what was read: %w", err)
	}
	s := &File[S]{file: f, path: f.Name(), reset: reset}
	if os.Remove(s.path) == nil {
		s.path = ""
	}
	s.Restart(partitions, budget)
	return s, nil
}

// Restart gives up what the file holds, and makes it one of so many partitions.
func (s *File[S]) Restart(partitions uint64, budget int) {
	s.end, s.free, s.oldest, s.newest = 0, nil, nil, nil
	s.chains = slices.Grow(s.chains[:0], int(partitions))[:partitions]
	clear(s.chains)
	s.size = min(max(budget/int(min(partitions+2, 1<<20)), leastBlock), mostBlock)
	s.room = max(budget/s.size, 2)
}

// Close gives up the file.
func (s *File[S]) Close() error {
	err := s.file.Close()
	if s.path != "" {
		err = errors.Join(err, os.Remove(s.path))
	}
	return err
}

// Partitions returns how many there are.
func (s *File[S]) Partitions() uint64 { return uint64(len(s.chains)) }

// Bytes returns how long a partition is, as far as it is written.
func (s *File[S]) Bytes(partition uint64) int64 { return s.chains[partition].total }

// Items returns how many items of a partition were counted.
func (s *File[S]) Items(partition uint64) uint64 { return s.chains[partition].items }

// Count counts an item of a partition.
func (s *File[S]) Count(partition uint64) { s.chains[partition].items++ }

// Reserve returns the block of a partition with room for n more bytes, where that is
// possible at all. It is the caller's until the next call.
func (s *File[S]) Reserve(partition uint64, n int) (*Block[S], error) {
	c := &s.chains[partition]
	if b := c.block; b != nil {
		if len(b.Data)+n <= s.size {
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
	var b *Block[S]
	if k := len(s.free); k > 0 {
		b, s.free = s.free[k-1], s.free[:k-1]
	} else {
		s.room--
		b = &Block[S]{Data: make([]byte, 0, s.size)}
		s.renew(b)
	}
	b.partition, c.block = partition, b
	b.Data = binary.LittleEndian.AppendUint64(b.Data[:0], uint64(c.at))
	b.Data = binary.LittleEndian.AppendUint32(b.Data, c.bytes)
	s.link(b)
	return b, nil
}

// flush writes a block and frees it.
func (s *File[S]) flush(b *Block[S]) error {
	c := &s.chains[b.partition]
	n, err := s.file.WriteAt(b.Data, s.end)
	if err != nil {
		return fmt.Errorf("keep what was read in a temporary file (TMPDIR says where there is room): %w", err)
	}
	c.at, c.bytes, c.block = s.end, uint32(n), nil
	c.total += int64(n)
	s.end += int64(n)
	s.unlink(b)
	if cap(b.Data) > 2*s.size { // of an item that no block has room for
		b.Data = make([]byte, 0, s.size)
	}
	s.renew(b)
	s.free = append(s.free, b)
	return nil
}

// Flush writes what is left in memory, and keeps the memory.
func (s *File[S]) Flush() error {
	for s.oldest != nil {
		if err := s.flush(s.oldest); err != nil {
			return err
		}
	}
	return nil
}

// Finish writes what is left and gives the memory back.
func (s *File[S]) Finish() error {
	err := s.Flush()
	s.free, s.room = nil, 0
	return err
}

// renew makes the state of a block new.
func (s *File[S]) renew(b *Block[S]) {
	if s.reset != nil {
		s.reset(&b.State)
	}
}

func (s *File[S]) touch(b *Block[S]) {
	if s.newest == b {
		return
	}
	s.unlink(b)
	s.link(b)
}

func (s *File[S]) link(b *Block[S]) {
	b.older, b.newer = s.newest, nil
	if s.newest != nil {
		s.newest.newer = b
	} else {
		s.oldest = b
	}
	s.newest = b
}

func (s *File[S]) unlink(b *Block[S]) {
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

// Chunk says where a chunk stands.
type Chunk struct {
	at    int64
	bytes uint32
}

// Chunks appends the chunks of a partition to dst, in the order in which they were
// written.
func (s *File[S]) Chunks(dst []Chunk, partition uint64) ([]Chunk, error) {
	first := len(dst)
	c := s.chains[partition]
	var head [header]byte
	for at, n := c.at, c.bytes; n > 0; {
		dst = append(dst, Chunk{at, n})
		if _, err := s.file.ReadAt(head[:], at); err != nil {
			return dst, s.readError(err)
		}
		at, n = int64(binary.LittleEndian.Uint64(head[:])), binary.LittleEndian.Uint32(head[8:])
	}
	slices.Reverse(dst[first:])
	return dst, nil
}

// Read appends what a chunk holds to dst.
func (s *File[S]) Read(dst []byte, c Chunk) ([]byte, error) {
	n := len(dst)
	dst = grown(dst, int(c.bytes)-header)
	if _, err := s.file.ReadAt(dst[n:], c.at+header); err != nil {
		return dst[:n], s.readError(err)
	}
	return dst, nil
}

func (s *File[S]) readError(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read back what was read: %w", err)
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
