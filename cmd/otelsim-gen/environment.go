package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
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
		if v.flag == flag && !o.set[flag] && os.Getenv(v.name) != "" {
			return os.Getenv(v.name)
		}
	}
	return value
}

func (o *options) semconvFile() string { return o.orEnvironment("semconv", o.semconv) }

// origin is where an input is read from: a file, a folder, or what is bundled
// under a name. An empty name is the default.
type origin struct {
	name string
	by   *setting  // of the project, which names it; nil: a flag or a variable
	at   input.Pos // where it does
}

// fail tells why an input cannot be used: where it is named, or as a file.
func (s origin) fail(p *input.Problems, file, format string, args ...any) {
	if s.by == nil {
		p.Errorf(input.Pos{File: shown(file)}, format, args...)
		return
	}
	p.Errorf(s.at, "%s: %s: %s", s.by.key, shown(file), fmt.Sprintf(format, args...))
}

// origin returns what a flag, its variable or the project names.
func (o *options) origin(flag, value string) origin {
	s := origin{name: o.orEnvironment(flag, value)}
	if s.by = o.decided(flag); s.by != nil {
		s.at = s.by.at[0]
	}
	return s
}

// definitionSources returns where scenarios are read from; none: the bundled ones.
// A flag of nothing is as if there were none, and no variable either.
func (o *options) definitionSources() (sources []origin) {
	values := o.definitions
	if value := o.orEnvironment("definitions", ""); value != "" {
		values = []string{value}
	}
	by := o.decided("definitions")
	for i, value := range values {
		s := origin{name: value, by: by}
		if by != nil {
			s.at = by.at[i]
		}
		if value != "" {
			sources = append(sources, s)
		}
	}
	return sources
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
		if value == "" || a.set[v.flag] || !slices.Contains(flags, v.flag) || v.name == "VENDOR" && a.project == nil && (a.prefix() == "" || a.prefix() == build.DefaultPrefix) {
			continue
		}
		told = append(told, fmt.Sprintf("%s=%s (as --%s)", v.name, text.Line(value, maxVariable), v.flag))
	}
	if len(told) > 0 {
		fmt.Fprintf(a.errOut, "from the environment: %s\n", strings.Join(told, ", "))
	}
}
