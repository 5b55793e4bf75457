package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// takeProject reads the project that is named and puts what it says where the
// flags would, unless a flag or a variable says otherwise.
func (a *app) takeProject(f *flags) {
	_, taken := f.lookup("project", a.verb)
	ofCorpus := a.verb == verbShow && len(a.dirs) > 0 || a.verb == verbVerify && !a.regenerate // which refuse it
	if a.projectFile == "" || !taken || ofCorpus {
		return
	}
	a.project = readProject(a.projectFile, &a.found)
	for i := range a.project.settings {
		s := &a.project.settings[i]
		if _, takes := f.lookup(s.flag, a.verb); !takes || a.overrules(s.flag) {
			continue
		}
		for _, value := range s.values {
			if err := cmdline.Set(f.set.Lookup(s.flag), value); err != nil {
				a.found.Errorf(s.at[0], "%s: %v", s.key, err)
			}
		}
		a.project.decides[s.flag] = s
	}
}

// overrules reports whether the command line or the environment says something in
// place of a setting of the project: the flag itself, its variable, or a flag that
// cannot be had together with it.
func (o *options) overrules(flag string) bool {
	for _, v := range variables {
		if v.flag == flag && os.Getenv(v.name) != "" {
			return true
		}
	}
	switch flag {
	case "scenario", "tags": // one selection
		return o.set["scenario"] || o.set["tags"]
	case "count":
		return o.set["count"] || o.set["each-once"] && o.eachOnce
	case "each-once":
		return o.set["each-once"] || o.set["count"]
	}
	return o.set[flag]
}

// given reports whether a flag, or the project in its place, says something.
func (o *options) given(flag string) bool { return o.set[flag] || o.decided(flag) != nil }

// decided returns the setting of the project that decides in place of a flag; nil:
// there is none.
func (o *options) decided(flag string) *setting {
	if o.project == nil {
		return nil
	}
	return o.project.decides[flag]
}

// tellProject says what of the project decides what is done.
func (a *app) tellProject() {
	if a.project == nil {
		return
	}
	var told []string
	for _, s := range a.project.settings {
		if a.decided(s.flag) != nil {
			told = append(told, strings.TrimPrefix(s.key, optionsKey+".")+"="+text.Line(strings.Join(s.values, ","), maxVariable))
		}
	}
	if len(told) == 0 {
		if a.found.Errors() > 0 {
			return // which say why
		}
		told = []string{"nothing that decides here"}
	}
	fmt.Fprintf(a.errOut, "from the project %s: %s\n", text.Clean(a.project.file.Name), strings.Join(told, ", "))
}

// placed gives problems of what a flag would say the place where the project says
// it.
func (o *options) placed(problem input.Problem) input.Problem {
	flag, isFlag := strings.CutPrefix(problem.Pos.File, "--")
	s := o.decided(flag)
	if !isFlag || s == nil {
		return problem
	}
	at := s.at[0]
	for i, value := range s.values {
		if strings.Contains(problem.Text, input.Quote(value)) {
			at = s.at[i]
		}
	}
	problem.Pos, problem.Text = at, s.key+": "+problem.Text
	return problem
}

// checkSelection tells of scenarios and tags that the project selects and nothing
// has, to verbs that select nothing.
func (a *app) checkSelection(c *otelsim.Catalog, p *input.Problems) {
	if a.project == nil {
		return
	}
	var names, tags []string
	for _, s := range c.Scenarios {
		names, tags = append(names, s.Name), append(tags, s.Tags...)
	}
	for _, s := range a.project.settings {
		for i, value := range s.values {
			switch {
			case s.flag == "scenario" && !slices.Contains(names, value):
				p.Errorf(s.at[i], "%s: %s", s.key, input.Unknown("scenario", value, names))
			case s.flag == "tags" && !slices.ContainsFunc(tags, func(tag string) bool { return strings.EqualFold(tag, value) }):
				p.Warnf(s.at[i], "%s: %s", s.key, input.Unknown("tag", value, tags))
			}
		}
	}
}

// projectInfo is what build-info.json says of a project.
type projectInfo struct {
	File     string              `json:"file"`
	SHA256   string              `json:"sha256"`
	Settings map[string][]string `json:"settings"` // that decided, by key
}

// info returns what is recorded of the project; nil: there is none.
func (p *project) info() *projectInfo {
	if p == nil {
		return nil
	}
	sum := sha256.Sum256(p.file.Data)
	out := &projectInfo{File: p.file.Name, SHA256: hex.EncodeToString(sum[:]), Settings: make(map[string][]string)}
	for _, s := range p.decides {
		out.Settings[s.key] = s.values
	}
	return out
}
