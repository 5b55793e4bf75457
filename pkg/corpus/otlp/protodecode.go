package otlp

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// recordProto reads TracesData, MetricsData or LogsData, which are numbered
// alike down to their items.
func (d *Decoder) recordProto(payload []byte) error {
	return d.eachField(payload, dataOrder, func(f field) error {
		if f.is(1, wireBytes) {
			return d.resourceItems(f.bytes)
		}
		return nil
	})
}

// resourceItems reads Resource{Spans,Metrics,Logs}. The resource may come after
// the items that refer to it; its attributes wait on the stack below theirs.
func (d *Decoder) resourceItems(b []byte) error {
	base := len(d.stack)
	at := uint32(len(d.resources))
	d.resources = append(d.resources, Resource{})
	named, some := false, false
	err := d.eachField(b, itemsOrder, func(f field) (err error) {
		switch {
		case f.is(1, wireBytes):
			named, err = true, d.attrsOf(f.bytes)
		case f.is(2, wireBytes):
			some, err = true, d.scopeItems(f.bytes, at)
		case f.is(3, wireBytes):
			d.resources[at].SchemaURL, err = d.name(&f)
		}
		return err
	})
	d.resources[at].Attrs = d.finish(base)
	d.told(named && some)
	return err
}

// attrsOf reads a message of which only the attributes, field 1, matter.
func (d *Decoder) attrsOf(b []byte) error {
	return d.eachField(b, attrsOrder, func(f field) error {
		if f.is(1, wireBytes) {
			return d.keyValue(f.bytes)
		}
		return nil
	})
}

// scopeItems reads Scope{Spans,Metrics,Logs}.
func (d *Decoder) scopeItems(b []byte, resource uint32) error {
	at := uint32(len(d.scopes))
	d.scopes = append(d.scopes, Scope{})
	named, some := false, false
	err := d.eachField(b, itemsOrder, func(f field) error {
		switch {
		case f.is(1, wireBytes):
			named = true
			return d.scope(f.bytes, &d.scopes[at])
		case f.is(2, wireBytes):
			some = true
			switch d.signal {
			case SignalTraces:
				return d.span(f.bytes, Span{Resource: resource, Scope: at})
			case SignalMetrics:
				return d.metric(f.bytes, Metric{Resource: resource, Scope: at})
			}
			return d.logRecord(f.bytes, LogRecord{Resource: resource, Scope: at, Body: Attr{Kind: KindEmpty}})
		}
		d.spelt = false // the schema of a scope, which has no place in the model
		return nil
	})
	d.told(named && some)
	return err
}

func (d *Decoder) scope(b []byte, s *Scope) error {
	return d.eachField(b, scopeOrder, func(f field) (err error) {
		switch {
		case f.is(1, wireBytes):
			s.Name, err = d.name(&f)
		case f.is(2, wireBytes):
			s.Version, err = d.name(&f)
		}
		return err
	})
}

// span reads a Span into s and adds it.
func (d *Decoder) span(b []byte, s Span) (err error) {
	t, base := d.traces, len(d.stack)
	s.Events.Start, s.Links.Start = uint32(len(t.Events)), uint32(len(t.Links))
	last := uint8(0)
	var f field
	for len(b) > 0 && err == nil {
		if b, err = f.read(b); err != nil {
			break
		}
		last = spanOrder.after(last, &f)
		switch {
		case f.is(9, wireBytes):
			err = d.keyValue(f.bytes)
		case f.is(11, wireBytes):
			err = d.event(f.bytes)
		case f.is(13, wireBytes):
			err = d.link(f.bytes)
		case f.is(15, wireBytes):
			err = d.status(f.bytes, &s)
		default:
			err = d.spanScalar(&f, &s)
		}
	}
	s.Attrs = d.finish(base)
	s.Events.End, s.Links.End = uint32(len(t.Events)), uint32(len(t.Links))
	t.Spans = append(t.Spans, s)
	d.like(last)
	return err
}

// spanScalar reads the fields of a Span that are no messages.
func (d *Decoder) spanScalar(f *field, s *Span) (err error) {
	switch {
	case f.is(1, wireBytes):
		err = d.id(s.TraceID[:], f.bytes)
	case f.is(2, wireBytes):
		err = d.id(s.SpanID[:], f.bytes)
	case f.is(4, wireBytes):
		err = d.id(s.ParentID[:], f.bytes)
	case f.is(5, wireBytes):
		s.Name, err = d.name(f)
	case f.is(6, wireVarint):
		s.Kind, err = enum(f.num)
	case f.is(7, wireFixed64):
		s.Start = f.num
	case f.is(8, wireFixed64):
		s.End = f.num
	case f.is(16, wireFixed32):
		s.Flags = uint32(f.num)
	}
	return err
}

// enum narrows an enum, whose values in OTLP are small.
func enum(v uint64) (uint8, error) {
	if v > 127 {
		return 0, fmt.Errorf("enum value %d out of range", int64(v))
	}
	return uint8(v), nil
}

func (d *Decoder) status(b []byte, s *Span) error {
	return d.eachField(b, statusOrder, func(f field) (err error) {
		switch {
		case f.is(2, wireBytes):
			s.Message, err = d.name(&f)
		case f.is(3, wireVarint):
			s.Status, err = enum(f.num)
		}
		return err
	})
}

func (d *Decoder) event(b []byte) error {
	var e Event
	base := len(d.stack)
	err := d.eachField(b, eventOrder, func(f field) (err error) {
		switch {
		case f.is(1, wireFixed64):
			e.Time = f.num
		case f.is(2, wireBytes):
			e.Name, err = d.name(&f)
		case f.is(3, wireBytes):
			err = d.keyValue(f.bytes)
		}
		return err
	})
	e.Attrs = d.finish(base)
	d.traces.Events = append(d.traces.Events, e)
	return err
}

