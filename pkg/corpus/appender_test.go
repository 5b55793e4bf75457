package corpus

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Nothing is appended behind a line that was torn, although there is room again
// by then: whoever reads the journal would take the two for one.
func TestNothingStandsBehindATornLine(t *testing.T) {
	t.Parallel()
	failed := false
	dir := t.TempDir()
	d, err := openDisk(dir, func(op, _ string) error {
		if op == "append" && !failed {
			failed = true
			return syscall.ENOSPC
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := d.appendTo("journal")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := a.append([]byte("0123456789\n")); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("got %v, want %v", err, syscall.ENOSPC)
		}
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "journal")); err != nil || !bytes.Equal(got, []byte("01234")) {
		t.Errorf("got %q, %v", got, err)
	}
}

// A run of several workers that fails to append once leaves one torn line, at
// the end, whatever else was under way.
func TestAFailedAppendIsTheLast(t *testing.T) {
	t.Parallel()
	h := testHeader(35, 5)
	o := options(t.TempDir(), h)
	appends := 0
	o.Workers = 3
	o.hook = func(op, _ string) error {
		if op == "append" {
			if appends++; appends == 3 {
				return syscall.ENOSPC
			}
		}
		return nil
	}
	if _, err := Write(t.Context(), o); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want %v", err, syscall.ENOSPC)
	}
	journal, err := os.ReadFile(filepath.Join(o.Dir, "partial.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(journal), "\n"); n != 2 || bytes.HasSuffix(journal, []byte("\n")) {
		t.Errorf("%d whole lines, then %.40q", n, journal[bytes.LastIndexByte(journal, '\n')+1:])
	}
}
