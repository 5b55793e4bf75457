package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
)

// reportFile is where a report goes, if anywhere. It is looked at before
// anything is sent, so that a bad path is found then, and appears under its
// name when it is complete.
type reportFile struct {
	flag   string
	file   *atomicfile.File // nil: to stdout, or nowhere
	stdout io.Writer        // nil: to the file, or nowhere
}

// openReport checks the place that a flag names; an empty path is none, and
// "-" or a name of stdout is stdout.
func (a *app) openReport(flag, path string) (*reportFile, error) {
	r := &reportFile{flag: flag}
	switch {
	case path == "":
	case atomicfile.IsStdout(path, a.stdout):
		r.stdout = a.out
	default:
		var err error
		if r.file, err = atomicfile.Open(path); err != nil {
			return nil, fmt.Errorf("%s: %s", flag, text.Clean(err.Error()))
		}
	}
	return r, nil
}

// write writes what content does, if there is a place for it.
func (r *reportFile) write(content func(io.Writer) error) error {
	var err error
	switch {
	case r.file != nil:
		err = r.file.Write(content)
	case r.stdout != nil:
		err = content(r.stdout)
	}
	if err != nil {
		return fmt.Errorf("write report: %s: %s", r.flag, text.Clean(err.Error()))
	}
	return nil
}

// close lets go of what was not written.
func (r *reportFile) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// samePath reports whether two paths that were given are one file.
func samePath(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, aerr := foreign.Resolve(a)
	b, berr := foreign.Resolve(b)
	return aerr == nil && berr == nil && a == b
}

// checkPlaces refuses two results in one file.
func (c *replayCommand) checkPlaces() error {
	places := [...]struct{ flag, path string }{{"--report-json", c.reportJSON}, {"--report-html", c.reportHTML}, {"--ledger", c.ledger}}
	for i, p := range places {
		for _, q := range places[:i] {
			if samePath(p.path, q.path) {
				return fmt.Errorf("%s, %s: %s: want two files", q.flag, p.flag, p.path)
			}
		}
	}
	return nil
}

// checkReports refuses a report or ledger in place of what is replayed: an input file, or
// a file of a corpus.
func (c *replayCommand) checkReports() error {
	for _, report := range []string{c.reportJSON, c.reportHTML, c.ledger} {
		if source, ok := holder(report, c.paths); ok {
			return fmt.Errorf("%s is part of %s, which is to be replayed: want it elsewhere", text.Clean(report), text.Clean(source))
		}
	}
	return nil
}

// holder returns the first of the sources that a result, perhaps "", would be written
// to or into, in place of a file that is there.
func holder(result string, sources []string) (source string, ok bool) {
	if result == "" {
		return "", false
	}
	info, err := os.Stat(result)
	if err != nil || !info.Mode().IsRegular() {
		return "", false // nothing that could be lost
	}
	for _, source := range sources {
		if source != "" && holds(source, result, info) {
			return source, true
		}
	}
	return "", false
}

// holds reports whether a file, of which info is known, is source or in it.
func holds(source, file string, info os.FileInfo) bool {
	of, err := os.Stat(source)
	if err != nil {
		return false
	}
	if !of.IsDir() {
		return os.SameFile(of, info)
	}
	path, err := foreign.Resolve(file)
	if err != nil {
		return false
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if in, err := os.Stat(dir); err == nil && os.SameFile(of, in) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}
