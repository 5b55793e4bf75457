package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// placed is where spans are: at a service, whose resource is another one for some of them.
type placed struct {
	service int
	differs string // canonical form of in what it differs
}

// differing compiles spans of whose resource something else is said than of that of their
// service, and of what is around them.
func (b *systemBuilder) differing(given []scenario.Attribute, compile func()) {
	before := b.differs
	b.differs = scenario.Overlaid(before, given)
	compile()
	b.differs = before
}

// place is where the spans are that are compiled.
func (b *systemBuilder) place(service int) placed {
	form := canon{strs: b.strs}
	for _, a := range b.differs {
		form.str(a.Key)
		form.str(a.Use)
		form.str(a.Value.Str)
		if a.Pattern != nil {
			form.str(a.Pattern.Text)
			form.num(uint64(a.Pattern.Pool))
		}
	}
	return placed{service, string(form.b)}
}

// group returns the group of the spans of a service.
func (b *systemBuilder) group(service int) uint32 {
	at := b.place(service)
	if g := b.of[at]; g > 0 {
		return uint32(g - 1)
	}
	m := &b.sys.Services[service]
	g := Group{
		Name: m.Name, Count: int(max(m.Instances, 1)), Anonymous: m.Anonymous, Sticky: m.Sticky, SchemaURL: b.strs.ID(b.res.SchemaURL), Tells: tells(m),
		Scope: otlp.Scope{Name: b.strs.ID(scopeOf(m)), Version: b.strs.ID(b.version)},
	}
	instance := m.Name
	var set attrSet
	set.put("service.name", b.str(m.Name))
	said := scenario.Overlaid(m.Attributes, b.differs)
	for _, a := range said {
		switch {
		case a.Key == instanceKey:
			instance = a.Value.String()
		case a.Use != "":
			set.set(a.Key, b.given(a))
			g.Used = true
		case a.Pattern != nil:
			set.set(a.Key, b.byInstance(a, &g))
		default:
			set.set(a.Key, b.attribute(a, semconv.Attribute{}, false)) // text, which resources alone do not make lists of
		}
		if a.Use != "" || slices.ContainsFunc(b.differs, func(x scenario.Attribute) bool { return x.Key == a.Key }) {
			g.Differs = append(g.Differs, a.Key)
		}
	}
	b.fillEntities(&set, m)
	if !m.Anonymous {
		set.put(instanceKey, op(OpInstance))
	}
	g.Attrs = set.finish(b.strs)
	g.Instance = b.instancesOf(instance, g.Count)
	g.Shared = b.sharedNumber(&g)
	b.out.Groups, b.groups = append(b.out.Groups, g), append(b.groups, "service "+m.Name)
	b.of[at] = len(b.out.Groups)
	b.tooManyResources(service, b.sys.Resources(said))
	return uint32(len(b.out.Groups) - 1)
}

// byInstance compiles a pattern of which each instance of a service has one text: all
// different ones, or one of a pool, which is the same pool wherever the pattern stands. They
// follow from names, as what the instances are called does.
func (b *systemBuilder) byInstance(a scenario.Attribute, g *Group) Attr {
	p := a.Pattern
	key, n := rng.New(rng.Hash(p.Text)), g.Count
	if p.Pool == 0 {
		key = key.Index(rng.Hash(g.Name)).Index(rng.Hash(a.Key))
	} else {
		n = min(n, int(p.Pool))
	}
	pieces, seen := b.pieces(p.Text), make(map[string]bool)
	out := Attr{Op: OpByInstance}
	for i := range n {
		stream := key.Index(uint64(i)).Stream()
		text := string(pieces.Append(nil, &stream))
		for range mostDraws {
			if !seen[text] {
				break
			}
			text = string(pieces.Append(nil, &stream))
		}
		seen[text] = true
		out.Values = append(out.Values, b.str(text).Attr)
	}
	return out
}

// mostDraws is how often a text is drawn anew that another instance has.
const mostDraws = 100

// tooManyResources counts resources of a service, and reports when they become too many.
func (b *systemBuilder) tooManyResources(service int, n int64) {
	sum := &b.resources[service]
	if *sum += n; *sum > scenario.MaxResources && *sum-n <= scenario.MaxResources {
		m := &b.sys.Services[service]
		b.problems.Errorf(m.Pos, "service %s: each of its instances has over %d different resources, by the values of its attributes and what resource says of its spans",
			input.Quote(m.Name), scenario.MaxResources)
	}
}

func scopeOf(m *scenario.Member) string {
	if m.Scope != "" {
		return m.Scope
	}
	return "otelsim/" + m.Name
}
