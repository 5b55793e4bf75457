package otelsim

import (
	"bytes"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build"
)

// withHeld returns the files as complete does, and says which of them tests of the
// project hold to the rules of a corpus: none with another prefix, config, resource or
// other conventions. A copy of a bundled scenario of agents is as good as that; what
// a system does may follow from further files, so that a copy of one is not.
func (in Inputs) withHeld(prefix string) build.Inputs {
	out := in.complete()
	if prefix != "" && prefix != build.DefaultPrefix {
		return out
	}
	for _, name := range []string{out.Config.Name, out.Resource.Name, out.Semconv.Name} {
		if !strings.HasPrefix(name, bundledName+"/") {
			return out
		}
	}
	own := out.Definitions
	if out.Bundled {
		own = out.Own
		out.Held = append(out.Held, out.Config.Name) // which has scenarios too
		for i := range out.Definitions {
			out.Held = append(out.Held, out.Definitions[i].Name)
		}
	}
	systems := func(f File) bool { return ofSystem(f.Data) }
	copies, others := split(own, slices.DeleteFunc(bundledDefinitions(), systems))
	out.Held = append(out.Held, copies...)
	// Whatever a file is called, it is not held.
	out.Held = slices.DeleteFunc(out.Held, func(name string) bool { return slices.Contains(others, name) })
	return out
}

// ofSystem reports whether a bundled file is of a system.
func ofSystem(data []byte) bool {
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("services:")) || bytes.HasPrefix(line, []byte("extends:")) {
			return true
		}
	}
	return false
}

// split returns the names of the files that are equal to one of some, and of those
// that are not.
func split(files, some []File) (equal, others []string) {
	for i := range files {
		if slices.ContainsFunc(some, func(f File) bool { return bytes.Equal(f.Data, files[i].Data) }) {
			equal = append(equal, files[i].Name)
		} else {
			others = append(others, files[i].Name)
		}
	}
	return equal, others
}
