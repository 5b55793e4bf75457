package conform

import "github.com/otelsim/otelsim/pkg/build/registry"

// weaverIDs are the rules that OpenTelemetry Weaver has findings for, and their ids.
var weaverIDs = map[string]string{
	"attribute-unknown":    registry.MissingAttribute,
	"attribute-missing":    registry.RequiredMissing,
	"attribute-type":       registry.TypeMismatch,
	"attribute-value":      registry.UndefinedEnumVariant,
	"attribute-deprecated": registry.DeprecatedName,
	"resource-missing":     registry.RequiredMissing,
	"event-missing":        registry.RequiredMissing,
	"event-unknown":        registry.MissingEvent,
	"metric-unknown":       registry.MissingMetric,
	"metric-unit":          registry.UnitMismatch,
	"metric-type":          registry.UnexpectedInstrument,
}

// WeaverID returns the id under which users of OpenTelemetry Weaver know findings
// of a rule, "" where it has none.
func WeaverID(rule string) string { return weaverIDs[rule] }
