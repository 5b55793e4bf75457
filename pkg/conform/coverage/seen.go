package coverage

import (
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Seen is what was seen of a registry. It takes the records of a corpus, in any
// order, and its memory does not grow with them. It is not safe for concurrent use:
// each worker has one, and they are joined.
type Seen struct {
	c *Counted

	signals, attributes, uses, members []bool

	strings *otlp.Strings // the table that keys are of
	keys    []*key        // by StringID; nil: not looked up

	here []uint32 // by number of a key: the list that had it last
	list uint32   // the list at hand

	services []service // of the resources of a record
}

// key is what the name of an attribute is.
type key struct {
	numbers   []int32 // of keys, the longest first
	attribute int32   // that the registry defines; -1: none
}

// Seen returns a collection to which nothing was shown yet.
func (c *Counted) Seen() *Seen {
	return &Seen{
		c: c, signals: make([]bool, len(c.signals)), attributes: make([]bool, len(c.attributes)), uses: make([]bool, len(c.uses)),
		members: make([]bool, c.members), here: make([]uint32, len(c.names)),
	}
}

// Join adds what another has seen of the same registry.
func (s *Seen) Join(other *Seen) {
	for i, list := range [][]bool{other.signals, other.attributes, other.uses, other.members} {
		mine := [][]bool{s.signals, s.attributes, s.uses, s.members}[i]
		for n, seen := range list {
			mine[n] = mine[n] || seen
		}
	}
}

// record is what the attributes of a record are of.
type record struct {
	strings *otlp.Strings
	attrs   []otlp.Attr
	text    []byte
}

// Traces takes a record of traces: types of spans, events of spans, entities and
// attributes.
func (s *Seen) Traces(t *otlp.Traces) {
	r := record{t.Strings, t.Attrs, t.Text}
	s.begin(t.Strings)
	s.resources(r, t.Resources)
	for i := range t.Spans {
		x := &t.Spans[i]
		s.note(r, x.Attrs)
		if int(x.Resource) < len(s.services) {
			s.use(s.typeOf(s.services[x.Resource][t.Strings.String(x.Name)], x.Kind), r, x.Attrs)
		}
		for _, e := range t.Events[x.Events.Start:x.Events.End] {
			s.note(r, e.Attrs)
			s.use(s.named(events, t.Strings.String(e.Name)), r, e.Attrs)
		}
		for _, l := range t.Links[x.Links.Start:x.Links.End] {
			s.note(r, l.Attrs)
		}
	}
}

// Metrics takes a record of metrics.
func (s *Seen) Metrics(m *otlp.Metrics) {
	r := record{m.Strings, m.Attrs, m.Text}
	s.begin(m.Strings)
	s.resources(r, m.Resources)
	for i := range m.Metrics {
		x := &m.Metrics[i]
		of := s.named(metrics, m.Strings.String(x.Name))
		for _, p := range m.Points[x.Points.Start:x.Points.End] {
			s.note(r, p.Attrs)
			s.use(of, r, p.Attrs)
			for _, e := range m.Exemplars[p.Exemplars.Start:p.Exemplars.End] {
				s.note(r, e.Attrs)
			}
		}
	}
}

// Logs takes a record of logs.
func (s *Seen) Logs(l *otlp.Logs) {
	r := record{l.Strings, l.Attrs, l.Text}
	s.begin(l.Strings)
	s.resources(r, l.Resources)
	for i := range l.Records {
		x := &l.Records[i]
		s.note(r, x.Attrs)
		if x.EventName != 0 {
			s.use(s.named(events, l.Strings.String(x.EventName)), r, x.Attrs)
		}
	}
}

// begin prepares for a record. What was looked up by id is of one table.
func (s *Seen) begin(strings *otlp.Strings) {
	if strings != s.strings {
		s.strings = strings
		clear(s.keys)
		s.keys = s.keys[:0]
	}
	if n := strings.Len(); n > len(s.keys) {
		s.keys = append(s.keys, make([]*key, n-len(s.keys))...)
	}
}

// key looks up the name of an attribute.
func (s *Seen) key(id otlp.StringID) *key {
	if k := s.keys[id]; k != nil {
		return k
	}
	k := &key{numbers: s.c.numbersOf(s.strings.String(id)), attribute: -1}
	for _, n := range k.numbers {
		if a, ok := s.c.own[n]; ok {
			k.attribute = a
			break
		}
	}
	s.keys[id] = k
	return k
}

// note takes a list of attributes, which is the list at hand then.
func (s *Seen) note(r record, list otlp.Range) {
	if s.list++; s.list == 0 { // after very many
		clear(s.here)
		s.list = 1
	}
	for i := list.Start; i < list.End; i++ {
		k := s.key(r.attrs[i].Key)
		for _, n := range k.numbers {
			s.here[n] = s.list
		}
		if k.attribute < 0 {
			continue
		}
		s.attributes[k.attribute] = true
		if a := &s.c.attributes[k.attribute]; a.members != nil {
			s.member(r, a, &r.attrs[i])
		}
	}
}

// member takes the value of an enumeration, or a list of such.
func (s *Seen) member(r record, a *attribute, v *otlp.Attr) {
	n, ok := int32(0), false
	switch v.Kind {
	case otlp.KindString:
		n, ok = a.members[r.strings.String(otlp.StringID(v.Word))]
	case otlp.KindText:
		text := otlp.UnpackRange(v.Word)
		n, ok = a.members[string(r.text[text.Start:text.End])]
	case otlp.KindInt:
		var digits [20]byte
		n, ok = a.members[string(strconv.AppendInt(digits[:0], int64(v.Word), 10))]
	case otlp.KindArray:
		list := otlp.UnpackRange(v.Word)
		for i := list.Start; i < list.End; i++ {
			if r.attrs[i].Kind != otlp.KindArray { // which no enumeration has in it
				s.member(r, a, &r.attrs[i])
			}
		}
	}
	if ok {
		s.members[n] = true
	}
}

// named returns the signal of a name, -1 for none.
func (s *Seen) named(k kind, name string) int32 {
	if i, ok := s.c.named[k][name]; ok {
		return i
	}
	return -1
}

// use notes that a signal was seen, with the attributes of the list at hand: each is a
// use of its own key, or of the longest template that the signal has for it.
func (s *Seen) use(signal int32, r record, list otlp.Range) {
	if signal < 0 {
		return
	}
	s.signals[signal] = true
	x := &s.c.signals[signal]
	for i := list.Start; i < list.End; i++ {
		for _, n := range s.key(r.attrs[i].Key).numbers {
			if at, ok := slices.BinarySearch(x.keys, n); ok {
				s.uses[x.first+int32(at)] = true
				break
			}
		}
	}
}

// resources takes the resources of a record: the entities that they tell of, and the
// services that they are of.
func (s *Seen) resources(r record, list []otlp.Resource) {
	s.services = s.services[:0]
	for i := range list {
		of := list[i].Attrs
		s.note(r, of)
		s.services = append(s.services, s.serviceOf(r, of))
		for at := of.Start; at < of.End; at++ {
			for _, n := range s.key(r.attrs[at].Key).numbers {
				for _, e := range s.c.entities[n] {
					if x := &s.c.signals[e]; x.any || s.all(x.required) {
						s.use(e, r, of)
					}
				}
			}
		}
	}
}

// all reports whether the list at hand has all of some keys.
func (s *Seen) all(keys []int32) bool {
	for _, n := range keys {
		if s.here[n] != s.list {
			return false
		}
	}
	return true
}

// serviceOf returns what the service of a resource emits; nil: it is of no system.
func (s *Seen) serviceOf(r record, list otlp.Range) service {
	for i := list.Start; i < list.End; i++ {
		a := &r.attrs[i]
		if r.strings.String(a.Key) != "service.name" {
			continue
		}
		switch a.Kind {
		case otlp.KindString:
			return s.c.systems[r.strings.String(otlp.StringID(a.Word))]
		case otlp.KindText:
			text := otlp.UnpackRange(a.Word)
			return s.c.systems[string(r.text[text.Start:text.End])]
		}
	}
	return nil
}

// typeOf returns of which type a span is, whose attributes are the list at hand, -1 for
// none. Of several that a service emits under one name it is the first that can be told
// by what its type requires, else the first of its kind.
func (s *Seen) typeOf(emitted []semconv.SystemSpan, kind uint8) int32 {
	first := int32(-1)
	for i := range emitted {
		if emitted[i].Kind != kind {
			continue
		}
		of := s.named(spans, emitted[i].Type)
		switch {
		case of < 0:
		case s.all(s.c.signals[of].required):
			return of
		case first < 0:
			first = of
		}
	}
	return first
}
