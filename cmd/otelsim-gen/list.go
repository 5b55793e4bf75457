package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// listed is a scenario as list --json prints it. Scripts rely on the names.
type listed struct {
	Name              string   `json:"name"`
	Description       string   `json:"description"`
	Tags              []string `json:"tags"`
	Weight            float64  `json:"weight"`
	RepeatCount       int64    `json:"repeat_count"`
	Interval          *string  `json:"interval"` // as in 500ms; null when the scenario has none
	IntervalDeviation *string  `json:"interval_deviation"`
	MaxTraces         int      `json:"max_traces"` // of an iteration
	MaxSpans          int      `json:"max_spans"`  // of its largest trace
	Digest            string   `json:"digest"`
	InMix             bool     `json:"in_mix"` // false: it runs when its name or a tag asks for it
}

// list prints the scenarios.
func (a *app) list(context.Context) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	all := []listed{}
	if err := a.knownScenarios(catalog); err != nil {
		return err
	}
	for _, s := range catalog.Scenarios {
		if !a.selects(s) {
			continue
		}
		l := listed{
			Name: s.Name, Description: s.Description, Tags: append([]string{}, s.Tags...), Weight: s.Weight, InMix: !s.Apart,
			RepeatCount: s.RepeatCount, MaxTraces: s.Traces, MaxSpans: s.Spans, Digest: s.Digest,
		}
		if s.HasInterval {
			interval, deviation := s.Interval.String(), s.Deviation.String()
			l.Interval, l.IntervalDeviation = &interval, &deviation
		}
		all = append(all, l)
	}
	if a.json {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tWEIGHT\tTAGS\tDESCRIPTION")
	for _, l := range all {
		weight, note := strconv.FormatFloat(l.Weight, 'g', -1, 64), ""
		if !l.InMix {
			weight, note = "-", " (when named)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s%s\n", text.Clean(l.Name), weight,
			text.Clean(strings.Join(l.Tags, ",")), text.Clean(oneLine(l.Description)), note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if m := catalog.Arrivals; m != nil {
		_, err := fmt.Fprintf(a.out, "\nsessions arrive: %v\n", m)
		return err
	}
	return nil
}

// knownScenarios returns an error for names that --scenario gives and nothing has.
func (a *app) knownScenarios(c *otelsim.Catalog) error {
	var names []string
	for _, s := range c.Scenarios {
		names = append(names, s.Name)
	}
	for _, name := range a.scenarios {
		if !slices.Contains(names, name) {
			return inputError("--scenario: " + input.Unknown("scenario", name, names))
		}
	}
	return nil
}

// selects reports whether a scenario has one of the names, and one of the tags
// in any case, where some are given.
func (o *options) selects(s otelsim.Scenario) bool {
	tagged := func(tag string) bool {
		return slices.ContainsFunc(o.tags, func(want string) bool { return strings.EqualFold(strings.TrimSpace(want), tag) })
	}
	return (len(o.scenarios) == 0 || slices.Contains(o.scenarios, s.Name)) &&
		(len(o.tags) == 0 || slices.ContainsFunc(s.Tags, tagged))
}

// oneLine returns text with all white space runs as one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
