package judge

import (
	"encoding/hex"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

// maxText bounds a value, a name or a message that is kept, in bytes.
const maxText = 300

// clip returns a text of its own, at most maxText bytes of it.
func clip(s string) string { return text.Clip(s, maxText) }

// key returns the key of what is found of a kind, by a rule or by none.
func (s *segment) key(kind string, r *rules.Rule) key {
	return key{kind: kind, signal: s.u.Signal, rule: r}
}

// found counts an item. Either of sent and got is nil where there is none. Of the
// first ones an example is made, with the name of what was sent, unless more, which
// may be nil, has other words for it.
func (s *segment) found(k key, sent *match.Sent, got *match.Received, more func(*findings.Example)) {
	s.foundMany(k, 1, sent, got, more)
}

func (s *segment) foundMany(k key, n uint64, sent *match.Sent, got *match.Received, more func(*findings.Example)) {
	if s.run.seen != nil {
		s.run.seen(s, k, n, sent, got)
	}
	g := s.groups.group(k)
	if g.item == s.item && k.field != "" {
		return // another element of a list that was counted
	}
	g.item = s.item
	service, at := "", int64(0)
	switch {
	case sent != nil:
		service, at = s.service(sent.Resource), s.when(sent)
	case got != nil:
		service = s.service(got.Resource)
	}
	g.add(n, service, s.scenario, at)
	if !g.open(s.u.TraceID) {
		return
	}
	e := findings.Example{Where: s.where(sent, got)}
	if more != nil {
		more(&e)
	}
	if e.Message == "" && sent != nil {
		e.Message = s.name(&sent.Item)
	}
	g.show(e)
}

// when returns the time of an item by the clock of the losses, in ns since the
// epoch; 0: not known.
func (s *segment) when(sent *match.Sent) int64 {
	if s.run.o.Ledger {
		return sent.Attempted
	}
	return int64(min(sent.Time, 1<<63-1))
}

// service returns the name of the service that a resource is of.
func (s *segment) service(p *match.Part) string {
	if p == nil {
		return ""
	}
	name, ok := s.services[p.Digest]
	if !ok {
		if v, there := form.Attribute(form.ResourcePart, p.Bytes, "service.name"); there {
			name = clip(v.Text)
		}
		if len(s.services) >= maxServices {
			clear(s.services)
		}
		s.services[p.Digest] = name
	}
	return name
}

// maxServices bounds the resources whose service is remembered.
const maxServices = 4096

// where returns the place of an item.
func (s *segment) where(sent *match.Sent, got *match.Received) findings.Where {
	var w findings.Where
	number := func(n uint64) *uint64 { return &n }
	if s.u.Lap > 0 {
		w.Lap = number(s.u.Lap)
	}
	if sent != nil {
		w.Segment, w.Record = number(s.u.Segment), number(sent.Record)
		if s.u.Signal != otlp.SignalMetrics {
			w.Iteration = number(sent.Iteration)
		}
		w.Service, w.Scenario = s.service(sent.Resource), s.scenario
		w.TraceID, w.SpanID = ids(&sent.Item)
	}
	switch {
	case got == nil && s.output >= 0:
		w.File = s.run.o.Outputs[s.output]
	case got != nil && len(s.run.o.Outputs) > 1 && got.Output < len(s.run.o.Outputs):
		w.File = s.run.o.Outputs[got.Output]
	}
	if sent == nil && got != nil {
		w.Service = s.service(got.Resource)
		w.TraceID, w.SpanID = ids(&got.Item)
		if got.Wire != (otlp.TraceID{}) {
			w.TraceID = hex.EncodeToString(got.Wire[:])
		}
	}
	return w
}

// ids returns the ids of an item in hex, empty where there are none.
func ids(it *match.Item) (trace, span string) {
	if it.TraceID != (otlp.TraceID{}) {
		trace = hex.EncodeToString(it.TraceID[:])
	}
	if it.SpanID != (otlp.SpanID{}) {
		span = hex.EncodeToString(it.SpanID[:])
	}
	return trace, span
}

// name returns what an item is called: the name of a span, the event name or the
// body of a log record, the metric of a data point.
func (s *segment) name(it *match.Item) string {
	if it.Metric != nil {
		return "metric " + text.Quote(string(form.MetricName(it.Metric.Bytes)), maxText)
	}
	var err error
	if s.fields, err = form.AppendFields(s.fields[:0], it.Message, it.Bytes); err != nil {
		return it.Message.String()
	}
	for _, path := range []string{"name", "event_name", "body"} {
		for i := range s.fields {
			if f := &s.fields[i]; f.Path == path && f.Value.Text != "" {
				return it.Message.String() + " " + text.Quote(f.Value.Text, 80)
			}
		}
	}
	return it.Message.String()
}
