package spill

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// However small the memory and whatever the partitions, each holds what was put there, in
// its order, and the state of a block is of what stands in it.
func TestPartitionsKeepTheirOrder(t *testing.T) {
	const partitions = 50
	for _, budget := range []int{1, 100 << 10, 64 << 20} {
		s, err := New(t.TempDir(), "test", partitions, budget, func(n *int) { *n = 0 })
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for range 2 {
			want := fill(t, s)
			blocks := len(s.free)
			for b := s.oldest; b != nil; b = b.newer {
				blocks++
			}
			if most := max(budget/s.size, 2); blocks > most {
				t.Errorf("budget %d: %d blocks of %d bytes", budget, blocks, s.size)
			}
			if err := s.Finish(); err != nil {
				t.Fatal(err)
			}
			for p := range want {
				if got := all(t, s, uint64(p)); !bytes.Equal(got, want[p]) || s.Items(uint64(p)) != uint64(bytes.Count(want[p], []byte{';'})) {
					t.Fatalf("budget %d, partition %d: got %d bytes, want %d", budget, p, len(got), len(want[p]))
				}
			}
			s.Restart(partitions, budget)
		}
	}
}

// fill puts items into a file, and returns what each partition has then.
func fill(t *testing.T, s *File[int]) [][]byte {
	r := rand.New(rand.NewPCG(1, s.Partitions()))
	want := make([][]byte, s.Partitions())
	for n := range 5000 {
		item := fmt.Appendf(nil, "%d%s;", n, strings.Repeat("x", r.IntN(90)))
		if n%1000 == 77 {
			item = append(bytes.Repeat([]byte("y"), 1<<20), ';') // longer than any block
		}
		p := r.Uint64N(s.Partitions())
		b, err := s.Reserve(p, len(item))
		if err != nil {
			t.Fatal(err)
		}
		if have := bytes.Count(b.Data[header:], []byte{';'}); have != b.State {
			t.Fatalf("state %d of a block of %d", b.State, have)
		}
		b.State++
		b.Data = append(b.Data, item...)
		s.Count(p)
		want[p] = append(want[p], item...)
	}
	return want
}

// all returns what a partition holds.
func all(t *testing.T, s *File[int], partition uint64) (data []byte) {
	t.Helper()
	chunks, err := s.Chunks(nil, partition)
	for _, c := range chunks {
		if err == nil {
			data, err = s.Read(data, c)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(len(data) + len(chunks)*header); n != s.Bytes(partition) {
		t.Errorf("%d bytes, said to be %d", n, s.Bytes(partition))
	}
	return data
}

// one returns a file with one item.
func one(t *testing.T) *File[int] {
	s, err := New[int](t.TempDir(), "test", 2, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b, err := s.Reserve(1, 3)
	if err != nil {
		t.Fatal(err)
	}
	b.Data = append(b.Data, "abc"...)
	return s
}

func TestFileThatWasCutOff(t *testing.T) {
	s := one(t)
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Truncate(header + 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(nil, Chunk{0, header + 3}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if err := s.file.Truncate(1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Chunks(nil, 1); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	s := one(t)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no full device on " + runtime.GOOS)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = s.file.Close()
	s.file = full
	if err := s.Finish(); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "room") {
		t.Errorf("got %v", err)
	}
}

func TestNoFolder(t *testing.T) {
	if _, err := New[int](t.TempDir()+"/none", "test", 1, 1, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
