package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
)

// variables are the variables of the environment that stand in for a flag that
// is not given.
var variables = []struct{ name, flag string }{
	{"VENDOR", "vendor"},
	{"SEMCONV", "semconv"},
	{"SCENARIOS_DIR", "definitions"},
}

// orEnvironment returns the value of a flag, or of its variable.
func (o *options) orEnvironment(flag, value string) string {
	for _, v := range variables {
		if v.flag == flag && !o.set[flag] {
			return os.Getenv(v.name)
		}
	}
	return value
}

func (o *options) semconvFile() string { return o.orEnvironment("semconv", o.semconv) }

// definitionSources returns where scenarios are read from; none: the bundled ones.
// A flag of nothing is as if there were none, and no variable either.
func (o *options) definitionSources() []string {
	if o.set["definitions"] {
		return slices.DeleteFunc(slices.Clone(o.definitions), func(s string) bool { return s == "" })
	}
	if value := o.orEnvironment("definitions", ""); value != "" {
		return []string{value}
	}
	return nil
}

// prefix returns the runtime prefix, or nothing for the default one.
func (o *options) prefix() string {
	return strings.ToLower(strings.TrimSpace(o.orEnvironment("vendor", o.vendor)))
}

// maxVariable is how many bytes of a variable's value are told.
const maxVariable = 200

// tellEnvironment says which variables decide what is done. Some shells set
// VENDOR by themselves, and the telemetry of a corpus whose names it changed
// looks right to who does not expect it. Flags are those that are looked at.
func (a *app) tellEnvironment(flags ...string) {
	var told []string
	for _, v := range variables {
		value := os.Getenv(v.name)
		if value == "" || a.set[v.flag] || !slices.Contains(flags, v.flag) || v.name == "VENDOR" && (a.prefix() == "" || a.prefix() == build.DefaultPrefix) {
			continue
		}
		told = append(told, fmt.Sprintf("%s=%s (as --%s)", v.name, text.Line(value, maxVariable), v.flag))
	}
	if len(told) > 0 {
		fmt.Fprintf(a.errOut, "from the environment: %s\n", strings.Join(told, ", "))
	}
}
