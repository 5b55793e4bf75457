package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/internal/captures"
)

func readAll(path string) ([][]byte, error) {
	f, err := Open(context.Background(), path, Options{})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all [][]byte
	for {
		// The prefix shows that messages are appended.
		b, err := f.Next(context.Background(), []byte("prefix"))
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		if !bytes.HasPrefix(b, []byte("prefix")) {
			return all, errors.New("the prefix is gone")
		}
		all = append(all, b[6:])
	}
}

// sampleMessages are one of each size that matters to a buffer of 64 KiB.
func sampleMessages(json bool) (all [][]byte) {
	for i, n := range []int{10, 100, 65_535, 65_536, 200_000, 11} {
		m := []byte(fmt.Sprintf("\x0a%d%s", i, strings.Repeat("x", n)))
		if json {
			m = []byte(fmt.Sprintf(`{"n":%d,"x":%q}`, i, strings.Repeat("x", n)))
		}
		all = append(all, m)
	}
	return all
}

func TestEveryFormIsRead(t *testing.T) {
	for _, json := range []bool{false, true} {
		want := sampleMessages(json)
		for name, data := range captures.Forms(t, want) {
			got, err := readAll(captures.File(t, data))
			if err != nil || len(got) != len(want) {
				t.Errorf("%s: got %d messages, %v, want %d", name, len(got), err, len(want))
				continue
			}
			for i := range want {
				if !bytes.Equal(got[i], want[i]) {
					t.Errorf("%s: message %d differs", name, i)
				}
			}
		}
	}
}

// A file cut anywhere yields whole messages and then an error, unless the cut
// is between two messages.
func TestATornFileIsAnError(t *testing.T) {
	for _, json := range []bool{false, true} {
		for name, data := range captures.Forms(t, [][]byte{sampleMessages(json)[0], sampleMessages(json)[1]}) {
			for n := 1; n < len(data); n++ {
				got, err := readAll(captures.File(t, data[:n]))
				whole := name == "json" || len(got) == 1 && n == 4+int(binary.BigEndian.Uint32(data)) ||
					strings.HasSuffix(name, "frames") // a frame is whole by itself
				if err == nil && !whole || err != nil && n > 4 && !errors.Is(err, ErrCut) { // what fewer bytes are begins like many a thing
					t.Fatalf("%s: %d of %d bytes: %d messages, %v, want ErrCut", name, n, len(data), len(got), err)
				}
			}
		}
	}
}

func TestHostileFiles(t *testing.T) {
	for _, row := range []struct {
		why  string
		data string
		text string
	}{
		{"a length over the limit", "\x7f\xff\xff\xffx", "over the limit"},
		{"something else entirely", "hello, world, this is text", "not a file of the Collector"},
		{"a zstd stream of nothing", "\x28\xb5\x2f\xfd", ""},
		{"a gzip header of nothing", "\x1f\x8b", ""},
		{"a blob that is no zstd", "\x00\x00\x00\x05\x28\xb5\x2f\xfdx", ""},
	} {
		if got, err := readAll(captures.File(t, []byte(row.data))); err == nil || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: got %d messages, %v, want an error with %q", row.why, len(got), err, row.text)
		}
	}
	if _, err := readAll(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there: no error")
	}
}

func TestBlankLinesAreNoMessages(t *testing.T) {
	got, err := readAll(captures.File(t, []byte("{\"a\":1}\n\n  \r\n {\"b\":2}\r\n{\"c\":3}")))
	if err != nil || len(got) != 3 || string(got[1]) != `{"b":2}` || string(got[2]) != `{"c":3}` {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzMessages(f *testing.F) {
	for _, json := range []bool{false, true} {
		for _, data := range captures.Forms(f, sampleMessages(json)[:2]) {
			f.Add(data)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		_, _ = readAll(path) // an error or not, but no panic
	})
}
