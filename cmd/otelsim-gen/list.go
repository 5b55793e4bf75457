package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/otelsim/otelsim/internal/text"
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
}

// list prints the scenarios.
func (a *app) list(context.Context) error {
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	all := []listed{}
	for _, s := range catalog.Scenarios {
		l := listed{
			Name: s.Name, Description: s.Description, Tags: append([]string{}, s.Tags...), Weight: s.Weight,
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
		weight := strconv.FormatFloat(l.Weight, 'g', -1, 64)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", text.Clean(l.Name), weight,
			text.Clean(strings.Join(l.Tags, ",")), text.Clean(oneLine(l.Description)))
	}
	return w.Flush()
}

// oneLine returns text with all white space runs as one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
