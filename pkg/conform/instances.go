package conform

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// instance is which instance of a service works for a session.
type instance struct{ service, id []byte }

// maxInstances bounds the services that are told apart.
const maxInstances = 100

// use is a resource that spans of a trace have.
type use struct{ resource, next int32 }

// uses takes note that a span of a trace has a resource.
func (r *recordState) use(trace int32, resource uint32) {
	if int(resource) >= len(r.resources) || r.resources[resource].latest == trace+1 {
		return
	}
	r.resources[resource].latest = trace + 1
	r.uses = append(r.uses, use{int32(resource), r.traces[trace].uses})
	r.traces[trace].uses = int32(len(r.uses))
}

// stays judges the resources of a trace: a service that works for a session
// does so from one instance, from the first turn to the last.
func (s *Session) stays(root int) {
	r := &s.k.record
	for n := r.traces[r.spans[root].trace].uses; n > 0; n = r.uses[n-1].next {
		res := &r.resources[r.uses[n-1].resource]
		if res.service != nil {
			continue // see Session.systems
		}
		service, id := res.slots[slotService], res.slots[slotInstance]
		if service > 0 && id > 0 {
			s.stay(root, &r.t.Attrs[service-1], &r.t.Attrs[id-1])
		}
	}
}

// stay judges one instance of a service.
func (s *Session) stay(root int, service, id *otlp.Attr) {
	t := s.k.record.t
	for i := range s.instances {
		if x := &s.instances[i]; isKept(x.service, t, service) {
			if !isKept(x.id, t, id) {
				s.k.fail(root, "resource-instance", "instance %s of %s, and %q before in the session", quoted(t, id), quoted(t, service), x.id)
			}
			return
		}
	}
	n := len(s.instances)
	if n == maxInstances {
		return
	}
	if n < cap(s.instances) { // its memory is reused
		s.instances = s.instances[:n+1]
	} else {
		s.instances = append(s.instances, instance{})
	}
	x := &s.instances[n]
	x.service, x.id = kept(x.service, t, service), kept(x.id, t, id)
}
