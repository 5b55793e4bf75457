package main

import (
	"context"
	"fmt"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/learn/leaks"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// leaks looks whether files have something of the captures that they should not have.
func (a *app) leaks(ctx context.Context, dir string) error {
	var outputs leaks.Outputs
	if err := outputs.Dir(dir); err != nil {
		return inputError(err.Error())
	}
	in, err := intake.Open(a.dirs, intake.Options{})
	if err != nil {
		return inputError(err.Error())
	}
	r, err := leaks.Test(ctx, in, &outputs, leaks.Options{
		MinTraces: a.minTraces, Allow: a.allow, Deny: a.deny, Renamed: a.rename != "", Public: privacy.Bundled(),
	})
	if err != nil {
		return a.unread(ctx, err)
	}
	if r.Texts == 0 {
		return inputError(fmt.Sprintf("%s holds no text: there is nothing to look for", text.Clean(dir)))
	}
	for i, f := range r.Findings {
		if i == maxProblems {
			fmt.Fprintf(a.out, "and %s\n", text.Counted(len(r.Findings)-i, "more leak"))
			break
		}
		fmt.Fprintf(a.out, "%s:%d: %s\n", text.Clean(f.Where.File), f.Where.Line, text.Clean(f.Message))
	}
	if r.Leaks > 0 {
		return fmt.Errorf("%s has %s of the captures: do not give it away", dir, text.Counted(r.Leaks, "text"))
	}
	a.notef("no leaks in %s: %s looked for in %s", dir, text.Counted(r.Texts, "text"), text.Counted(r.Traces, "trace"))
	return nil
}
