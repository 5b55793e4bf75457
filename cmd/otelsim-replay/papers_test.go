package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/shells"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// printed returns what a run prints that ends well.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(context.Background(), args, &out, &errOut); code != exitDone || errOut.Len() > 0 {
		t.Fatalf("%q: exit %d: %s", args, code, errOut.String())
	}
	return out.String()
}

// TestCompletion completes verbs, flags and values in the shells themselves.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "own")
	if err := os.Mkdir(own, 0o777); err != nil {
		t.Fatal(err)
	}
	cases := map[string][]string{
		"":                            append([]string{verbHelp}, verbNames...),
		"ch":                          {verbCheck},
		"--rps 5 ch":                  {verbCheck},
		"help ch":                     {verbCheck},
		"--max":                       {"--max", "--max-in-flight"},
		"sink --max":                  {"--max-connections", "--max-message"},
		"--quiet sink --grpc":         {"--grpc-listen"},
		"check --rp":                  nil,
		"--protocol ":                 {"grpc", "http/json", "http/protobuf"},
		"--protocol=http/j":           {"http/json"},
		"--signals traces,me":         {"metrics"},
		"--signal lo":                 {"logs"},
		"check --report ju":           {"junit"},
		"sink --output-compression z": {"zstd"},
		"report m":                    {"merge"},
		"report merge " + dir + "/ow": {own},
		"--completion fi":             {"fish"},
		dir + "/ow":                   {own},
		"--ledger " + dir + "/ow":     {own},
		"check " + dir + "/ow":        {own},
		"--rps " + dir + "/ow":        nil,
		"sink " + dir + "/ow":         nil,
	}
	shells.Check(t, cmdline.Shells, "otelsim-replay ", own, cases, func(shell string) string { return printed(t, "--completion", shell) })
}

// TestCompletedValuesAreTaken: no flag refuses a word that completes it, and the
// settings of a receiver know it.
func TestCompletedValuesAreTaken(t *testing.T) {
	known := 0
	for _, v := range describeCommand().Verbs {
		for _, g := range v.Groups {
			for _, f := range g.Flags {
				for _, value := range f.Values {
					if err := objection(t, v.Name, f.Name, value); err != nil && strings.Contains(err.Error(), "--"+f.Name+" "+value) {
						t.Errorf("%s --%s %s: %v", v.Name, f.Name, value, err)
					}
					known++
				}
			}
		}
	}
	if known < 20 {
		t.Errorf("only %d values complete", known)
	}
	for _, of := range [][2]string{{"protocol", "grpcs"}, {"compression", "lz4"}, {"time", "never"}, {"signal", "spans"}} {
		if err := objection(t, verbReplay, of[0], of[1]); err == nil || !strings.Contains(err.Error(), of[1]) {
			t.Errorf("--%s %s: %v", of[0], of[1], err)
		}
	}
}

// objection returns what is wrong with a value of a flag, and with the lack of others.
func objection(t *testing.T, verb, flag, value string) error {
	t.Helper()
	c := commands()[verb]
	if err := c.flags().flagSet().Parse([]string{"--" + flag, value}); err != nil {
		t.Fatal(err)
	}
	err := c.validate(nil)
	if r, ok := c.(*replayCommand); ok {
		_, unknown := endpoint.Resolve(r.endpoint, func(string) string { return "" }, otlp.SignalTraces)
		err = errors.Join(err, unknown, r.papers.Check())
	}
	return err
}

// TestManual: the page is sound, and has every verb and every flag.
func TestManual(t *testing.T) {
	c := describeCommand()
	for _, v := range c.Verbs {
		if v.Summary == "" || len(v.Usage) == 0 || (v.Name != verbHelp && len(v.Examples) < 2) {
			t.Errorf("%s: summary %q, usage %q, examples %q", v.Name, v.Summary, v.Usage, v.Examples)
		}
	}
	shells.CheckManual(t, c, printed(t, "--manual"))
}
