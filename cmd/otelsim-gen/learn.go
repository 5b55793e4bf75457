package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/learn"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// learn writes scenarios whose telemetry is like that of the inputs.
func (a *app) learn(ctx context.Context) error {
	if a.leaksOnly != "" {
		return a.leaks(ctx, a.leaksOnly)
	}
	policy, err := a.policy()
	if err != nil {
		return err
	}
	if err := a.emptyOutput(); err != nil {
		return err
	}
	report, err := a.openReport()
	if err != nil {
		return err
	}
	if report != nil {
		defer report.Close()
	}
	p, err := a.profile(ctx, a.dirs, false)
	if err != nil {
		return err
	}
	model, err := a.learntByPeriod(ctx, p.whole, policy)
	if err != nil {
		return err
	}
	if model == nil {
		if model, err = learnt(p.whole, policy); err != nil {
			return inputError(err.Error())
		}
	}
	if err := a.writeModel(model, report); err != nil {
		return err
	}
	a.notef("learnt %s: %s", a.output, model.Summary)
	return a.leaks(ctx, a.output)
}

// policy reads what the flags say of what may be said.
func (a *app) policy() (*privacy.Policy, error) {
	o := privacy.Options{MinTraces: a.minTraces, Allow: a.allow, Deny: a.deny, TimesOfDay: a.timesOfDay, Public: privacy.Bundled()}
	if a.rename != "" {
		key, err := privacy.ReadKey(a.rename)
		if err != nil {
			return nil, inputError(fmt.Sprintf("--rename %s: %v", a.rename, reason(err)))
		}
		o.Rename = key
	}
	p, err := privacy.New(o)
	if err != nil {
		return nil, usageError{err}
	}
	return p, nil
}

// emptyOutput checks that there is room for what is learnt: the directory is absent or
// empty, or may be written over, and apart from what is read.
func (a *app) emptyOutput() error {
	for _, dir := range a.dirs {
		if within(a.output, dir) || within(dir, a.output) {
			return inputError(fmt.Sprintf("--output %s and the capture %s hold one another: write to a folder of its own", text.Clean(a.output), text.Clean(dir)))
		}
	}
	names, err := os.ReadDir(a.output)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && (len(names) == 0 || a.force):
		return nil
	case err != nil:
		return inputError(err.Error())
	}
	return inputError(fmt.Sprintf("%s is not empty; --force writes over what is there", a.output))
}

// within reports whether a path is a folder, or would be in it, were it there.
func within(path, folder string) bool {
	is, missing := os.Stat(folder)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	path, folder = absolute(path), absolute(folder)
	for {
		if path == folder {
			return true
		}
		if x, err := os.Stat(path); err == nil && missing == nil && os.SameFile(x, is) {
			return true
		}
		up := filepath.Dir(path)
		if up == path {
			return false
		}
		path = up
	}
}

// openReport looks at the place of --report. nil: it is in the folder that is to be written, a
// file among the others.
func (a *app) openReport() (*atomicfile.Output, error) {
	if a.reportFile == "" || within(a.reportFile, a.output) {
		return nil, nil
	}
	return a.openOutput("report", a.reportFile, "report")
}

// learnt learns from a profile, the simpler the more often what comes of it cannot be
// loaded, such as traces that might have too many spans.
func learnt(p *profile.Profile, policy *privacy.Policy) (*learn.Model, error) {
	var why error
	for level := range learn.Levels {
		model, err := learn.From(p, policy, level)
		if err != nil {
			return nil, err
		}
		if why = loads(model); why == nil {
			return model, nil
		}
	}
	first, _, _ := strings.Cut(why.Error(), "\n") // of what may be many
	return nil, fmt.Errorf("nothing can be learnt that could be loaded: %s", first)
}

// learntByPeriod reads the captures again where they are another system for some time, and
// learns that by itself. It returns nil where they are not, and where what comes of that
// cannot be loaded.
func (a *app) learntByPeriod(ctx context.Context, whole *profile.Profile, policy *privacy.Policy) (*learn.Model, error) {
	periods := learn.Periods(whole, policy.MinTraces())
	if len(periods) == 0 {
		return nil, nil
	}
	in, err := intake.Open(a.dirs, intake.Options{})
	if err != nil {
		return nil, inputError(err.Error())
	}
	of, err := profile.ReadPeriods(ctx, in, profile.Options{}, a.workers, periods)
	if err != nil {
		return nil, a.unread(ctx, err)
	}
	var parts []learn.Part
	for i, p := range periods {
		parts = append(parts, learn.Part{Period: p, Profile: of[i]})
	}
	model, err := learn.FromParts(whole, of[len(periods)], parts, policy)
	if err != nil || loads(model) != nil {
		return nil, nil // there is too little of one, or too much: they are learnt as one
	}
	return model, nil
}

// loads reports what is wrong with what was learnt, were it read again.
func loads(m *learn.Model) error {
	var in otelsim.Inputs
	var p input.Problems
	for _, f := range m.Files {
		file := input.File{Name: f.Name, Data: f.Data}
		switch {
		case f.Name == "config.yaml":
			in.Config = file
		case strings.HasPrefix(f.Name, "scenarios/"):
			in.Definitions = append(in.Definitions, file)
		case f.Name == learn.RegistryName:
			own := registry.LoadAll([]registry.Source{{Name: f.Name, Files: []input.File{file}}}, nil, &p)
			in.Registry = registry.Layer(append([]*registry.Registry{registry.Bundled()}, own...)...)
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	_, err := otelsim.Validate(in, "", false)
	return err
}

// writeModel writes the files of what was learnt, the project last. One that was there is gone
// before: without it nothing is taken for the whole. Scenarios of periods that were there
// before are none of it.
func (a *app) writeModel(m *learn.Model, report *atomicfile.Output) error {
	if err := a.clearModel(); err != nil {
		return err
	}
	for _, f := range m.Files {
		name := filepath.Join(a.output, filepath.FromSlash(f.Name))
		write := func() error { return a.writeFile(name, f.Data) }
		if f.Name == learn.ReportName && a.reportFile != "" {
			name = a.reportFile
			if report != nil {
				write = func() error { return report.Write(content(f.Data)) }
			}
		}
		if err := write(); err != nil {
			return fmt.Errorf("write %s: %w", text.Clean(name), err)
		}
	}
	return nil
}

// clearModel takes away what of an earlier model would be taken for a part of this one.
func (a *app) clearModel() error {
	names := []string{filepath.Join(a.output, learn.ProjectName), filepath.Join(a.output, learn.RegistryName)}
	folder := filepath.Join(a.output, "scenarios")
	periods, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range periods {
		if learn.OfPeriod(e.Name()) {
			names = append(names, filepath.Join(folder, e.Name()))
		}
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (a *app) writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := atomicfile.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Write(content(data))
}

func content(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}
