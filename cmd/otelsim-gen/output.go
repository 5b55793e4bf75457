package main

import (
	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
)

// openPage looks at the place of --html.
func (a *app) openPage() (*atomicfile.Output, error) {
	to, err := a.openOutput("html", a.html, "page")
	if err == nil && to.Stdout() && a.json {
		return nil, usagef("--html cannot be stdout with --json, which is printed there")
	}
	return to, err
}

// openOutput looks at the place that a flag names, before any work, so that one that
// cannot be written to is found then. It is none of what is to be read.
func (a *app) openOutput(flag, path, what string) (*atomicfile.Output, error) {
	if source, ok := foreign.Holder(path, a.dirs); ok {
		return nil, usagef("--%s: %s is to be read: want a %s elsewhere", flag, text.Clean(source), what)
	}
	to, err := atomicfile.OpenOutput(path, a.stdout, a.out)
	if err != nil {
		return nil, usagef("--%s: %s", flag, text.Clean(err.Error()))
	}
	return to, nil
}
