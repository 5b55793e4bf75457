package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay"
)

// reportFile is where a report goes, if anywhere. It is looked at before
// anything is sent, so that a bad path is found then, and appears under its
// name when it is complete.
type reportFile struct {
	flag string
	*atomicfile.Output
}

// openReport checks the place that a flag names.
func (a *app) openReport(flag, path string) (*reportFile, error) {
	out, err := atomicfile.OpenOutput(path, a.stdout, a.out)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", flag, text.Clean(err.Error()))
	}
	return &reportFile{flag, out}, nil
}

// write writes what content does, if there is a place for it.
func (r *reportFile) write(content func(io.Writer) error) error {
	if err := r.Write(content); err != nil {
		return fmt.Errorf("write report: %s: %s", r.flag, text.Clean(err.Error()))
	}
	return nil
}

// reportFiles are where the report of a replay goes beside the text on stdout.
type reportFiles struct{ json, html *reportFile }

// openReports checks the places of --report-json and --report-html.
func (a *app) openReports(json, html string) (*reportFiles, error) {
	var r reportFiles
	var err error
	if r.json, err = a.openReport("--report-json", json); err != nil {
		return nil, err
	}
	if r.html, err = a.openReport("--report-html", html); err != nil {
		return nil, errors.Join(err, r.json.Close())
	}
	return &r, nil
}

func (r *reportFiles) close() error { return errors.Join(r.html.Close(), r.json.Close()) }

// write writes the report as text and wherever else it is to go, with page for
// that. JSON on stdout is one line, which is found again in the log of a pod.
func (r *reportFiles) write(a *app, rep *replay.Report, page func(io.Writer) error) error {
	// Who asks for another form on stdout wants to read that there, alone.
	var human io.Writer = a.out
	asJSON := rep.WriteJSON
	if r.json.Stdout() {
		human, asJSON = a.errOut, rep.WriteJSONLine
	}
	if r.html.Stdout() {
		human = a.errOut
	}
	return errors.Join(rep.WriteText(human), r.json.write(asJSON), r.html.write(page))
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
		if source, ok := foreign.Holder(report, c.paths); ok {
			return fmt.Errorf("%s is part of %s, which is to be replayed: want it elsewhere", text.Clean(report), text.Clean(source))
		}
	}
	return nil
}
