package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// captured writes the records of a corpus in JSON to a file, as the file exporter
// does: a line each. captured DIR FILE.
func captured(ts *testscript.TestScript, _ bool, args []string) {
	c, err := corpus.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	var lines []byte
	for segment := range c.Manifest().Segments {
		for sig := range otlp.Signal(otlp.NumSignals) {
			data, err := c.ReadSegment(uint64(segment), sig)
			ts.Check(err)
			lines = append(lines, data...)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), lines, 0o666))
}

// plant damages lines of a file, counted from 1: plant FROM TO drop LINE..., plant
// FROM TO twice LINE..., plant FROM TO alter OLD NEW LINE..., plant FROM TO cut.
func plant(ts *testscript.TestScript, _ bool, args []string) {
	lines := bytes.SplitAfter([]byte(ts.ReadFile(args[0])), []byte("\n"))
	numbers := args[3:]
	var from, to string
	switch args[2] {
	case "alter":
		from, to, numbers = args[3], args[4], args[5:]
	case "cut":
		last := len(lines) - 2
		lines[last] = lines[last][:len(lines[last])/2]
	}
	for _, number := range numbers {
		n, err := strconv.Atoi(number)
		ts.Check(err)
		line := &lines[n-1]
		switch args[2] {
		case "drop":
			*line = nil
		case "twice":
			*line = append(bytes.Clone(*line), *line...)
		case "alter":
			if !strings.Contains(string(*line), from) {
				ts.Fatalf("line %d has no %s", n, from)
			}
			*line = bytes.ReplaceAll(*line, []byte(from), []byte(to))
		default:
			ts.Fatalf("cannot plant %s", args[2])
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), bytes.Join(lines, nil), 0o666))
}
