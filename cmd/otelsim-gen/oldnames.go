package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// oldVerbs are verbs that the Python simulator had and we do without.
var oldVerbs = []string{"run", "scenario"}

// oldFlags are flags that the Python simulator had, with what does the same
// today. They are known, so that a command line of then is understood, and
// answered with that of today.
var oldFlags = []struct {
	name       string
	takesValue bool
	today      string
}{
	{"name", true, "--scenario NAME selects a scenario"},
	{"endpoint", true, "a corpus is written first, and sent by otelsim-replay"},
	{"service-name", true, "resource.yaml, beside the file of --config, names the services"},
	{"output-file", true, "-o DIR writes a corpus; --format json --compression none makes its files JSON lines"},
	{"no-metrics", false, "--signals says what is written"},
	{"no-logs", false, "--signals says what is written"},
	{"show-all-attributes", false, "--show-full-spans prints all attributes"},
	{"show-schema", false, "validate --show-spans --show-metrics prints the conventions"},
}

// defineOldFlags adds the flags of then to set, where no help shows them.
func defineOldFlags(set *pflag.FlagSet) {
	for _, f := range oldFlags {
		if f.takesValue {
			set.StringArray(f.name, nil, f.today)
		} else {
			set.Bool(f.name, false, f.today)
		}
		if err := set.MarkHidden(f.name); err != nil {
			panic(err) // it was defined two lines above
		}
	}
}

// oldNames returns an error for each verb and flag that was called otherwise
// in the Python simulator, and the command line that does the same today.
// Word is what stands where a verb would; args is the line without it.
func (f *flags) oldNames(word string, args []string) error {
	var errs []error
	if slices.Contains(oldVerbs, word) {
		errs = append(errs, fmt.Errorf("no verb %s: what otelsim-gen does without a verb is generate", word))
	}
	for _, old := range oldFlags {
		if f.set.Changed(old.name) {
			errs = append(errs, fmt.Errorf("no flag --%s: %s", old.name, old.today))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errors.Join(append(errs, f.today(word, args)...)...)
}

// today returns the command line that does what the old one did.
func (f *flags) today(word string, args []string) (lines []error) {
	t := translation{send: f.set.Changed("endpoint"), signals: signalsValue{otlp.SignalTraces, otlp.SignalMetrics, otlp.SignalLogs}}
	if word != "" && !slices.Contains(oldVerbs, word) {
		t.words = append(t.words, word)
	}
	// What could be parsed once can be again.
	if err := f.set.ParseAll(args, t.add); err != nil {
		return nil
	}
	if len(t.signals) > 0 && len(t.signals) < int(otlp.NumSignals) {
		t.words = append(t.words, "--signals", t.signals.String())
	}
	generate := word == "" || word == verbGenerate || slices.Contains(oldVerbs, word)
	if generate && t.output == "" {
		t.output = "corpus"
		t.words = append(t.words, "-o", t.output)
	}
	lines = append(lines, fmt.Errorf("today: %s", shellLine(t.words)))
	if t.send && generate {
		// The endpoint may hold a password.
		lines = append(lines, fmt.Errorf("then: otelsim-replay --protocol http/protobuf --endpoint URL %s", text.ShellWord(t.output)))
	}
	return lines
}

// translation is a command line of today in the making.
type translation struct {
	words   []string
	signals signalsValue
	output  string // directory
	send    bool
}

// add adds what a flag of the old line is today.
func (t *translation) add(flag *pflag.Flag, value string) error {
	switch flag.Name {
	case "name":
		t.words = append(t.words, "--scenario", value)
	case "no-metrics":
		t.signals = slices.DeleteFunc(t.signals, func(s otlp.Signal) bool { return s == otlp.SignalMetrics })
	case "no-logs":
		t.signals = slices.DeleteFunc(t.signals, func(s otlp.Signal) bool { return s == otlp.SignalLogs })
	case "endpoint", "service-name", "show-schema":
	case "output-file":
		t.words = append(t.words, "--format", "json", "--compression", "none")
	case "show-all-attributes":
		t.words = append(t.words, "--show-full-spans")
	case "interval":
		if _, err := numbers.Float(value); err == nil {
			value += "ms" // which was the unit then
		}
		t.words = append(t.words, "--interval", value)
	case "output":
		t.output = value
		t.words = append(t.words, "-o", value)
	default:
		t.words = append(t.words, "--"+flag.Name)
		if flag.Value.Type() != "bool" {
			t.words = append(t.words, value)
		}
	}
	return nil
}
