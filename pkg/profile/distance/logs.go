package distance

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile"
)

func severityName(l *profile.LogTemplate) string {
	return fmt.Sprintf("%s: severity %d", l.Service, l.Severity)
}

func eventName(l *profile.LogTemplate) string {
	if l.Event == "" {
		return severityName(l)
	}
	return severityName(l) + ", " + l.Event
}

// templates returns how many log records there are of each form. Bodies are free text; what
// is none, such as a map, is told by its type.
func templates(v *view) map[string]uint64 {
	var texts []written
	for _, l := range v.p.Logs {
		t := written{of: eventName(l), length: min(len(l.Body), longBody), n: l.Records}
		if slices.Contains(noText, l.Body) {
			t.of += ", " + l.Body
		}
		texts = append(texts, t)
	}
	return ranked(texts)
}

// noText is what profiles have for bodies that are no text.
var noText = []string{"", "{bool}", "{map}", "{array}", "{bytes}"}

// recordsBy returns how many log records there are by a name.
func recordsBy(v *view, name func(*profile.LogTemplate) string) map[string]uint64 {
	all := make(map[string]uint64)
	for _, l := range v.p.Logs {
		all[name(l)] += l.Records
	}
	return all
}

func logSeverityTV(_ *comparison, x, y *view) found {
	return tv(recordsBy(x, severityName), recordsBy(y, severityName))
}

func logEventTV(_ *comparison, x, y *view) found {
	return tv(recordsBy(x, eventName), recordsBy(y, eventName))
}

func logTemplateTV(_ *comparison, x, y *view) found {
	return tv(templates(x), templates(y))
}

// logRate compares how many log records of each sort there are for a trace. Without traces
// on both sides there is nothing to count them by.
func logRate(_ *comparison, x, y *view) found {
	return rates(recordsBy(x, eventName), recordsBy(y, eventName), x.p.Traces.Count, y.p.Traces.Count)
}
