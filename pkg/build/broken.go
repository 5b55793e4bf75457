package build

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// leaveOut adds what was found in definition files to p. One broken file does
// not keep others from being run: when all scenarios that are wanted, by name,
// are in files without errors, the errors of the others become warnings, and
// their scenarios are left out of the result.
func leaveOut(defs []scenario.Definition, wanted []string, files []input.File, found, p *input.Problems) []scenario.Definition {
	all := found.All()
	broken := make(map[string]bool)
	for _, problem := range all {
		if !problem.Warning {
			broken[problem.Pos.File] = true
		}
	}
	whole := slices.DeleteFunc(slices.Clone(defs), func(d scenario.Definition) bool { return broken[d.Pos.File] })
	uncounted := len(all) < found.Errors()+found.Warnings() // files that are broken may not be known
	if len(wanted) == 0 || uncounted || !areAll(wanted, whole) || !onlyIn(files, broken) || disputed(wanted, all) {
		p.Join(found)
		return defs
	}
	for _, problem := range all {
		if !problem.Warning {
			problem.Warning = true
			problem.Text += "; the file is left out: no scenario of it is asked for"
		}
		p.Add(problem)
	}
	return whole
}

// areAll reports whether all names are those of definitions.
func areAll(names []string, defs []scenario.Definition) bool {
	for _, name := range names {
		if !slices.ContainsFunc(defs, func(d scenario.Definition) bool { return d.Name == name }) {
			return false
		}
	}
	return true
}

// onlyIn reports whether all names are those of files.
func onlyIn(files []input.File, names map[string]bool) bool {
	count := 0
	for _, f := range files {
		if names[f.Name] {
			count++
		}
	}
	return count == len(names)
}

// disputed reports whether more than one file defines a scenario that is wanted.
func disputed(wanted []string, all []input.Problem) bool {
	return slices.ContainsFunc(all, func(problem input.Problem) bool {
		return slices.ContainsFunc(wanted, func(name string) bool {
			return strings.HasPrefix(problem.Text, "duplicate scenario "+input.Quote(name)+";")
		})
	})
}
