//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

var scaleItems = flag.Uint64("items", 20_000, "about how many `items` TestCheckScales has")

// The most that a check of many items may take.
const (
	scaleMemory = 512 << 20 // bytes
	scaleCPU    = 3         // times that of generating the corpus
)

// TestCheckScales checks a corpus against an output that holds all of it in random
// order, none lost: memory stays in bounds, and so does the time that processors take.
func TestCheckScales(t *testing.T) {
	const itemsOfSession = 54
	dir := t.TempDir()
	source, out := filepath.Join(dir, "corpus"), filepath.Join(dir, "out")
	generate := measure(t, generatorOf(t), "-n", strconv.FormatUint(*scaleItems/itemsOfSession, 10), "--quiet", "-o", source)
	items := shuffle(t, source, out)

	replayer := filepath.Join(dir, "otelsim-replay")
	if text, err := exec.Command("go", "build", "-o", replayer, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, text)
	}
	rules := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(rules, []byte("split: allow\nreorder: allow\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	check := measure(t, replayer, "check", "--quiet", "--rules", rules, source, out)
	if !strings.Contains(check.output, "as expected") {
		t.Errorf("got %s", check.output)
	}
	ratio := float64(check.cpu) / float64(generate.cpu)
	t.Logf("%d items: made in %v of CPU and %d MB, checked in %v and %d MB: %.2f times the CPU",
		items, generate.cpu, generate.peak>>20, check.cpu, check.peak>>20, ratio)
	if check.peak > scaleMemory {
		t.Errorf("the check took %d MB", check.peak>>20)
	}
	// What a process takes to start counts for less and less.
	if *scaleItems >= 1_000_000 && ratio > scaleCPU {
		t.Errorf("the check took %.2f times the CPU of making the corpus", ratio)
	}
}

// measured is what a command took.
type measured struct {
	cpu    time.Duration
	peak   int64 // bytes of memory
	output string
}

func measure(t *testing.T, name string, args ...string) (m measured) {
	t.Helper()
	var out bytes.Buffer
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "VENDOR=", "SEMCONV=", "SCENARIOS_DIR=", "GOGC=", "GOMEMLIMIT=")
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
		if _, after, ok := bytes.Cut(data, []byte("VmHWM:")); err == nil && ok {
			kb, _ := strconv.ParseInt(string(bytes.Fields(after)[0]), 10, 64)
			m.peak = max(m.peak, kb<<10)
		}
		select {
		case err := <-ended:
			if m.output = out.String(); err != nil {
				t.Errorf("%s %v: %v: %s", name, args, err, m.output)
			}
			m.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
			return m
		case <-time.After(5 * time.Millisecond): // the mark only rises
		}
	}
}

// shuffle writes the items of a corpus to a folder as an exporter would that got them
// in random order, some dozens to a message, and returns how many there are. It deals
// them out to piles, each of which fits into memory.
func shuffle(t *testing.T, source, out string) (items uint64) {
	t.Helper()
	const piles = 64
	c, err := corpus.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var pile [piles]*spool
	for i := range pile {
		pile[i] = create(t, fmt.Sprintf("%s-%d", out, i))
	}
	for i := range c.Manifest().Segments {
		for s := range otlp.Signal(otlp.NumSignals) {
			data, err := c.ReadSegment(uint64(i), s)
			if err != nil {
				t.Fatal(err)
			}
			items += deal(t, data, s, func(message []byte) { pile[r.IntN(piles)].put([]byte{byte(s)}, message) })
		}
	}
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	var files [otlp.NumSignals]*spool
	for s := range files {
		files[s] = create(t, filepath.Join(out, otlp.Signal(s).String()+".pb"))
	}
	for _, p := range pile {
		p.close()
		gather(t, p.path, r, &files)
		os.Remove(p.path)
	}
	for _, f := range files {
		f.close()
	}
	return items
}

// gather writes what a pile holds in random order, as messages.
func gather(t *testing.T, path string, r *rand.Rand, files *[otlp.NumSignals]*spool) {
	t.Helper()
	const together = 40
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list [][]byte // signal and message
	for len(data) > 0 {
		n := binary.BigEndian.Uint32(data)
		list = append(list, data[4:4+n])
		data = data[4+n:]
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var messages [otlp.NumSignals][]byte
	var held [otlp.NumSignals]int
	for _, m := range list {
		s := m[0]
		messages[s] = append(messages[s], m[1:]...)
		if held[s]++; held[s] == together {
			files[s].put(messages[s])
			messages[s], held[s] = messages[s][:0], 0
		}
	}
	for s := range messages {
		if held[s] > 0 {
			files[s].put(messages[s])
		}
	}
}

// deal calls take with every item of a segment's file, each in a message of its own.
func deal(t *testing.T, framed []byte, s otlp.Signal, take func(message []byte)) (items uint64) {
	t.Helper()
	var split form.Splitter
	var scope, metric, message []byte
	for len(framed) > 0 {
		payload, rest, err := otlp.NextFrame(framed, otlp.FormatProto)
		if err != nil {
			t.Fatal(err)
		}
		framed = rest
		err = split.Split(s, payload, func(raw *form.Raw) error {
			items++
			item := raw.Bytes
			if s == otlp.SignalMetrics {
				metric = withPoint(metric[:0], raw.Metric, item)
				item = metric
			}
			scope = appendField(append(scope[:0], raw.Scope...), 2, item)
			message = appendField(message[:0], 1, appendField(bytes.Clone(raw.Resource), 2, scope))
			take(message)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return items
}

// withPoint returns a metric with one data point: the point goes into the message of
// its points, beside what that has already.
func withPoint(dst, metric, point []byte) []byte {
	for b := metric; len(b) > 0; {
		tag, n := binary.Uvarint(b)
		size, k := binary.Uvarint(b[n:]) // every field of a metric that a corpus has
		value := b[n+k : n+k+int(size)]
		if b = b[n+k+int(size):]; tag < 5<<3 || tag > 11<<3|7 {
			dst = appendField(dst, tag>>3, value)
			continue
		}
		dst = appendField(dst, tag>>3, appendField(append([]byte(nil), value...), 1, point))
	}
	return dst
}

// appendField appends a field of bytes.
func appendField(dst []byte, number uint64, value []byte) []byte {
	dst = binary.AppendUvarint(dst, number<<3|2)
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	return append(dst, value...)
}

// spool is a file of framed pieces.
type spool struct {
	t    *testing.T
	path string
	file *os.File
	w    *bufio.Writer
}

func create(t *testing.T, path string) *spool {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return &spool{t, path, f, bufio.NewWriterSize(f, 256<<10)}
}

func (s *spool) put(pieces ...[]byte) {
	n := 0
	for _, p := range pieces {
		n += len(p)
	}
	s.w.Write(binary.BigEndian.AppendUint32(nil, uint32(n))) // errors come back from Flush
	for _, p := range pieces {
		s.w.Write(p)
	}
}

func (s *spool) close() {
	s.t.Helper()
	if err := s.w.Flush(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.file.Close(); err != nil {
		s.t.Fatal(err)
	}
}
