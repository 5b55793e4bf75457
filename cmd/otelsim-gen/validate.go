package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// validate checks all input and, if asked to, prints what the conventions say.
func (a *app) validate(context.Context) error {
	catalog, err := a.catalog()
	if a.json {
		return a.problemsAsJSON(err)
	}
	if err != nil {
		return err
	}
	c := catalog.Conventions
	prefix := a.prefix()
	if prefix == "" {
		prefix = build.DefaultPrefix
	}
	if a.showSpans {
		printSpans(a.out, c, prefix)
	}
	if a.showMetrics {
		if err := printMetrics(a.out, c, prefix); err != nil {
			return err
		}
	}
	line := fmt.Sprintf("valid: %s, conventions %s with %s and %s",
		text.Counted(len(catalog.Scenarios), "scenario"), c.Version,
		text.Counted(len(c.Spans), "span type"), text.Counted(len(c.Metrics), "metric"))
	if a.warnings > 0 {
		line += ", " + text.Counted(a.warnings, "warning")
	}
	for _, line := range append([]string{line}, a.registryLines...) {
		if _, err := fmt.Fprintln(a.out, text.Clean(line)); err != nil {
			return err
		}
	}
	return nil
}

// validity is what validate prints as JSON.
type validity struct {
	Valid    bool               `json:"valid"`    // it can be used
	Findings []findings.Finding `json:"findings"` // by file, line and column
}

// problemsAsJSON prints what is wrong with the input as data, when err sums that
// up or is nil, and returns err.
func (a *app) problemsAsJSON(err error) error {
	var bad inputError
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	var list []findings.Finding
	for _, p := range a.told {
		f := findings.Finding{
			Rule: cmp.Or(p.Rule, "input"), WeaverID: p.WeaverID, Level: findings.Violation, Count: 1, Message: p.Text,
			Where: findings.Where{File: p.Pos.File, Line: p.Pos.Line, Column: p.Pos.Column},
		}
		if p.Warning && !a.strict {
			f.Level = findings.Improvement
		}
		list = append(list, f)
	}
	return errors.Join(findings.WriteJSON(a.out, validity{err == nil, findings.Clean(list)}), err)
}

// kindNames are the span kinds by their numbers in OTLP.
var kindNames = [...]string{"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}

// printSpans prints each span type with its attributes.
func printSpans(w io.Writer, c *semconv.Conventions, prefix string) {
	for _, s := range c.Spans {
		var kinds []string
		for _, k := range s.Kinds {
			kinds = append(kinds, kindNames[k])
		}
		place := ""
		if s.Root {
			place = ", root"
		}
		if len(s.Parents) > 0 {
			place += ", below " + strings.Join(s.Parents, " or ")
		}
		if s.Template != nil {
			place += ", called " + s.Template.String()
		}
		fmt.Fprintf(w, "%s (%s%s)\n", text.Clean(c.Rename(s.Name, prefix)), strings.Join(kinds, " or "), text.Clean(place))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, attr := range c.SpanAttributes(s.Bare) {
			row := fmt.Sprintf("  %s\t%s\t%s", c.Rename(attr.Name, prefix), attr.Type, levelName(attr.Level))
			if len(attr.Allowed) > 0 {
				row += "\t" + strings.Join(attr.Allowed, ", ")
			}
			fmt.Fprintln(t, cleanRow(row))
		}
		t.Flush()
		fmt.Fprintln(w)
	}
}

// printMetrics prints each metric with its dimensions.
func printMetrics(w io.Writer, c *semconv.Conventions, prefix string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "METRIC\tTYPE\tUNIT\tFROM\tDIMENSIONS")
	for _, m := range c.Metrics {
		var dimensions []string
		for _, d := range m.Dimensions {
			dimensions = append(dimensions, c.Rename(d, prefix))
		}
		fmt.Fprintln(t, cleanRow(strings.Join([]string{
			c.Rename(m.Name, prefix), m.Type, m.Unit, m.EmittedBy, strings.Join(dimensions, ", "),
		}, "\t")))
	}
	fmt.Fprintln(t)
	return t.Flush()
}

// cleanRow returns a row of a table with its cells fit for a terminal.
func cleanRow(row string) string {
	cells := strings.Split(row, "\t")
	for i := range cells {
		cells[i] = text.Clean(cells[i])
	}
	return strings.Join(cells, "\t")
}

func levelName(l semconv.Level) string {
	switch l {
	case semconv.Required:
		return "required"
	case semconv.Recommended:
		return "recommended"
	}
	return "optional"
}
