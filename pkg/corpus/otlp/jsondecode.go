package otlp

import (
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
)

// recordJSON reads an OTLP/JSON object: 64-bit integers as numbers or strings,
// ids in hex of either case, unknown members and nulls ignored.
func (d *Decoder) recordJSON(payload []byte) error {
	// encoding/json would replace what is not UTF-8 without a word.
	if !utf8.Valid(payload) {
		return errUTF8
	}
	switch d.signal {
	case SignalTraces:
		return d.tracesJSON(payload)
	case SignalMetrics:
		return d.metricsJSON(payload)
	}
	return d.logsJSON(payload)
}

func (d *Decoder) tracesJSON(payload []byte) error {
	var data tracesJSON
	if err := json.Unmarshal(payload, &data); err != nil {
		return err
	}
	for i := range data.ResourceSpans {
		r := &data.ResourceSpans[i]
		resource, err := d.resourceJSON(&r.resourceJSON)
		if err != nil {
			return err
		}
		for j := range r.ScopeSpans {
			s := &r.ScopeSpans[j]
			scope := d.scopeJSON(&s.scopeJSON)
			for k := range s.Spans {
				if err := d.spanJSON(&s.Spans[k], Span{Resource: resource, Scope: scope}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// resourceJSON adds a resource and returns its index.
func (d *Decoder) resourceJSON(r *resourceJSON) (uint32, error) {
	attrs, err := d.attrsJSON(r.Resource.Attributes)
	if err != nil {
		return 0, err
	}
	d.resources = append(d.resources, Resource{Attrs: attrs, SchemaURL: d.strings.ID(r.SchemaURL)})
	return uint32(len(d.resources) - 1), nil
}

// scopeJSON adds a scope and returns its index.
func (d *Decoder) scopeJSON(s *scopeJSON) uint32 {
	d.scopes = append(d.scopes, Scope{Name: d.strings.ID(s.Scope.Name), Version: d.strings.ID(s.Scope.Version)})
	return uint32(len(d.scopes) - 1)
}

// spanJSON reads j into s and adds it.
func (d *Decoder) spanJSON(j *spanJSON, s Span) (err error) {
	t := d.traces
	if err := d.idsJSON(&s, j); err != nil {
		return err
	}
	s.Name, s.Message = d.strings.ID(j.Name), d.strings.ID(j.Status.Message)
	s.Start, s.End = uint64(j.Start), uint64(j.End)
	if s.Kind, err = enum(uint64(j.Kind)); err != nil {
		return err
	}
	if s.Status, err = enum(uint64(j.Status.Code)); err != nil {
		return err
	}
	if s.Flags, err = flags(j.Flags); err != nil {
		return err
	}
	if s.Attrs, err = d.attrsJSON(j.Attributes); err != nil {
		return err
	}
	s.Events.Start, s.Links.Start = uint32(len(t.Events)), uint32(len(t.Links))
	for i := range j.Events {
		e := &j.Events[i]
		attrs, err := d.attrsJSON(e.Attributes)
		if err != nil {
			return err
		}
		t.Events = append(t.Events, Event{Time: uint64(e.Time), Name: d.strings.ID(e.Name), Attrs: attrs})
	}
	for i := range j.Links {
		if err := d.linkJSON(&j.Links[i]); err != nil {
			return err
		}
	}
	s.Events.End, s.Links.End = uint32(len(t.Events)), uint32(len(t.Links))
	t.Spans = append(t.Spans, s)
	return nil
}

func (d *Decoder) idsJSON(s *Span, j *spanJSON) error {
	if err := copyID(s.TraceID[:], j.TraceID); err != nil {
		return err
	}
	if err := copyID(s.SpanID[:], j.SpanID); err != nil {
		return err
	}
	return copyID(s.ParentID[:], j.ParentSpanID)
}

func (d *Decoder) linkJSON(j *linkJSON) (err error) {
	var l Link
	if err := copyID(l.TraceID[:], j.TraceID); err != nil {
		return err
	}
	if err := copyID(l.SpanID[:], j.SpanID); err != nil {
		return err
	}
	if l.Flags, err = flags(j.Flags); err != nil {
		return err
	}
	l.Attrs, err = d.attrsJSON(j.Attributes)
	d.traces.Links = append(d.traces.Links, l)
	return err
}

func flags(v uintJSON) (uint32, error) {
	if v > math.MaxUint32 {
		return 0, fmt.Errorf("flags %d out of range", v)
	}
	return uint32(v), nil
}

// attrsJSON reads a list of attributes.
func (d *Decoder) attrsJSON(list []keyValueJSON) (Range, error) {
	base := len(d.stack)
	for i := range list {
		a := Attr{Key: d.strings.ID(list[i].Key)}
		if err := d.valueJSON(&list[i].Value, &a); err != nil {
			return Range{}, err
		}
		d.stack = append(d.stack, a)
	}
	return d.finish(base), nil
}

// valueJSON reads v into the kind and word of a.
func (d *Decoder) valueJSON(v *valueJSON, a *Attr) error {
	switch {
	case v.String != nil:
		a.Kind, a.Word = KindText, d.keep([]byte(*v.String))
	case v.Bool != nil:
		a.Kind, a.Word = KindBool, 0
		if *v.Bool {
			a.Word = 1
		}
	case v.Int != nil:
		a.Kind, a.Word = KindInt, uint64(*v.Int)
	case v.Double != nil:
		a.Kind, a.Word = KindDouble, math.Float64bits(float64(*v.Double))
	case v.Bytes != nil:
		a.Kind, a.Word = KindBytes, d.keep(*v.Bytes)
	case v.Array != nil, v.Map != nil:
		return d.listJSON(v, a)
	default:
		a.Kind, a.Word = KindEmpty, 0
	}
	return nil
}

func (d *Decoder) listJSON(v *valueJSON, a *Attr) error {
	if err := d.deeper(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	if v.Map != nil {
		r, err := d.attrsJSON(v.Map.Values)
		a.Kind, a.Word = KindMap, PackRange(r)
		return err
	}
	base := len(d.stack)
	for i := range v.Array.Values {
		var e Attr
		if err := d.valueJSON(&v.Array.Values[i], &e); err != nil {
			return err
		}
		d.stack = append(d.stack, e)
	}
	a.Kind, a.Word = KindArray, PackRange(d.finish(base))
	return nil
}
