package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/source"
)

// keepingSink runs a sink until the function is called that it returns, and returns
// its addresses by protocol.
func keepingSink(t *testing.T, args ...string) (addrs map[string]string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan int, 1)
	args = append([]string{"sink", "--quiet", "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"}, args...)
	go func() {
		code := run(ctx, args, io.Discard, w)
		w.Close()
		done <- code
	}()
	lines := bufio.NewScanner(r)
	addrs = map[string]string{}
	for len(addrs) < 2 && lines.Scan() {
		protocol, addr, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "sink: "), " on ")
		if !ok {
			t.Fatal(lines.Text())
		}
		addrs[protocol] = "http://" + addr
	}
	rest := make(chan string, 1)
	go func() {
		var b strings.Builder
		for lines.Scan() {
			fmt.Fprintln(&b, lines.Text())
		}
		rest <- b.String()
	}()
	return addrs, func() {
		t.Helper()
		cancel()
		if code := <-done; code != exitDone {
			t.Fatalf("sink: exit code %d: %s", code, <-rest)
		}
	}
}

func mustReplay(t *testing.T, args ...string) {
	t.Helper()
	var errOut bytes.Buffer
	if code := run(t.Context(), append([]string{"--quiet", "--max", "--time", "original"}, args...), io.Discard, &errOut); code != exitDone {
		t.Fatalf("%q: exit code %d: %s", args, code, errOut.String())
	}
}

// keptRecords counts the records of a folder, by signal and content, and says what
// files there are.
func keptRecords(t *testing.T, dir string) (records map[string]int, files []string) {
	t.Helper()
	files, err := capture.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	records = map[string]int{}
	for _, path := range files {
		f, err := capture.Open(t.Context(), path, capture.Options{Arrivals: true})
		if err != nil {
			t.Fatal(err)
		}
		last := int64(0)
		err = f.Each(t.Context(), func(m *capture.Message) error {
			records[m.Signal.String()+string(m.Payload)]++
			if m.Arrived < firstStart {
				t.Errorf("%s: message %d arrived at %d, after %d", path, m.Number, m.Arrived, last)
			}
			return nil
		})
		if err = errors.Join(err, f.Close()); err != nil || len(f.Notes()) > 0 {
			t.Errorf("%s: %v, %v", path, err, f.Notes())
		}
	}
	return records, files
}

func corpusRecords(t *testing.T, dir string) map[string]int {
	t.Helper()
	records := map[string]int{}
	eachRecord(t, dir, func(m *match.Message) { records[m.Signal.String()+string(m.Payload)]++ })
	return records
}

// eachRecord calls visit with every record of a corpus.
func eachRecord(t *testing.T, dir string, visit func(*match.Message)) {
	t.Helper()
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	records := source.Records{Corpus: c}
	if err := records.Each(t.Context(), func(m *match.Message) error { visit(m); return nil }); err != nil {
		t.Fatal(err)
	}
}

// A corpus of any format and compression, sent in any way, is kept record by
// record as it is, and what is kept can be replayed and kept again.
func TestASinkKeepsWhatACorpusHas(t *testing.T) {
	generator := generatorOf(t)
	for _, row := range []struct{ format, compression, protocol, sent, kept string }{
		{"proto", "none", "grpc", "none", "none"},
		{"proto", "zstd", "http/protobuf", "gzip", "zstd"},
		{"proto", "gzip", "grpc", "gzip", "zstd"},
		{"proto", "zstd", "http/protobuf", "none", "none"},
		{"json", "none", "http/json", "gzip", "none"},
		{"json", "zstd", "http/json", "none", "zstd"},
		{"json", "gzip", "http/json", "gzip", "zstd"},
	} {
		t.Run(strings.ReplaceAll(fmt.Sprint(row), "/", "-"), func(t *testing.T) {
			t.Parallel() // a sink takes its time to stop
			root := t.TempDir()
			dir, first, second := filepath.Join(root, "corpus"), filepath.Join(root, "first"), filepath.Join(root, "second")
			c := exec.Command(generator, "--seed", "3", "-n", "20", "--segment-iterations", "8",
				"--format", row.format, "--compression", row.compression, "--quiet", "-o", dir)
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			want := corpusRecords(t, dir)
			through := func(out string, sources ...string) []string {
				t.Helper()
				addrs, stop := keepingSink(t, "--output", out, "--output-compression", row.kept)
				addr := addrs["HTTP"]
				if row.protocol == "grpc" {
					addr = addrs["gRPC"]
				}
				mustReplay(t, append(sources, "--protocol", row.protocol, "--compression", row.sent, "--endpoint", addr)...)
				stop()
				got, files := keptRecords(t, out)
				if !maps.Equal(got, want) {
					t.Fatalf("%d records are kept of %d, or they are others", len(got), len(want))
				}
				return files
			}
			files := through(first, dir)
			var names []string
			for _, f := range files {
				names = append(names, filepath.Base(f))
			}
			ending := map[string]string{"proto": ".pb", "json": ".jsonl"}[row.format] + map[string]string{"zstd": ".zst"}[row.kept]
			if want := []string{"logs" + ending, "metrics" + ending, "traces" + ending}; !slices.Equal(names, want) {
				t.Errorf("got %q, want %q", names, want)
			}
			through(second, files...)
		})
	}
}
