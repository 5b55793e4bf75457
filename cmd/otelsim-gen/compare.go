package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/profile/distance"
	"github.com/otelsim/otelsim/pkg/profile/distance/page"
)

// compare tells how far two sets of telemetry are apart: as text, or as JSON, and as a page.
// The place of the page is looked at before any work.
func (a *app) compare(ctx context.Context) (err error) {
	to, err := a.openPage()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	r, err := a.distance(ctx)
	if err != nil {
		return err
	}
	switch {
	case to.Stdout(): // it is the page's
	case a.json:
		err = r.WriteJSON(a.out)
	default:
		err = r.WriteText(a.out)
	}
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	p := page.Page{Result: r, Program: program()}
	if err := to.Write(p.Write); err != nil {
		return fmt.Errorf("write --html: %w", err)
	}
	return a.held(r)
}

// distance reads both sides and compares them.
func (a *app) distance(ctx context.Context) (*distance.Result, error) {
	var sides [2]distance.Side
	for i, path := range a.dirs {
		data, err := a.profile(ctx, []string{path}, i == 0) // the baseline is of the first side
		if err != nil {
			return nil, err
		}
		sides[i] = distance.Side{Name: path, Profile: data.whole, Halves: data.halves}
	}
	r, err := distance.Compare(sides[0], sides[1])
	if err != nil {
		return nil, inputError(err.Error())
	}
	return r, nil
}

// held returns an error of the conditions of --fail-if that the result meets.
func (a *app) held(r *distance.Result) error {
	var errs []error
	for _, c := range a.conditions {
		if holds, what := c.Holds(r); holds {
			errs = append(errs, fmt.Errorf("%s (--fail-if %s)", what, text.ShellWord(c.String())))
		}
	}
	return errors.Join(errs...)
}

// validateCompare checks what compare alone demands, and reads its conditions.
func (o *options) validateCompare() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(o.dirs) < 2 {
		bad("compare needs two corpora, or captures: A and B")
	}
	if len(o.dirs) > 2 {
		bad("compare: unexpected argument %q", o.dirs[2])
	}
	if o.set["html"] && o.html == "" {
		bad("--html: value is missing")
	}
	for _, expr := range o.failIf {
		c, err := distance.ParseCondition(expr)
		if err != nil {
			bad("--fail-if: %w", err)
		}
		o.conditions = append(o.conditions, c)
	}
	return errs
}
