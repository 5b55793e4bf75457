package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
)

// version returns the version of the program: the module's, with the commit
// where it was built from a working tree.
func version(info *debug.BuildInfo) string {
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	return v
}

// printVersion prints the versions that matter for what is written.
func (a *app) printVersion() error {
	v := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = version(info)
	}
	_, err := fmt.Fprintf(a.out, "otelsim-gen %s, revision %d, corpus format %d, %s %s/%s\n",
		v, build.Revision, corpus.FormatVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// shellLine returns a command line as a shell reads it.
func shellLine(args []string) string {
	line := "otelsim-gen"
	for _, arg := range args {
		line += " " + shellQuote(arg)
	}
	return line
}

// shellQuote returns one word for a POSIX shell.
func shellQuote(word string) string {
	plain := word != ""
	for _, r := range word {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case r == '-' || r == '_' || r == '.' || r == '/' || r == ',' || r == ':' || r == '=' || r == '+' || r == '@':
		default:
			plain = false
		}
	}
	if plain {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
func (a *app) buildInfo() []byte                             { return nil }
func (a *app) summarize(m *corpus.Manifest, start time.Time) {}
