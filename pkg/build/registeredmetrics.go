package build

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// The rules that findings about metrics are of.
const (
	ruleMetric     = "metric-unknown"
	ruleMetricOld  = "metric-deprecated"
	ruleMetricUnit = "metric-unit"
	ruleMetricType = "metric-type"
)

// metric checks a metric of a service's own by the registry, where it has that name, or
// the namespace of it.
func (c *registered) metric(m *scenario.OwnMetric) {
	head := "metric " + m.Name + ": "
	def, ok := c.in.Metric(m.Name)
	fixed := slices.Clone(m.Attributes)
	for i := range m.From {
		fixed = append(fixed, m.From[i].Attributes...)
	}
	for i := range fixed {
		a := &fixed[i]
		if !ok || !slices.ContainsFunc(def.Attributes, func(u registry.Use) bool { return u.Attribute.Key == a.Key }) {
			c.attribute(a, false) // else it is what the registry says of the metric
		}
	}
	switch {
	case !ok && !c.metrics[m.Name] && c.in.InNamespace(m.Name):
		c.warn(m.Pos, ruleMetric, registry.MissingMetric, head+"the registry has no such metric"+input.DidYouMean(c.in.NearestMetric(m.Name)))
	case !ok, c.metrics[m.Name]: // those that the conventions in use define may be deprecated elsewhere
	case def.Deprecated != nil:
		c.warn(m.Pos, ruleMetricOld, registry.DeprecatedName, head+"it is deprecated"+instead(def.Deprecated, def.Deprecated.RenamedTo))
	default:
		if m.Unit != def.Unit {
			c.warn(m.Pos, ruleMetricUnit, registry.UnitMismatch, fmt.Sprintf("%sits unit is %q, and %q in the registry", head, m.Unit, def.Unit))
		}
		instrument := m.Instrument
		if m.Histogram() {
			instrument = "histogram"
		}
		if instrument != def.Instrument.String() {
			c.warn(m.Pos, ruleMetricType, registry.UnexpectedInstrument, fmt.Sprintf("%sit is a %s, and a %s in the registry", head, instrument, def.Instrument))
		}
		for _, use := range def.Required() {
			text := use.Attribute.Type.Base == registry.String && !use.Attribute.Type.Array // others have no form in a scenario
			if text && !m.Has(use.Attribute.Key) {
				c.warn(m.Pos, ruleMetric, registry.RequiredMissing, head+"the registry requires the attribute "+use.Attribute.Key)
			}
		}
	}
}