func (d *Decoder) link(b []byte) error {
	var l Link
	base := len(d.stack)
	err := d.eachField(b, linkOrder, func(f field) (err error) {
		switch {
		case f.is(1, wireBytes):
			err = d.id(l.TraceID[:], f.bytes)
		case f.is(2, wireBytes):
			err = d.id(l.SpanID[:], f.bytes)
		case f.is(4, wireBytes):
			err = d.keyValue(f.bytes)
		case f.is(6, wireFixed32):
			l.Flags = uint32(f.num)
		}
		return err
	})
	l.Attrs = d.finish(base)
	d.traces.Links = append(d.traces.Links, l)
	return err
}

// keyValue reads a KeyValue and pushes it. Of a value that is given twice the
// last counts.
func (d *Decoder) keyValue(b []byte) (err error) {
	var key StringID
	var f field
	v := Attr{Kind: KindEmpty}
	if name, value, ok := plainKeyValue(b); ok {
		f.tag, f.bytes = 1<<3|wireBytes, name
		if key, err = d.name(&f); err == nil {
			v, err = d.value(value)
		}
		b = nil
	} else {
		d.spelt = false
	}
	for len(b) > 0 && err == nil {
		if b, err = f.read(b); err != nil {
			break
		}
		switch {
		case f.is(1, wireBytes):
			key, err = d.name(&f)
		case f.is(2, wireBytes):
			v, err = d.value(f.bytes)
		}
	}
	v.Key = key
	d.stack = append(d.stack, v)
	return err
}

// plainKeyValue takes a KeyValue apart that is a short key and a value of less than
// 16 KiB, as nearly all are, spelt as the appenders do, and reports whether it is.
func plainKeyValue(b []byte) (key, value []byte, ok bool) {
	if len(b) < 2 || b[0] != 1<<3|wireBytes || b[1] >= 0x80 || b[1] == 0 || len(b) < int(b[1])+3 {
		return nil, nil, false
	}
	key, b = b[2:2+b[1]], b[2+b[1]:]
	if b[0] != 2<<3|wireBytes {
		return nil, nil, false
	}
	value, ok = plainBytes(b)
	return key, value, ok
}

// plainBytes returns the bytes of a field whose tag is a byte and that is all of b, of at
// most 16 KiB, with a length of as few bytes as that takes, and reports whether it is such
// a one.
func plainBytes(b []byte) ([]byte, bool) {
	if len(b) >= 2 && b[1] < 0x80 {
		return b[2:], int(b[1]) == len(b)-2
	}
	if len(b) >= 3 && b[2] < 0x80 && b[2] > 0 {
		return b[3:], int(b[1]&0x7f)|int(b[2])<<7 == len(b)-3
	}
	return nil, false
}

// value reads an AnyValue into the kind and word of an Attr. Most are of one field, whose
// tag is one byte.
func (d *Decoder) value(b []byte) (a Attr, err error) {
	if len(b) > 1 {
		switch b[0] {
		case tagStringValue:
			if text, ok := plainBytes(b); ok && utf8.Valid(text) {
				return Attr{Kind: KindText, Word: d.keep(text)}, nil
			}
		case tagIntValue:
			if len(b) == 2 && b[1] < 0x80 {
				return Attr{Kind: KindInt, Word: uint64(b[1])}, nil
			}
		case tagBoolValue:
			if len(b) == 2 && b[1] < 2 {
				return Attr{Kind: KindBool, Word: uint64(b[1])}, nil
			}
		case tagDoubleValue:
			if len(b) == 9 {
				return Attr{Kind: KindDouble, Word: binary.LittleEndian.Uint64(b[1:])}, nil
			}
		}
	}
	return d.anyValue(b)
}

// anyValue is value for what is spelt in any way.
func (d *Decoder) anyValue(b []byte) (a Attr, err error) {
	a.Kind = KindEmpty
	var f field
	for fields := 0; len(b) > 0 && err == nil; fields++ {
		if b, err = f.read(b); err != nil {
			break
		}
		known := true
		switch {
		case f.is(1, wireBytes):
			if !utf8.Valid(f.bytes) {
				err = fmt.Errorf("%w: attribute value", errUTF8)
				break
			}
			a.Kind, a.Word = KindText, d.keep(f.bytes)
		case f.is(2, wireVarint):
			a.Kind, a.Word = KindBool, min(f.num, 1)
			known = f.num <= 1
		case f.is(3, wireVarint):
			a.Kind, a.Word = KindInt, f.num
		case f.is(4, wireFixed64):
			a.Kind, a.Word = KindDouble, f.num
		case f.is(5, wireBytes):
			a, err = d.list(f.bytes, KindArray)
		case f.is(6, wireBytes):
			a, err = d.list(f.bytes, KindMap)
		case f.is(7, wireBytes):
			a.Kind, a.Word = KindBytes, d.keep(f.bytes)
		default:
			known = false
		}
		d.told(known && fields == 0 && !f.padded)
	}
	return a, err
}

// list reads an ArrayValue or a KeyValueList.
func (d *Decoder) list(b []byte, kind Kind) (Attr, error) {
	if err := d.deeper(); err != nil {
		return Attr{}, err
	}
	base := len(d.stack)
	err := d.eachField(b, listOrder, func(f field) error {
		if !f.is(1, wireBytes) {
			return nil
		}
		if kind == KindMap {
			return d.keyValue(f.bytes)
		}
		e, err := d.value(f.bytes)
		d.stack = append(d.stack, e)
		return err
	})
	d.depth--
	return Attr{Kind: kind, Word: PackRange(d.finish(base))}, err
}
