package signals

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// sends notes when the messages of a request were sent.
func (d *Deriver) sends(t *otlp.Traces, first int) {
	p := &d.pulses
	if len(p.sent) > 0 {
		clear(p.sent)
	}
	for i := first; i < len(t.Spans); i++ {
		if s := &t.Spans[i]; s.Kind == otlp.SpanKindProducer {
			if p.sent == nil {
				p.sent = make(map[sentKey]uint64)
			}
			p.sent[sentKey{s.TraceID, s.SpanID}] = s.End
		}
	}
}

// lived notes what the spans of a request change for the instances of services.
func (d *Deriver) lived(t *otlp.Traces, first int) {
	if len(d.rules.programs) == 0 || d.o.Still {
		return
	}
	d.sends(t, first)
	for i := range d.acts {
		if x := &d.acts[i]; x.typ != nil {
			d.changes(x.typ, x.resource, t, &t.Spans[first+i])
		}
	}
}

// changes notes what a span changes for its instance.
func (d *Deriver) changes(typ *systemType, resource uint32, t *otlp.Traces, s *otlp.Span) {
	number := d.rules.resources[resource].program
	if number == 0 {
		return
	}
	x := &d.rules.programs[number-1]
	i := d.pulses.lifeOf[resource]
	if i == 0 {
		i = d.born(x, resource)
	}
	i--
	serves := s.Kind == otlp.SpanKindServer || s.Kind == otlp.SpanKindConsumer || s.ParentID == otlp.SpanID{}
	lv := uint32(0)
	switch {
	case x.runtime == nil:
	case typ.protocol == "http" && s.Kind == otlp.SpanKindServer:
		lv = d.levelOf(x.active-1, resource, 0, d.dim(t, s, d.rules.keys.method), d.dim(t, s, d.rules.keys.scheme))
	case typ.protocol == "db" && s.Kind == otlp.SpanKindClient:
		d.stretch(ofConnection, i, d.poolLevel(x, resource, t, s), s.Start, s.End)
	}
	if serves {
		d.stretch(ofRequest, i, lv, s.Start, s.End)
		if x.watches {
			d.pulses.changes = append(d.pulses.changes, change{time: s.End, what: ofEnd, life: i})
		}
	}
	if s.Kind == otlp.SpanKindConsumer && typ.protocol == "messaging" {
		d.awaited(x, i, resource, t, s)
	}
}

// born begins the life of an instance.
func (d *Deriver) born(x *program, resource uint32) uint32 {
	p := &d.pulses
	k := uint64(resource) // which of the instances: they follow each other
	for k > 0 && d.rules.resources[k-1].service == d.rules.resources[resource].service {
		k--
	}
	l := life{
		program: x, first: uint32(len(p.series)), sums: uint32(len(p.sums)), since: d.start,
		key: d.o.Streams.Index(d.segment).Index(x.name).Index(uint64(resource) - k),
	}
	if x.runtime != nil {
		l.now.cores, l.now.memory = x.runtime.Cores, x.runtime.Memory
	}
	for i := range x.pulses {
		p.series = append(p.series, d.find(x.pulses[i].metric, d.writer(resource), x.pulses[i].dims, nil))
		p.sums = append(p.sums, 0)
	}
	p.lives = append(p.lives, l)
	p.lifeOf[resource] = uint32(len(p.lives))
	return uint32(len(p.lives))
}

// dim is an attribute of a span as a dimension.
func (d *Deriver) dim(t *otlp.Traces, s *otlp.Span, key otlp.StringID) otlp.Attr {
	a, ok := lookup(t, s.Attrs, key)
	if !ok {
		a = otlp.Attr{Kind: otlp.KindEmpty}
	}
	a.Key = key
	if a.Kind == otlp.KindText {
		r := otlp.UnpackRange(a.Word)
		a.Word = otlp.PackRange(d.kept(t.Text[r.Start:r.End]))
	}
	return a
}

// kept appends to the text that dimensions refer to.
func (d *Deriver) kept(b []byte) otlp.Range {
	p := &d.pulses
	from := uint32(len(p.text))
	p.text = append(p.text, b...)
	return otlp.Range{Start: from, End: uint32(len(p.text))}
}

// levelOf returns one more than the index of the level of a metric with two
// dimensions.
func (d *Deriver) levelOf(metric, resource uint32, keeps int64, dims ...otlp.Attr) uint32 {
	i := d.find(metric, d.writer(resource), dims, d.pulses.text)
	s := &d.series[i]
	if s.level == 0 {
		d.pulses.levels = append(d.pulses.levels, level{series: i, keeps: keeps})
		s.level = uint32(len(d.pulses.levels))
	}
	d.pulses.text = d.pulses.text[:0]
	return s.level
}

// poolLevel is the level of the connections that calls of a database use. A pool is
// known by the database's address, port and namespace.
func (d *Deriver) poolLevel(x *program, resource uint32, t *otlp.Traces, s *otlp.Span) uint32 {
	k, p := &d.rules.keys, &d.pulses
	p.text = p.text[:0]
	for _, part := range [...]struct {
		before string
		key    otlp.StringID
	}{{"", k.address}, {":", k.port}, {"/", k.namespace}} {
		a, ok := lookup(t, s.Attrs, part.key)
		if !ok {
			continue
		}
		p.text = append(p.text, part.before...)
		switch a.Kind {
		case otlp.KindString:
			p.text = append(p.text, d.rules.strs.String(otlp.StringID(a.Word))...)
		case otlp.KindText:
			r := otlp.UnpackRange(a.Word)
			p.text = append(p.text, t.Text[r.Start:r.End]...)
		case otlp.KindInt:
			p.text = strconv.AppendInt(p.text, int64(a.Word), 10)
		}
	}
	name := otlp.Attr{Key: k.pool, Kind: otlp.KindText, Word: otlp.PackRange(otlp.Range{End: uint32(len(p.text))})}
	state := otlp.Attr{Key: k.state, Kind: otlp.KindString, Word: uint64(k.idle)}
	idle := d.find(x.pools-1, d.writer(resource), []otlp.Attr{name, state}, p.text)
	state.Word = uint64(k.used)
	lv := d.levelOf(x.pools-1, resource, x.runtime.Connections, name, state)
	p.levels[lv-1].idle = idle + 1
	return lv
}

// awaited notes how long the messages of a consumer waited for it.
func (d *Deriver) awaited(x *program, i, resource uint32, t *otlp.Traces, s *otlp.Span) {
	lv := uint32(0)
	if x.runtime != nil {
		lv = d.levelOf(x.queues-1, resource, 0, d.dim(t, s, d.rules.keys.group), d.dim(t, s, d.rules.keys.destination))
	}
	below := true
	for _, l := range t.Links[s.Links.Start:s.Links.End] {
		below = below && l.SpanID != s.ParentID
		if end, ok := d.pulses.sent[sentKey{l.TraceID, l.SpanID}]; ok {
			d.stretch(ofMessage, i, lv, end, s.Start)
		}
	}
	if end, ok := d.pulses.sent[sentKey{s.TraceID, s.ParentID}]; ok && below {
		d.stretch(ofMessage, i, lv, end, s.Start)
	}
}

// stretch notes one more of something for a time.
func (d *Deriver) stretch(what uint8, life, lv uint32, from, to uint64) {
	if from > to {
		return
	}
	d.pulses.changes = append(d.pulses.changes,
		change{time: from, what: what, more: true, life: life, level: lv}, change{time: to, what: what, life: life, level: lv})
}
