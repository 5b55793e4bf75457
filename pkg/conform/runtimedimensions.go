package conform

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/registry"
)

// registeredDimensions says what is wrong with the attributes of a point of a metric by
// the registry: one that it requires is missing, it has no such one, or the type of the
// value or the value is another.
func registeredDimensions(metric string, attrs map[string]any) string {
	def, ok := registry.Bundled().Metric(metric)
	if !ok {
		return ""
	}
	known := make(map[string]*registry.Attribute)
	for _, use := range def.Attributes {
		known[use.Attribute.Key] = use.Attribute
		if use.Level == registry.Required && attrs[use.Attribute.Key] == nil {
			return fmt.Sprintf("dimension %s is missing", use.Attribute.Key)
		}
	}
	for _, key := range sortedKeys(attrs) {
		a := known[key]
		if a == nil {
			return key + " is not one of its dimensions"
		}
		if len(a.Type.Members) == 0 && !isBaseOf(a.Type.Base, attrs[key]) {
			return fmt.Sprintf("attribute %s is not of type %s", key, &a.Type)
		}
		if text := fmt.Sprint(attrs[key]); len(a.Type.Members) > 0 && !slices.ContainsFunc(a.Type.Members, func(m registry.Member) bool { return m.Value == text }) {
			return fmt.Sprintf("%s is %q, which is none of its members", key, text)
		}
	}
	return ""
}
