package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Service is who answers the calls of a tool server: a process of its own.
type Service struct {
	Pos        input.Pos
	Attributes []Attribute // of its resource, with the service first
	Address    string      // where it is called
	Port       int64       // 0: not said
	Member     int         // one more than its index in Config.Services, which say all else; 0: none of them
}

// service reads the service of a tool server; nil when it has none.
func (l *loader) service(m input.Map) *Service {
	n := m.Get("service")
	switch {
	case n == nil:
		return nil
	case n.Kind != input.Mapping:
		return l.serviceNamed(n)
	}
	s, ok := n.Map(l.p, serviceKeys...)
	if !ok {
		return nil
	}
	out := &Service{Pos: s.At("name")}
	name := s.Need("name")
	add := func(key, value string, pos input.Pos) {
		if value != "" {
			out.Attributes = append(out.Attributes, Attribute{Key: key, Value: Value{Kind: String, Str: value}, Pos: pos})
		}
	}
	add("service.name", name, s.At("name"))
	for _, key := range []string{"version", "namespace"} {
		add("service."+key, s.Str(key, ""), s.At(key))
	}
	add("service.instance.id", s.Str("instance", name), s.At("instance"))
	more, _ := s.Map("attributes")
	for _, e := range more.Entries() {
		v, ok := e.Value.Str(l.p)
		if slices.ContainsFunc(out.Attributes, func(a Attribute) bool { return a.Key == e.Key }) {
			l.p.Errorf(e.Pos, "attribute %s: given twice", e.Key)
			continue
		}
		if ok {
			add(e.Key, v, e.Pos)
		}
	}
	out.Address = s.Str("address", name)
	out.Port = s.Int("port", 0, 1, 65535)
	return out
}
