package build

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// config reads the config. Where the file itself has errors, those in the one that it
// is laid over come from them, and are not told: it is without errors alone.
func (in *Inputs) config(p *input.Problems) *scenario.Config {
	var found input.Problems
	c := scenario.ParseConfig(in.Config, &found)
	all := found.All()
	own := func(problem input.Problem) bool { return problem.Pos.File == in.Config.Name && !problem.Warning }
	if c == nil || !c.Layered || len(all) < found.Errors()+found.Warnings() || !slices.ContainsFunc(all, own) {
		p.Join(&found)
		return c
	}
	for _, problem := range all {
		if problem.Pos.File == in.Config.Name {
			p.Add(problem)
		}
	}
	return c
}

// resource returns the resource file. Where there is none beside a config that is
// laid over the bundled one, it is the bundled one, and so it is where there is no
// telling, since the config cannot be read.
func (in *Inputs) resource(c *scenario.Config) input.File {
	f := in.Resource
	if (c == nil || c.Layered) && f.Base != nil && errors.Is(f.Err, fs.ErrNotExist) {
		return *f.Base
	}
	return f
}
