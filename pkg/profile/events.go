package profile

import "github.com/otelsim/otelsim/pkg/profile/intake"

// mostSteps is of how many events of a span it is counted which place they have.
const mostSteps = 16

// event is an Event while it is counted.
type event struct {
	Event
	name       string
	last       uint64 // the span of the class that had it last
	trace      uint64 // likewise
	attributes table
}

// eventTables are the tables of what has attributes of events.
func (c *class) eventTables() [2]*lowest[event] { return [...]*lowest[event]{c.events, c.steps} }

// StepKey is what Class.Steps has an event by: its place among those of its span, and its name.
func StepKey(place int, name string) string { return string(rune('a'+place)) + name }

// StepOf is the inverse of StepKey.
func StepOf(key string) (place int, name string) { return int(key[0] - 'a'), key[1:] }

// events counts those of a span: by name, and where there are several by their place too, since
// that is what tells in which order they come.
func (b *Builder) events(c *class, s *intake.Span) {
	for i := range s.Events {
		if len(s.Events) > 1 && i < mostSteps {
			b.room = appendName(append(b.room[:0], 'a'+byte(i)), s.Events[i].Name, false, maxName)
			b.event(c, c.steps, &s.Events[i], b.room)
		}
		b.room = appendName(b.room[:0], s.Events[i].Name, false, maxName)
		b.event(c, c.events, &s.Events[i], b.room)
	}
}

// event counts one by a name.
func (b *Builder) event(c *class, in *lowest[event], e *intake.Event, name []byte) {
	h := keyHash(name)
	x, room := in.find(h)
	if x == nil && room {
		x = in.put(h, &event{name: string(name)})
	}
	if x == nil {
		return
	}
	x.Count++
	if x.last != c.Spans {
		x.last = c.Spans
		x.Spans++
	}
	if x.trace != b.trace {
		x.trace = b.trace
		x.Traces++
	}
	x.attributes.count(b, e.Attributes, 1, levels[b.level])
}

// exportEvents returns what a Profile has of a table of them.
func exportEvents(l *lowest[event], keys int) map[string]*Event {
	out := make(map[string]*Event, len(l.items))
	for _, e := range l.items { // order-free: by name
		e.Attributes = e.attributes.export(keys)
		out[e.name] = &e.Event
	}
	return out
}

// absorbEvents adds what a Profile has of a table of them.
func (b *Builder) absorbEvents(l *lowest[event], from map[string]*Event) {
	for _, name := range sortedKeys(from) {
		h := keyHash([]byte(name))
		e, room := l.find(h)
		if e == nil && room {
			e = l.put(h, &event{name: name})
		}
		if e != nil {
			o := from[name]
			e.Count += o.Count
			e.Spans += o.Spans
			e.Traces += o.Traces
			e.attributes.absorb(b, o.Attributes, levels[b.level], false)
		}
	}
}
