package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// Whatever start the generator takes makes a corpus that verifies and can be
// replayed, at today's times and at its own; what it does not take it refuses
// at the flag, with what it would.
func TestEveryStartVerifiesAndReplays(t *testing.T) {
	generator := generatorOf(t)
	generate := func(args ...string) (string, error) {
		c := exec.Command(generator, args...)
		c.Env = append(os.Environ(), "VENDOR=", "SEMCONV=", "SCENARIOS_DIR=")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	for _, start := range []string{"1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "2001-09-09T01:46:39.999999999Z",
		"2201-01-01T00:00:00Z", "2262-04-12T00:00:00Z", "9999-12-31T00:00:00Z"} {
		if out, err := generate("--start", start, "--dry-run"); err == nil || !bytes.Contains([]byte(out), []byte("want a time from 2001-09-09T01:46:40Z")) {
			t.Errorf("%s: got %v: %s", start, err, out)
		}
	}
	for _, start := range []string{"2001-09-09T01:46:40Z", "2001-09-09T01:46:40.000000001Z", "2200-12-31T23:59:59.999999999Z"} {
		for _, format := range []string{"proto", "json"} {
			dir := filepath.Join(t.TempDir(), "corpus")
			if out, err := generate("--start", start, "--format", format, "-n", "24", "--segment-iterations", "8", "--interval-deviation", "1s", "--quiet", "-o", dir); err != nil {
				t.Fatalf("%s %s: %v: %s", start, format, err, out)
			}
			if out, err := generate("verify", dir); err != nil {
				t.Errorf("%s %s: verify: %v: %s", start, format, err, out)
			}
			for _, at := range []string{"now", "original"} {
				checkReplayed(t, dir, format, at)
			}
		}
	}
}

// checkReplayed fails unless all of a corpus arrives.
func checkReplayed(t *testing.T, dir, format, at string) {
	t.Helper()
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	items := int64(0)
	for _, s := range c.Manifest().Segments {
		for _, f := range s.Files {
			items += int64(f.Items)
		}
	}
	s, err := sink.Start(sink.Options{HTTPListen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop(context.Background()) }()
	protocol := map[string]string{"proto": "http/protobuf", "json": "http/json"}[format]
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"--quiet", "--max", "--time", at, "--protocol", protocol,
		"--endpoint", fmt.Sprintf("http://%v", s.HTTPAddr()), dir}, &stdout, &stderr)
	if got := s.Snapshot().Total().Items; code != 0 || got != items {
		t.Errorf("%s, --time %s: exit %d, %d items of %d arrived: %s%s", dir, at, code, got, items, stdout.String(), stderr.String())
	}
}
