package replay

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
)

func requests(f otlp.Format, iterations ...uint64) (all [][]byte) {
	for _, i := range iterations {
		all = append(all, encodeRequest(i, 3, f))
	}
	return all
}

// order returns the iterations of a source's records.
func order(t *testing.T, src Source) (all []uint64, err error) {
	var s scanner
	err = Each(t.Context(), src, func(r *Record) error {
		sh, err := s.scan(r.Signal, src.Format(), r.Payload)
		all = append(all, (sh.last-1767225600e9)/500e6)
		if r.Items != sh.items || r.Signal != otlp.SignalTraces || r.End != sh.last {
			t.Errorf("got %+v, want %+v", r, sh)
		}
		return err
	})
	return all, err
}

func TestFilesOfEveryFormAreReplayed(t *testing.T) {
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		for name, data := range captures.Forms(t, requests(f, 0, 5, 10, 15)) {
			src, err := OpenFiles(t.Context(), []string{captures.File(t, data)}, FilesOptions{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for lap := range 2 {
				if got, err := order(t, src); err != nil || len(got) != 4 {
					t.Errorf("%s, lap %d: got %d records, %v", name, lap, len(got), err)
				}
			}
			if src.Format() != f {
				t.Errorf("%s: got format %v", name, src.Format())
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Files are merged by time; each keeps its own order.
func TestFilesAreMergedByTime(t *testing.T) {
	a := captures.File(t, captures.Framed(requests(otlp.FormatProto, 0, 20, 10, 30)))
	b := captures.File(t, captures.Framed(requests(otlp.FormatProto, 5, 15, 25)))
	src, err := OpenFiles(t.Context(), []string{a, b}, FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := order(t, src)
	// An iteration lasts under three of the intervals by which they are told apart.
	want := []uint64{0, 5, 15, 20, 10, 25, 30}
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v", got, err)
	}
	for i := range want {
		if got[i] < want[i] || got[i] > want[i]+3 {
			t.Errorf("got %v, want about %v", got, want)
			break
		}
	}
}

func TestBadFilesAreRefusedUpFront(t *testing.T) {
	proto := captures.Framed(requests(otlp.FormatProto, 1))
	for _, row := range []struct {
		why   string
		paths []string
		o     FilesOptions
		text  string
	}{
		{"a file that is not there", []string{"/nonexistent/file"}, FilesOptions{}, "no such file"},
		{"an empty file", []string{captures.File(t, nil)}, FilesOptions{}, "no records"},
		{"text", []string{captures.File(t, []byte("hello, world"))}, FilesOptions{}, "not a file of the Collector"},
		{"both formats", []string{captures.File(t, proto), captures.File(t, captures.Lines(requests(otlp.FormatJSON, 1)))}, FilesOptions{}, "replay them apart"},
		{"a torn first message", []string{captures.File(t, proto[:len(proto)-1])}, FilesOptions{}, "message 1"},
		{"nothing of the signals", []string{captures.File(t, proto)}, FilesOptions{Signals: []otlp.Signal{otlp.SignalLogs}}, "no records"},
	} {
		_, err := OpenFiles(t.Context(), row.paths, row.o)
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: got %v, want bad input with %q", row.why, err, row.text)
		}
	}
}

// What stands before the damage is yielded, then the error.
func TestDamageLaterInAFile(t *testing.T) {
	data := captures.Framed(requests(otlp.FormatProto, 1, 2, 3))
	src, err := OpenFiles(t.Context(), []string{captures.File(t, data[:len(data)-1])}, FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := order(t, src)
	if len(got) != 2 || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "message 3") {
		t.Errorf("got %d records and %v, want 2 and a torn message 3", len(got), err)
	}
}

// A file larger than a batch is read piece by piece, in bounded memory.
func TestALargeFileComesInPieces(t *testing.T) {
	one := requests(otlp.FormatProto, 1)[0]
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const n = 5000
	for range n {
		if _, err := f.Write(captures.Framed([][]byte{one})); err != nil {
			t.Fatal(err)
		}
	}
	src, err := OpenFiles(t.Context(), []string{f.Name()}, FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	var b Batch
	for i := uint64(0); ; i++ {
		b.reset()
		err := src.Next(t.Context(), &b)
		if err == io.EOF {
			break
		}
		if err != nil || b.Index != i {
			t.Fatal(b.Index, err)
		}
		if len(b.Records) > pieceRecords || len(b.data) > pieceBytes+len(one) {
			t.Fatalf("a piece of %d records, %d bytes", len(b.Records), len(b.data))
		}
		records += len(b.Records)
	}
	if records != n {
		t.Errorf("got %d records, want %d", records, n)
	}
}
