package build

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// maxVariants bounds in how many series of a namespace a metric is, each with other
// values of its attributes.
const maxVariants = 40

// metrics adds the metrics as those of services' own, which follow the load: a
// namespace has a service for each set of values of their attributes. Those that follow
// from spans come by these.
func (c *registryCorpus) metrics() {
	for _, m := range c.r.Metrics {
		if m.Deprecated != nil || slices.Contains(scenario.MadeBySpans, m.Name) {
			continue
		}
		usual := c.variantsOf(m, registry.Recommended)
		for v := range c.variantsOf(m, registry.OptIn) {
			name := fmt.Sprintf("%s-metrics-%d", spaceOf(m.Name), v+1)
			if c.services[name] == nil {
				call := c.service(name, "protocol: none").add("work", "kind: server, own: 1")
				c.plain(m.Name).do("call: " + strconv.Quote(call))
			}
			s := c.services[name]
			s.metrics = append(s.metrics, c.metricLine(m, v, v == 0 || v >= usual))
		}
	}
}

// shown are the values that an attribute of a metric has: texts alone have a form there,
// and what is deprecated is left out.
func (c *registryCorpus) shown(use registry.Use) (values []string) {
	a := use.Attribute
	old := a.Deprecated != nil || c.r.Deprecated(a.Key) != nil || registry.Bundled().Deprecated(a.Key) != nil
	if old || a.Type.Array || a.Type.Template || a.Type.Base != registry.String && a.Type.Base != registry.Any {
		return nil
	}
	for _, v := range a.Candidates() {
		if v.List == nil && v.Base == registry.String {
			values = append(values, v.Text)
		}
	}
	return values
}

// variantsOf is how many sets of values the attributes of a metric have, those from a level
// on: until each value was there.
func (c *registryCorpus) variantsOf(m *registry.Metric, level registry.Level) int {
	most := 1
	for _, use := range m.Attributes {
		if n := len(c.shown(use)); use.Level >= level && n > most {
			most = n
		}
	}
	return min(most, maxVariants)
}

// metricLine is a metric with one set of values, all that there is or what is recommended.
func (c *registryCorpus) metricLine(m *registry.Metric, variant int, all bool) string {
	text := strconv.Quote(m.Name) + ": {instrument: " + m.Instrument.String() + ", unit: " + strconv.Quote(m.Unit) + ", " + sizeOf(m.Unit)
	var attributes []string
	for _, use := range m.Attributes {
		if values := c.shown(use); len(values) > 0 && (all || use.Level != registry.OptIn) {
			attributes = append(attributes, strconv.Quote(use.Attribute.Key)+": "+strconv.Quote(values[variant%len(values)]))
		}
	}
	if attributes != nil {
		text += ", attributes: {" + strings.Join(attributes, ", ") + "}"
	}
	return text + "}"
}

// sizeOf says what values of a unit are like.
func sizeOf(unit string) string {
	switch {
	case unit == "By", unit == "KiBy":
		return "base: 900000, per_request: 4096, noise: 0.3"
	case unit == "s", unit == "ms", unit == "1", unit == "%":
		return "base: 0.4, per_load: 0.1, noise: 0.3"
	}
	return "base: 12, per_request: 1, noise: 0.2"
}
