package otelsim

import (
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/conform/trial"
)

// Catalog is everything that inputs define, selected or not.
type Catalog struct {
	Scenarios   []Scenario // by name
	Conventions *Conventions
	Warnings    []Problem
	Arrivals    *Arrivals // of sessions; nil: one every interval
}

// Conventions are a conventions file, read.
type Conventions = build.Conventions

// Validate checks everything that the inputs define. With judged, a little is
// made of each scenario and held to the rules of a corpus; what would break one
// is a warning with its position; tests of the project do that with the bundled ones,
// beside which it is done with the caller's alone where all else is bundled too.
// Inputs that are wrong are an *InputError.
func Validate(in Inputs, prefix string, judged bool) (*Catalog, error) {
	var problems input.Problems
	files := in.withHeld(prefix)
	files.Known = in.AllBundled()
	c := build.Validate(files, prefix, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if judged && !files.Known {
		trial.Hold(&problems, c.Plans...)
	}
	return &Catalog{Scenarios: c.Scenarios, Conventions: c.Conventions, Warnings: problems.All(), Arrivals: c.Plans[0].Arrivals()}, nil
}
