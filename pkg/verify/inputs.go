package verify

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// remake sets in o what makes the segments of a corpus again, out of inputs and
// the options that the manifest says. It returns in which values of the manifest
// the two do not agree. Inputs that cannot be those of the corpus are an error:
// nothing could be said of it.
func remake(o *settings, m *corpus.Manifest, in otelsim.Inputs) ([]Group, error) {
	if m.Revision != build.Revision {
		return nil, fmt.Errorf("corpus %s: it is of revision %d, and this program makes revision %d: it cannot be made again",
			o.Dir, m.Revision, build.Revision)
	}
	const others = "corpus %s: it was not made from the bundled inputs (%s): give its own with --config, --semconv, --definitions and --registry"
	plan, err := remade(m, in)
	var bad *otelsim.InputError
	switch {
	case errors.As(err, &bad) && in.AllBundled():
		return nil, fmt.Errorf(others, o.Dir, strings.ReplaceAll(err.Error(), "\n", "; "))
	case errors.As(err, &bad):
		return nil, err
	case err != nil:
		return []Group{found("regenerate", corpus.ManifestFile, "options", "no run has these options: %v", err)}, nil
	}
	want := plan.Header()
	if want.PlanDigest != m.PlanDigest && in.AllBundled() {
		return nil, fmt.Errorf(others, o.Dir, fmt.Sprintf("their plan digest is %.16s..., its own %.16s...", want.PlanDigest, m.PlanDigest))
	}
	var groups []Group
	for _, d := range m.Differences(&want) {
		groups = append(groups, found("regenerate", corpus.ManifestFile, d.Path, "%s is %s, made again it is %s", d.Path, d.Have, d.Want))
	}
	if data, err := corpus.ReadConventions(o.Dir); err != nil || !bytes.Equal(data, plan.Conventions()) {
		groups = append(groups, found("regenerate", corpus.ConventionsFile, "", "is not, byte for byte, the conventions that are given"))
	}
	o.Remake = plan.NewFill
	return groups, nil
}

// remade returns the plan of a corpus from inputs. Of the bundled conventions it
// takes those of which the plan digest is that of the corpus.
func remade(m *corpus.Manifest, in otelsim.Inputs) (*otelsim.Plan, error) {
	plan, err := otelsim.Remake(&m.Header, in)
	if !in.AllBundled() || in.Conventions.Name != "" {
		return plan, err
	}
	for _, name := range otelsim.Vocabularies {
		in.Conventions, _ = otelsim.BundledConventions(name)
		if other, err := otelsim.Remake(&m.Header, in); err == nil && other.Header().PlanDigest == m.PlanDigest {
			return other, nil
		}
	}
	return plan, err
}

// problemsOf joins the problems of an input to one line.
func problemsOf(p *input.Problems) string {
	var all []string
	for _, problem := range p.All() {
		all = append(all, problem.String())
	}
	return strings.Join(all, "; ")
}

// found returns the group of one finding about a file of the corpus.
func found(rule, file, path, format string, args ...any) Group {
	f := Finding{
		Rule: rule, File: file, Path: path, Segment: -1, Iteration: -1, Record: -1,
		Text: text.Line(fmt.Sprintf(format, args...), maxFindingText),
	}
	return Group{Rule: rule, Count: 1, Examples: []Finding{f}}
}
