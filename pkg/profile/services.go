package profile

import (
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// service is a Service while it is counted.
type service struct {
	Service
	name       string
	hash       uint64
	attributes table
	lives      *lowest[sketch.Windows]
	alike      *lowest[resourceKey]
}

// resourceKey is an attribute of the resources of a service while it is counted.
type resourceKey struct {
	Alike Alike
	pairs *sketch.Values
	lastTrace
	name string
}

// resourceKey returns an attribute; where there is no room, one that nothing comes of.
func (s *service) resourceKey(name string) *resourceKey {
	h := join(s.hash, keyHash([]byte(name)))
	k, room := s.alike.find(h)
	if k == nil {
		k = &resourceKey{name: name, pairs: newValues(fewLimit), lastTrace: lastTrace{hash: h}}
		if room {
			s.alike.put(h, k)
		}
	}
	return k
}

// Windows of the life of an instance.
const lifeWindows, lifeShift = 256, 24

// life returns that of an instance; where there is no room, one that nothing comes of.
func (s *service) life(h uint64) *sketch.Windows {
	w, room := s.lives.find(h)
	if w == nil {
		w = sketch.NewWindows(lifeWindows, lifeShift)
		if room {
			s.lives.put(h, w)
		}
	}
	return w
}

// resource is what is counted of a resource and not yet of its service.
type resource struct {
	service                *service
	from                   *intake.Resource
	touched                bool
	spans, points, records uint64
	start                  uint64         // of the first of these spans
	keys                   []*resourceKey // as from.Attributes, as the next
	values                 []uint64       // hashes
}

// unknown stands for items without a resource.
var unknown = &intake.Resource{Service: "unknown_service"}

func (b *Builder) serviceOf(name string) *service {
	h := sketch.Mix(xxhash.Sum64String(name))
	s, room := b.services.find(h)
	if s == nil {
		s = &service{name: name, hash: h, Service: Service{Instances: newValues(fewLimit)}, lives: newLowest[sketch.Windows](fewLimit.most, nil), alike: newLowest[resourceKey](b.o.Keys, nil)}
		if room {
			b.services.put(h, s)
		}
		b.touched.twice = b.touched.twice || !room
	}
	return s
}

// resource returns that of an item, which is counted there until flushResources.
func (b *Builder) resource(from *intake.Resource) *resource {
	if from == nil {
		from = unknown
	}
	r := b.resources[from.Hash]
	if r == nil {
		if len(b.resources) >= maxCache {
			b.flushResources()
			clear(b.resources)
		}
		r = &resource{service: b.serviceOf(from.Service), from: from}
		for i := range from.Attributes {
			x := &from.Attributes[i]
			r.keys, r.values = append(r.keys, r.service.resourceKey(string(x.Key))), append(r.values, valueHash(x))
		}
		b.touched.twice = b.touched.twice || r.service.alike.bound != 0
		b.resources[from.Hash] = r
	}
	if !r.touched {
		r.touched = true
		b.touched.resources = append(b.touched.resources, r)
	}
	return r
}

// flushResources counts what items of the trace under way say of services.
func (b *Builder) flushResources() {
	for _, r := range b.touched.resources {
		n := r.spans + r.points + r.records
		s := r.service
		s.Spans += r.spans
		s.Points += r.points
		s.LogRecords += r.records
		if n > 0 {
			kind := otlp.KindText
			if b.word = append(b.word[:0], r.from.Instance...); len(b.word) == 0 {
				kind = otlp.KindBytes
				b.word = fmt.Appendf(b.word, "%016x", r.from.Hash)
			}
			h := s.Instances.AddN(kind, b.word, n, b.trace)
			if r.spans > 0 {
				s.life(h).Add(r.start, 1)
				b.ofResource(r, h)
			}
			s.attributes.count(b, r.from.Attributes, n, fewLimit)
		}
		r.spans, r.points, r.records, r.touched = 0, 0, 0, false
	}
	b.touched.resources = b.touched.resources[:0]
}

// ofResource notes the values that a resource of spans, which is of an instance, has in the
// trace under way.
func (b *Builder) ofResource(r *resource, instance uint64) {
	for i, k := range r.keys {
		k.pairs.AddWord(otlp.KindInt, join(instance, r.values[i]), 1, b.trace)
		if k.meet(b.trace, r.values[i]) {
			b.touched.inTrace = append(b.touched.inTrace, k)
		}
	}
}

// exportAlike says how often attributes have one value, in a trace and of an instance.
func (s *service) exportAlike() {
	s.alike.trim()
	s.Alike, s.Pairs = make(map[string]*Alike, len(s.alike.items)), make(map[string]*sketch.Values, len(s.alike.items))
	for _, k := range s.alike.items { // order-free: by name
		s.Alike[k.name], s.Pairs[k.name] = &k.Alike, k.pairs
	}
}
