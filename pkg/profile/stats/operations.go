package stats

import (
	"cmp"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// classes returns the classes in an order that depends on nothing else.
func classes(p *profile.Profile) []*profile.Class {
	all := make([]*profile.Class, 0, len(p.Classes))
	for _, id := range slices.Sorted(maps.Keys(p.Classes)) {
		all = append(all, p.Classes[id])
	}
	return all
}

// operations adds up classes that are of the same operation.
func operations(p *profile.Profile, seconds float64) []Operation {
	type merged struct {
		Operation
		duration, own sketch.Numbers
	}
	by := make(map[profile.OperationID]*merged)
	var order []*merged
	total := 0.0
	for _, c := range classes(p) {
		m := by[c.Operation]
		if m == nil {
			m = &merged{Operation: Operation{Service: text.Clean(c.Service), Name: text.Clean(c.Name), Kind: otlp.SpanKindName(c.Kind)}}
			by[c.Operation] = m
			order = append(order, m)
		}
		m.Spans += c.Spans
		m.Roots += c.Roots
		if c.Outcome != "" {
			m.Errors += c.Spans
		}
		m.duration.Merge(c.Duration)
		m.own.Merge(c.Own)
		total += sum(c.Own)
	}
	all := make([]Operation, 0, len(order))
	for _, m := range order {
		o := m.Operation
		o.Share, o.ErrorRate, o.PerSecond = share(o.Spans, p.Sizes[otlp.SignalTraces].Items), share(o.Errors, o.Spans), per(o.Spans, seconds)
		o.Duration, o.Own = spread(&m.duration), spread(&m.own)
		if total > 0 {
			o.OwnShare = round(sum(&m.own) / total)
		}
		all = append(all, o)
	}
	slices.SortStableFunc(all, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.Spans, a.Spans), byName(a, b))
	})
	return all
}

func byName(a, b Operation) int {
	return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
}

// Slowest returns the operations by the 99th percentile of their durations, the
// longest first.
func (r *Report) Slowest() []Operation {
	all := slices.Clone(r.Operations)
	slices.SortStableFunc(all, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.Duration.P99, a.Duration.P99), byName(a, b))
	})
	return all
}

// services returns all that tell something of themselves.
func services(p *profile.Profile, operations []Operation) []Service {
	by := make(map[string]*Service)
	of := func(name string) *Service {
		name = text.Clean(name)
		if by[name] == nil {
			by[name] = &Service{Name: name}
		}
		return by[name]
	}
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		x, s := p.Services[name], of(name)
		s.Spans += x.Spans
		s.Points += x.Points
		s.LogRecords += x.LogRecords
		s.Instances += x.Instances.Distinct()
	}
	for _, c := range classes(p) {
		s := of(c.Service)
		s.Roots += c.Roots
		if c.Above == 0 {
			s.Entered += c.Spans
			if c.Outcome != "" {
				s.EnterErrors += c.Spans
			}
		}
	}
	for i := range operations {
		s := of(operations[i].Service)
		s.Operations++
		s.OwnShare = round(s.OwnShare + operations[i].OwnShare)
	}
	all := make([]Service, 0, len(by))
	for _, name := range slices.Sorted(maps.Keys(by)) {
		s := *by[name]
		s.ErrorRate = share(s.EnterErrors, s.Entered)
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b Service) int {
		return cmp.Or(cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// failures adds up classes of an operation with the same outcome and target.
func failures(p *profile.Profile) []Failure {
	by := make(map[Failure]*Failure)
	var order []*Failure
	began := uint64(0)
	for _, c := range classes(p) {
		if c.Outcome == "" {
			continue
		}
		key := Failure{Service: text.Clean(c.Service), Name: text.Clean(c.Name), Kind: otlp.SpanKindName(c.Kind), Outcome: text.Clean(c.Outcome), Target: text.Clean(c.Target)}
		f := by[key]
		if f == nil {
			f = new(Failure)
			*f = key
			by[key] = f
			order = append(order, f)
		}
		f.Spans += c.Spans
		f.Began += c.Caused
		began += c.Caused
	}
	all := make([]Failure, 0, len(order))
	for _, f := range order {
		f.Share = share(f.Began, began)
		all = append(all, *f)
	}
	slices.SortStableFunc(all, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(b.Began, a.Began), cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Target, b.Target))
	})
	return all
}
