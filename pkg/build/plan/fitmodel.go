package plan

import (
	"bytes"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// given is an attribute of a node that says something of the model it calls: a
// name, or one of several.
type given struct {
	key    string // "" when the node does not have it
	pos    input.Pos
	values []string
	choice *dist.Choice // nil: there is one value
}

// at is the value that goes with number i of those that something else draws.
func (g *given) at(i int) string {
	switch {
	case g.key == "":
		return ""
	case g.choice == nil:
		return g.values[0]
	}
	return g.values[i]
}

// given returns what a node says under a key. ok is false, and a problem is
// added, when it is nothing that can be a name.
func (b *builder) given(s *scenario.Node, own *attrSet, key string) (g given, ok bool) {
	a := own.find(key)
	if a == nil {
		return given{}, true
	}
	g = given{key: key, pos: s.Pos}
	for _, x := range s.Attributes {
		if b.conv.Rename(x.Key, b.prefix) == key {
			g.pos = x.Pos
		}
	}
	values := []otlp.Attr{a.Attr}
	if a.Op == OpChoice {
		values, g.choice = a.Values, a.Choice
	}
	for _, v := range values {
		if a.Op != OpConst && a.Op != OpChoice || v.Kind != otlp.KindString {
			b.problems.Errorf(g.pos, "attribute %s: want a name, or a choice of names", key)
			return given{}, false
		}
		g.values = append(g.values, b.strs.String(otlp.StringID(v.Word)))
	}
	return g, true
}

// fitModel makes the model that a node calls one that fits all that the tree
// says of it. At most one thing may be drawn: all others follow it.
func (b *builder) fitModel(s *scenario.Node, own *attrSet) {
	provider, other := b.providerKeys()
	if by := own.find(other); by != nil && !own.has(provider) {
		own.put(provider, *by)
	}
	var all [4]given
	drawn := given{values: []string{""}}
	for i, key := range []string{requestModel, responseModel, provider, serverAddress} {
		g, ok := b.given(s, own, key)
		if !ok {
			return
		}
		if all[i] = g; g.choice != nil && drawn.choice != nil {
			b.problems.Errorf(g.pos, "attribute %s is drawn beside %s, and need not fit it: draw one of them, and the other follows", key, drawn.key)
			return
		}
		if g.choice != nil {
			drawn = g
		}
	}
	asked, answers, by, host := &all[0], &all[1], &all[2], &all[3]
	if s.Type != vocab.LLM && asked.key == "" || asked.key+answers.key+by.key+host.key == "" {
		return
	}
	if len(s.Models) > 0 && s.Type == vocab.LLM {
		b.problems.Errorf(s.Pos, "model and the attribute %s both say what is called: give one of them", firstKey(all[:]))
		return
	}
	asks := &Asks{Choice: drawn.choice, Path: hashOf(drawn.key)}
	for i := range drawn.values {
		m, ok := b.fitting(asked.at(i), claim{
			provider: by.at(i), answer: answers.at(i), host: host.at(i),
			providerPos: by.pos, answerPos: answers.pos, hostPos: host.pos,
		})
		if !ok {
			return
		}
		asks.Models = append(asks.Models, b.use(m))
	}
	if s.Type == vocab.LLM {
		own.asks = asks
		return
	}
	if !own.has(provider) { // it calls no model, and speaks of one all the same
		own.put(provider, b.providersAsked(asks))
	}
}

func firstKey(list []given) string {
	i := slices.IndexFunc(list, func(g given) bool { return g.key != "" })
	return list[i].key
}

// providersAsked are the providers of models that something speaks of, drawn as
// they are.
func (b *builder) providersAsked(asks *Asks) Attr {
	var values []otlp.Attr
	for _, i := range asks.Models {
		values = append(values, otlp.Attr{Kind: otlp.KindString, Word: uint64(b.out.Models[i].Provider)})
	}
	if asks.Choice == nil {
		return Attr{Attr: values[0]}
	}
	return Attr{Op: OpChoice, Choice: asks.Choice, Values: values, Path: asks.Path}
}

// fitting returns the model of a name, "" for any, of which more is said. ok is
// false when that does not fit, which was reported.
func (b *builder) fitting(name string, s claim) (m Model, ok bool) {
	if owners := ownerOf(s.host); name == "" && s.answer == "" && s.provider == "" && len(owners) > 0 {
		s.provider, s.providerPos = owners[0], s.hostPos
	}
	listed := b.cfg.Model(name)
	switch {
	case name != "":
		m = b.model(name)
	case s.answer != "":
		listed = b.answering(s.answer)
		name = s.answer
		if listed != nil {
			name = listed.Name
		}
		m = b.model(name)
	case s.provider != "":
		name = b.modelOf(s.provider)
		listed = b.cfg.Model(name)
		m = b.model(name)
	default:
		return *b.anyModel(s.host), true // an address that nobody knows, of whatever a session calls
	}
	if !b.fits(name, s) {
		return m, false
	}
	if id := b.strs.ID(s.provider); s.provider != "" && id != m.Provider {
		by := b.usualModel(s.provider, name)
		m.Provider, m.Address, m.Port, m.Reply = id, by.Address, by.Port, by.Reply
	} else if listed != nil && listed.Host != "" && s.host != "" && s.host != listed.Host {
		b.problems.Errorf(s.hostPos, "attribute %s: the config has the model %s at %s", serverAddress, input.Quote(name), input.Quote(listed.Host))
		return m, false
	}
	if s.answer != "" {
		m.Response = b.strs.ID(s.answer)
	}
	if s.host != "" {
		m.Address = b.strs.ID(s.host)
		if owners := ownerOf(s.host); s.provider == "" && len(owners) > 0 && !slices.Contains(owners, b.strs.String(m.Provider)) {
			return m, b.fits(name, claim{provider: b.strs.String(m.Provider), host: s.host, providerPos: s.hostPos, hostPos: s.hostPos})
		}
	}
	return m, true
}

// anyModel is the first model of the session, at an address.
func (b *builder) anyModel(host string) *Model {
	m := b.out.Models[0]
	m.Address = b.strs.ID(host)
	return &m
}

// answering returns the model of the config that answers under a name; nil:
// none does.
func (b *builder) answering(name string) *scenario.Model {
	for i := range b.cfg.Models {
		if m := &b.cfg.Models[i]; m.Response == name || m.Response == "" && m.Name == name {
			return m
		}
	}
	return nil
}

// use returns the index of a model among those of the scenario.
func (b *builder) use(m Model) uint32 {
	form := func(m *Model) []byte {
		c := canon{strs: b.strs}
		c.model(m)
		return c.b
	}
	var want []byte
	for i := range b.out.Models {
		x := &b.out.Models[i]
		if x.Provider != m.Provider || x.Name != m.Name || x.Response != m.Response || x.Address != m.Address || x.Port != m.Port {
			continue // tables are long, and most models differ in what they are called
		}
		if want == nil {
			want = form(&m)
		}
		if bytes.Equal(form(x), want) {
			return uint32(i)
		}
	}
	b.out.Models = append(b.out.Models, m)
	return uint32(len(b.out.Models) - 1)
}

// ask compiles the names of which calls take one; nil when there is none.
func (b *builder) ask(names []string) *Asks {
	if len(names) == 0 {
		return nil
	}
	asks := &Asks{Path: hashOf("model")}
	weights := make([]float64, len(names))
	for i, name := range names {
		asks.Models = append(asks.Models, b.use(b.model(name)))
		weights[i] = 1
	}
	if len(names) > 1 {
		asks.Choice, _ = dist.NewChoice(weights) // equal positive weights are valid
	}
	return asks
}

// callLatency is how long the calls of a model last that the inputs give no
// duration of their own: nil stands for what the models say that it calls. A
// model that is named comes before what the config says of all of them, which
// comes before a model that is drawn.
func (b *builder) callLatency(n *Node, pos input.Pos) *dist.Table {
	models := b.modelsOf(n)
	timed := slices.ContainsFunc(models, func(i uint32) bool { return b.out.Models[i].timed() })
	if named := n.Asks != nil || b.def.Models != nil; !timed || b.cfg.ModelLatency && !named {
		return b.latency(nil, b.cfg.Latencies[vocab.LLM], pos)
	}
	for _, i := range models {
		m := &b.out.Models[i]
		if !m.timed() {
			m.Latency = b.latency(nil, b.cfg.Latencies[vocab.LLM], pos)
		}
		tokens := b.tokensOf(n, m)
		n.longest = max(n.longest, m.longest(mostOf(tokens)))
		n.typical = max(n.typical, m.typical(tokens.Mean()))
		n.late = max(n.late, m.late(tokens.Late()))
	}
	if n.longest > maxLatency {
		b.problems.Errorf(pos, "latency: a call of the model may last over %d hours", maxLatency/hour)
	}
	return nil
}

// modelsOf lists the models that a node may call.
func (b *builder) modelsOf(n *Node) []uint32 {
	if n.Asks != nil {
		return n.Asks.Models
	}
	var all []uint32
	for i := range b.out.Drawn {
		all = append(all, uint32(i))
	}
	return all
}

func (m *Model) timed() bool { return m.Latency != nil || m.PerToken != nil }

// longest is the longest that a call of so many tokens can last, in nanoseconds.
func (m *Model) longest(tokens uint64) uint64 {
	if m.PerToken == nil {
		return mostOf(m.Latency)
	}
	return min(mostOf(m.FirstChunk)+times(mostOf(m.PerToken), tokens, maxLatency+1), maxLatency+1)
}

// typical is the mean duration of a call of so many tokens, in nanoseconds.
func (m *Model) typical(tokens float64) float64 {
	if m.PerToken == nil {
		return m.Latency.Mean()
	}
	return m.FirstChunk.Mean() + float64(m.PerToken.Mean()*tokens)
}

// late is what few calls of so many tokens last, in nanoseconds.
func (m *Model) late(tokens int64) int64 {
	if m.PerToken == nil {
		return m.Latency.Late()
	}
	first, each := uint64(max(m.FirstChunk.Late(), 0)), uint64(max(m.PerToken.Late(), 0))
	return int64(min(first+times(each, uint64(max(tokens, 0)), maxLatency), maxLatency))
}

// tokensOf is how many tokens come out of a call: as the node says, else the model.
func (b *builder) tokensOf(n *Node, m *Model) *dist.Table {
	key := b.strs.ID("gen_ai.usage.output_tokens")
	i := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == key })
	if i < 0 {
		return m.Tokens.Output
	}
	switch a := &n.Attrs[i]; a.Op {
	case OpConst:
		return constant(wholeOf(a.Attr))
	case OpInt:
		return a.Table
	case OpChoice:
		most := int64(0)
		for _, v := range a.Values {
			most = max(most, wholeOf(v))
		}
		return constant(most)
	}
	return m.Tokens.Output
}

func mostOf(t *dist.Table) uint64 {
	_, n := t.Bounds()
	return uint64(max(n, 0))
}

// wholeOf is a number of things; 0 when it is none.
func wholeOf(a otlp.Attr) int64 {
	if a.Kind != otlp.KindInt {
		return 0
	}
	return max(int64(a.Word), 0)
}

// warnNoModel warns of a node that names models and calls none.
func (b *builder) warnNoModel(s *scenario.Node) {
	if !callsModel(s) {
		b.problems.Warnf(s.Pos, "model: has no effect: no model is called at or below it")
	}
}

func callsModel(s *scenario.Node) bool {
	return s.Type == vocab.LLM || slices.ContainsFunc(s.Children, func(c scenario.Node) bool { return callsModel(&c) })
}
