package distance

import (
	"fmt"

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

func templateName(l *profile.LogTemplate) string { return eventName(l) + ", " + form(l.Body) }

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
	return tv(recordsBy(x, templateName), recordsBy(y, templateName))
}

// logRate compares how many log records of each sort there are for a trace. Without traces
// on both sides there is nothing to count them by.
func logRate(_ *comparison, x, y *view) found {
	return rates(recordsBy(x, eventName), recordsBy(y, eventName), x.p.Traces.Count, y.p.Traces.Count)
}
