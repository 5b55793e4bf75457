package registry

// Layer returns one registry of several, of which a later one goes before an
// earlier one, name by name. What is asked beside them (Accept) is kept.
func Layer(layers ...*Registry) *Registry {
	out := new(Registry)
	for _, r := range layers {
		if r.SchemaURL != "" {
			out.SchemaURL = r.SchemaURL
		}
		out.Attributes = over(out.Attributes, r.Attributes, (*Attribute).name)
		out.Spans = over(out.Spans, r.Spans, (*Span).name)
		out.Metrics = over(out.Metrics, r.Metrics, (*Metric).name)
		out.Events = over(out.Events, r.Events, (*Event).name)
		out.Entities = over(out.Entities, r.Entities, (*Entity).name)
		out.SpanRefinements = over(out.SpanRefinements, r.SpanRefinements, func(s *Span) string { return s.ID })
		out.MetricRefinements = over(out.MetricRefinements, r.MetricRefinements, func(m *Metric) string { return m.ID })
		out.EventRefinements = over(out.EventRefinements, r.EventRefinements, func(e *Event) string { return e.ID })
		out.EntityRefinements = over(out.EntityRefinements, r.EntityRefinements, func(e *Entity) string { return e.ID })
		if r.defined != nil {
			out = out.Accept(r.defined)
		}
	}
	return out.finish()
}

// over returns base without what upper defines, and all of upper.
func over[T any](base, upper []*T, name func(*T) string) []*T {
	replaced := byName(upper, name)
	var out []*T
	for _, d := range base {
		if _, ok := replaced[name(d)]; !ok {
			out = append(out, d)
		}
	}
	return append(out, upper...)
}
