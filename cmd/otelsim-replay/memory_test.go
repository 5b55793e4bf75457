//go:build linux

package main

import (
	"flag"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

var replaySessions = flag.Uint64("replay-sessions", 3072, "how many `sessions` TestReplayTakesLittleMemory sends, in each way; in all ways from 10000 on")

// TestReplayTakesLittleMemory holds the memory of the process that sends to three of the
// largest segment and 128 MB, and with the corpus and flags that are the default to 256 MB.
func TestReplayTakesLittleMemory(t *testing.T) {
	dir := t.TempDir()
	replayer := filepath.Join(dir, "otelsim-replay")
	if text, err := exec.Command("go", "build", "-o", replayer, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, text)
	}
	s, err := sink.Start(sink.Options{GRPCListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop(t.Context()) }()
	sessions := strconv.FormatUint(*replaySessions, 10)
	for _, c := range []struct {
		name           string
		generate, send []string
		http           bool
	}{
		{name: "default", send: []string{"--max"}},
		{name: "paced", send: []string{"--rps", "20000"}},
		{name: "http", send: []string{"--protocol", "http/protobuf", "--max"}, http: true},
		{name: "gzip", send: []string{"--protocol", "http/protobuf", "--compression", "gzip", "--max"}, http: true},
		{name: "large records", generate: []string{"--batch-items", "512"}, send: []string{"--max"}},
		{name: "json", generate: []string{"--format", "json"}, send: []string{"--protocol", "http/json", "--max"}, http: true},
	} {
		if *replaySessions < 10_000 && (c.http || c.name == "paced") {
			continue
		}
		source := filepath.Join(dir, "default")
		if c.name == "default" || c.generate != nil {
			source = filepath.Join(dir, c.name)
			measure(t, generatorOf(t), append(c.generate, "-n", sessions, "--quiet", "-o", source)...)
		}
		to := "http://" + s.GRPCAddr().String()
		if c.http {
			to = "http://" + s.HTTPAddr().String()
		}
		m := measure(t, replayer, append(c.send, "--quiet", "--endpoint", to, source)...)
		most := int64(3*largestSegment(t, source) + 128<<20)
		if c.generate == nil {
			most = min(most, 256<<20)
		}
		t.Logf("%s: %d MB of %d", c.name, m.peak>>20, most>>20)
		if m.peak > most {
			t.Errorf("%s: sending %s sessions took %d MB, want at most %d", c.name, sessions, m.peak>>20, most>>20)
		}
	}
}

// largestSegment returns the bytes of the content of the largest segment of a corpus.
func largestSegment(t *testing.T, dir string) (most uint64) {
	t.Helper()
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Manifest().Segments {
		sum := uint64(0)
		for _, f := range s.Files {
			sum += f.Bytes
		}
		most = max(most, sum)
	}
	return most
}
