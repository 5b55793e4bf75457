package profile

import (
	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// template is a LogTemplate while it is counted.
type template struct {
	LogTemplate
	last       uint64 // trace
	attributes table
}

// classLog is a template of records of spans of a class.
type classLog struct {
	template
	class ClassID
	of    uint64 // hash of the template
}

// log counts a log record of a trace, or of none.
func (b *Builder) log(t *intake.Trace, l *intake.Log) {
	size := &b.p.Sizes[otlp.SignalLogs]
	size.Items++
	size.Bytes += uint64(len(l.Raw))
	r := b.resource(l.Resource)
	r.records++
	body := b.body(&l.Body)
	h := join(join(xxhash.Sum64String(body), r.service.hash), join(xxhash.Sum64(l.Event), uint64(l.Severity)))
	early := false
	if t != nil && l.Span >= 0 {
		s := &t.Spans[l.Span]
		early = l.Time < s.Start || l.Time-s.Start < (s.End-s.Start+1)/2
	}
	fresh := func() LogTemplate {
		return LogTemplate{Service: r.service.name, Severity: l.Severity, Event: string(l.Event), Body: body}
	}
	x, room := b.templates.find(h)
	if x == nil && room {
		x = b.templates.put(h, &template{LogTemplate: fresh()})
	}
	if x != nil {
		x.count(b, l, early)
	}
	if t == nil || l.Span < 0 {
		return
	}
	class := b.tree.nodes[l.Span].class
	y, room := b.classLogs.find(join(uint64(class), h))
	if y == nil && room {
		y = b.classLogs.put(join(uint64(class), h), &classLog{template: template{LogTemplate: fresh()}, class: class, of: h})
	}
	if y != nil {
		y.count(b, l, early)
	}
}

func (x *template) count(b *Builder, l *intake.Log, early bool) {
	x.Records++
	if b.trace != 0 && x.last != b.trace {
		x.last = b.trace
		x.Traces++
	}
	if early {
		x.Early++
	}
	x.attributes.count(b, l.Attributes, 1, bareLimit)
}

// body returns the form of a body.
func (b *Builder) body(x *intake.Attribute) string {
	switch x.Kind {
	case otlp.KindText, otlp.KindString:
	case otlp.KindInt, otlp.KindDouble:
		return "{digits}"
	case otlp.KindBool:
		return "{bool}"
	case otlp.KindMap:
		return "{map}"
	case otlp.KindArray:
		return "{array}"
	case otlp.KindBytes:
		return "{bytes}"
	default:
		return ""
	}
	h := sketch.Mix(xxhash.Sum64(x.Text))
	body, ok := b.bodies[h]
	if !ok {
		if len(b.bodies) >= maxCache {
			clear(b.bodies)
		}
		b.room = appendName(b.room[:0], x.Text, true, maxText)
		body = string(b.room)
		b.bodies[h] = body
	}
	return body
}
