package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// program returns the name of the program with its version.
func program() string { return "otelsim-gen " + cmdline.Version() }

// printVersion prints the versions that matter for what is written.
func (a *app) printVersion() error {
	_, err := fmt.Fprintf(a.out, "otelsim-gen %s, revision %d, corpus format %d, %s %s/%s\n",
		cmdline.Version(), build.Revision, corpus.FormatVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// shellLine returns a command line as a shell reads it.
func shellLine(args []string) string {
	line := "otelsim-gen"
	for _, arg := range args {
		line += " " + text.ShellWord(arg)
	}
	return line
}

// buildInfo is what build-info.json holds: by what, when and how a corpus was
// made. No reader depends on it.
type buildInfo struct {
	Tool      string            `json:"tool"`
	Version   string            `json:"version"`
	Commit    string            `json:"commit,omitempty"`
	Modified  bool              `json:"modified,omitempty"` // the commit is not all there is
	Go        string            `json:"go"`
	Platform  string            `json:"platform"`
	Libraries map[string]string `json:"libraries"` // module path to version
	Time      time.Time         `json:"time"`
	Command   []string          `json:"command"`
	// Conventions are the name of the bundled ones, or a file: what the flag or
	// its variable says.
	Conventions string `json:"conventions"`
	// Project is the file of --project, and what of it decided.
	Project *projectInfo `json:"project,omitempty"`
}

// buildInfo returns the content of build-info.json.
func (a *app) buildInfo() ([]byte, error) {
	b := buildInfo{
		Tool:      "otelsim-gen",
		Version:   cmdline.Version(),
		Go:        runtime.Version(),
		Platform:  runtime.GOOS + "/" + runtime.GOARCH,
		Libraries: make(map[string]string),
		Time:      a.now().UTC().Truncate(time.Second),
		Command:   append([]string{"otelsim-gen"}, a.args...),

		Conventions: cmp.Or(a.semconvFile(), otelsim.Vocabularies[0]),
		Project:     a.project.info(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			b.Libraries[m.Path] = m.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode build info: %w", err)
	}
	return append(data, '\n'), nil
}
