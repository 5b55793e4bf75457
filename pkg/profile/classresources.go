package profile

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// classValues is how many values of attributes of its resources a class keeps.
var classValues = limit{8, 4}

// mostPending is how many resources of a class are counted and not yet added up.
const mostPending = 64

// pending is a resource that spans of a class have, and how many.
type pending struct {
	of    *intake.Resource
	spans uint64
}

// resourceValues is the values of an attribute of the resources of a class.
type resourceValues struct {
	name   string
	values *sketch.Values
}

// resource counts that a span of a class has a resource.
func (c *class) resource(r *intake.Resource) {
	if r == nil {
		return
	}
	if c.latest < len(c.pending) && c.pending[c.latest].of == r {
		c.pending[c.latest].spans++
		return
	}
	c.latest = 0
	for c.latest < len(c.pending) && c.pending[c.latest].of != r {
		c.latest++
	}
	if c.latest == mostPending {
		c.settle()
	}
	if c.latest == len(c.pending) {
		c.pending = append(c.pending, pending{of: r})
	}
	c.pending[c.latest].spans++
}

// settle adds up the values of the resources that were counted.
func (c *class) settle() {
	for _, p := range c.pending {
		n := p.spans
		for i := range p.of.Attributes {
			x := &p.of.Attributes[i]
			v := c.valuesOf(string(x.Key))
			switch {
			case v == nil:
			case x.Kind == otlp.KindInt, x.Kind == otlp.KindDouble, x.Kind == otlp.KindBool:
				v.AddWord(x.Kind, x.Word, n, 0)
			default:
				v.AddN(x.Kind, x.Text, n, 0)
			}
		}
	}
	clear(c.pending)
	c.pending, c.latest = c.pending[:0], 0
}

// valuesOf returns the values of an attribute; nil: there is no room.
func (c *class) valuesOf(key string) *sketch.Values {
	h := keyHash([]byte(key))
	x, room := c.resources.find(h)
	if x == nil && room {
		x = c.resources.put(h, &resourceValues{key, newValues(classValues)})
	}
	if x == nil {
		return nil
	}
	return x.values
}

// exportResources writes what a Profile has of them.
func (c *class) exportResources() {
	c.settle()
	c.resources.trim()
	c.Resource = make(map[string]*sketch.Values, len(c.resources.items))
	for _, x := range c.resources.items { // order-free: by name
		c.Resource[x.name] = x.values
	}
}
