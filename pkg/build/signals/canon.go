package signals

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Digest returns the digest of a plan with the rules, from that of the plan:
// hex SHA-256 over length-prefixed fields in a fixed order. Strings stand for
// themselves. What the conventions do not decide, such as the names of logs,
// is a matter of the revision.
func (r *Rules) Digest(plan string) string {
	c := canon{strs: r.strs}
	c.str(plan)
	c.num(uint64(len(r.scenarios)))
	for i := range r.scenarios {
		s := r.scenarios[i].scenario
		c.str(s.Name)
		c.flag(s.EmitMetrics)
		c.flag(s.EmitLogs)
	}
	c.num(uint64(len(r.metrics)))
	for i := range r.metrics {
		c.metric(&r.metrics[i])
	}
	c.num(uint64(len(r.classes)))
	for i := range r.classes {
		c.str(r.classes[i].name)
		c.num(uint64(len(r.classes[i].metrics)))
		for _, m := range r.classes[i].metrics {
			c.num(uint64(m))
		}
	}
	c.num(uint64(len(r.resources)))
	for i := range r.resources {
		c.resource(&r.resources[i])
	}
	sum := sha256.Sum256(c.b)
	return hex.EncodeToString(sum[:])
}

// canon appends canonical forms.
type canon struct {
	strs *otlp.Strings
	b    []byte
}

func (c *canon) num(v uint64) { c.b = binary.AppendUvarint(c.b, v) }

func (c *canon) flag(v bool) {
	if v {
		c.num(1)
	} else {
		c.num(0)
	}
}

func (c *canon) str(s string) {
	c.num(uint64(len(s)))
	c.b = append(c.b, s...)
}

func (c *canon) id(id otlp.StringID) { c.str(c.strs.String(id)) }

func (c *canon) metric(m *metric) {
	c.id(m.name)
	c.id(m.unit)
	c.id(m.description)
	c.num(uint64(m.kind))
	c.flag(m.monotonic)
	c.flag(m.cumulative)
	c.num(uint64(m.plane))
	c.id(m.scope.Name)
	c.id(m.scope.Version)
	c.num(m.per)
	c.num(uint64(len(m.dims)))
	for _, d := range m.dims {
		c.id(d.key)
		c.flag(d.optional)
		c.id(d.constant)
		if d.ofResource {
			c.flag(true)
		}
	}
	for _, id := range m.keeps {
		c.id(id)
	}
	c.num(uint64(len(m.sources)))
	for _, s := range m.sources {
		c.num(uint64(s.from))
		c.id(s.key)
		c.id(s.token)
		c.num(uint64(s.class))
		if s.span != 0 {
			c.id(s.span)
			c.num(uint64(s.kind))
			for _, id := range s.fixed {
				c.id(id)
			}
		}
	}
	c.num(uint64(len(m.bounds)))
	for _, b := range m.bounds {
		c.num(math.Float64bits(b))
	}
}

func (c *canon) resource(r *resource) {
	c.num(uint64(r.plane))
	c.str(r.tenant)
	c.num(uint64(len(r.attrs)))
	for _, a := range r.attrs {
		c.id(a.Key)
		if a.Kind != otlp.KindString { // of systems alone
			c.num(uint64(a.Kind))
			c.num(a.Word)
			continue
		}
		c.id(otlp.StringID(a.Word))
	}
	c.flag(r.service > 0)
	c.num(uint64(r.instance))
	for _, id := range r.instances {
		c.id(id)
	}
	c.id(r.schemaURL)
	if r.ofSystem {
		c.id(r.scope.Name)
		c.id(r.scope.Version)
	}
}
