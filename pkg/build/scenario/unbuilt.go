package scenario

import "github.com/otelsim/otelsim/pkg/build/input"

// unbuilt lists what loads and has no effect yet, with the words of the
// warning. Whoever builds one removes its line here.
var unbuilt = map[string]string{
	"error":               "errors of root trees have no effect yet",
	"error.types":         "error types have no effect yet",
	"error.propagation":   "error propagation has no effect yet",
	"retry":               "retries have no effect yet",
	"simulation_goal":     "simulation goals have no effect yet",
	"realistic_overrides": "overrides of simulation goals have no effect yet",
	"error_pattern":       "error patterns have no effect yet",
	"error_config":        "settings of error patterns have no effect yet",
	"emit_metrics":        "metrics are not built yet, so this has no effect yet",
	"emit_logs":           "logs are not built yet, so this has no effect yet",
	"redaction_applied":   "redaction has no effect yet: message content is left out",
	"error_rate":          "a rate between 0 and 1 has no effect yet",
}

// warnUnbuilt warns at n if what it asks for is not built.
func (l *loader) warnUnbuilt(what string, n *input.Node) {
	if text, ok := unbuilt[what]; ok && n != nil {
		n.Warn(l.p, "%s", text)
	}
}
