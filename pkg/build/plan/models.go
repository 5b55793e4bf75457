package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The attributes that say which model is called.
const (
	requestModel  = "gen_ai.request.model"
	responseModel = "gen_ai.response.model"
	providerName  = "gen_ai.provider.name"
	systemName    = "gen_ai.system" // what providerName was called before
	serverAddress = "server.address"
	serverPort    = "server.port"
)

// checkModels checks what the config says of models: who serves them, who
// answers, and where.
func (c *compiler) checkModels() {
	for i := range c.cfg.Models {
		m := &c.cfg.Models[i]
		c.fits(m.Name, claim{
			provider: c.servedBy(m), providerPos: m.ProviderPos,
			answer: m.Response, answerPos: m.ResponsePos, host: m.Host, hostPos: m.HostPos,
		})
	}
}

// servedBy is who serves a model of the config.
func (c *compiler) servedBy(m *scenario.Model) string {
	if m.Provider != "" {
		return m.Provider
	}
	return c.providerOf(m.Name)
}

// allows reports whether the conventions allow calls of a model of the config.
func (c *compiler) allows(m *scenario.Model) bool {
	names, providers := c.allowedModels(), c.allowedProviders()
	return (len(names) == 0 || slices.Contains(names, m.Name)) && (len(providers) == 0 || slices.Contains(providers, c.servedBy(m)))
}

// claim is what an input says of a model beside its name; "": nothing.
type claim struct {
	provider, answer, host          string
	providerPos, answerPos, hostPos input.Pos
}

// fits reports an error where what is said of a model does not fit its name.
// Models and providers that nobody knows fit anything.
func (c *compiler) fits(model string, s claim) bool {
	before := c.problems.Found()
	if s.provider != "" && !serves(s.provider, model) {
		c.problems.Errorf(s.providerPos, "provider %s does not serve the model %s; want one of: %s",
			input.Quote(s.provider), input.Quote(model), strings.Join(providersOf(model), ", "))
	}
	if s.answer != "" {
		if !sameHouse(model, s.answer) {
			c.problems.Errorf(s.answerPos, "the model %s does not answer for %s: it is another maker's",
				input.Quote(s.answer), input.Quote(model))
		} else if s.provider != "" && serves(s.provider, model) && !serves(s.provider, s.answer) {
			c.problems.Errorf(s.answerPos, "the model %s does not answer for provider %s; want one of: %s",
				input.Quote(s.answer), input.Quote(s.provider), strings.Join(providersOf(s.answer), ", "))
		}
	}
	if owners := ownerOf(s.host); s.provider != "" && len(owners) > 0 && !slices.Contains(owners, s.provider) {
		c.problems.Errorf(s.hostPos, "%s is an address of %s, and the provider is %s",
			input.Quote(s.host), strings.Join(owners, ", "), input.Quote(s.provider))
	}
	return c.problems.Found() == before
}

// sessionModels compiles the models of which a session of the scenario takes
// one: those that the scenario names, else all of the config that the conventions
// allow, else those of the conventions.
func (b *builder) sessionModels() {
	names := b.def.Models
	if names == nil {
		for i := range b.cfg.Models {
			if m := &b.cfg.Models[i]; b.allows(m) && !m.Apart {
				names = append(names, m.Name)
			}
		}
	}
	for _, name := range names {
		b.out.Models = append(b.out.Models, b.model(name))
	}
	if names == nil {
		names = b.modelNames()
		if len(names) == 0 {
			names = []string{"gpt-4.1-mini"}
		}
		for _, name := range names {
			b.out.Models = append(b.out.Models, b.usualModel(b.providerOf(name), name))
		}
	}
	b.out.Drawn = len(b.out.Models)
}

// modelNames are the models that the conventions allow, else those that they
// give as examples.
func (c *compiler) modelNames() []string {
	if allowed := c.allowedModels(); len(allowed) > 0 {
		return allowed
	}
	def, _ := c.dict.OnSpan(vocab.LLM, requestModel)
	return def.Examples
}

// allowedModels are the models that the conventions allow; nil: any.
func (c *compiler) allowedModels() []string {
	def, _ := c.dict.OnSpan(vocab.LLM, requestModel)
	return def.Allowed
}

// model compiles the model of a name: as the config has it, else with what
// follows from the name.
func (b *builder) model(name string) Model {
	if m := b.cfg.Model(name); m != nil {
		return b.listedModel(m)
	}
	return b.usualModel(b.providerOf(name), name)
}

// usualModel is a model of which no more than the name and the provider is known.
func (b *builder) usualModel(provider, name string) Model {
	h := hostOf(provider)
	m := Model{
		Provider: b.strs.ID(provider), Name: b.strs.ID(name), Response: b.strs.ID(name), Address: b.strs.ID(h.address),
		Tokens: usualTokens, FirstChunk: usualFirstChunk, Reply: b.idFormat(h.reply),
		Params: []otlp.Attr{
			b.param("temperature", otlp.Attr{Kind: otlp.KindDouble, Word: doubleBits(0.2)}),
			b.param("max_tokens", integer(4096).Attr),
		},
	}
	if h.address != "" {
		m.Port = 443
	}
	return m
}

// param is a parameter of requests.
func (b *builder) param(key string, v otlp.Attr) otlp.Attr {
	v.Key = b.strs.ID("gen_ai.request." + key)
	return v
}

// listedModel compiles a model of the config.
func (b *builder) listedModel(m *scenario.Model) Model {
	out := b.usualModel(b.servedBy(m), m.Name)
	if m.Response != "" {
		out.Response = b.strs.ID(m.Response)
	}
	if m.Host != "" {
		out.Address, out.Port = b.strs.ID(m.Host), m.Port
	}
	out.Tokens.Prompt = b.amount(m.Prompt, 1, out.Tokens.Prompt, m.NamePos)
	out.Tokens.Output = b.amount(m.Output, 1, out.Tokens.Output, m.NamePos)
	out.Tokens.Reasoning = b.amount(m.Reasoning, million, nil, m.NamePos)
	if m.Cache != nil {
		out.Tokens.Cache = uint64(float64(*m.Cache*million) + 0.5)
	}
	if m.FirstChunk != nil {
		out.FirstChunk = b.latency(m.FirstChunk, 0, m.NamePos)
	}
	if m.Latency != nil {
		out.Latency = b.latency(m.Latency, 0, m.NamePos)
	}
	out.PerToken = b.amount(m.PerToken, nanosPerMilli, nil, m.NamePos)
	if len(m.Request) > 0 {
		out.Params = nil
	}
	for _, a := range m.Request {
		out.Params = append(out.Params, b.param(a.Key, b.value(a.Value, 0)))
	}
	return out
}

// amount compiles a distribution of numbers that are not negative, in the given
// unit; without one it returns the usual.
func (b *builder) amount(s *dist.Spec, unit float64, usual *dist.Table, pos input.Pos) *dist.Table {
	if s == nil {
		return usual
	}
	t, err := b.table(*s, unit, 0)
	if err != nil {
		b.problems.Errorf(pos, "model: %v", err)
		return usual
	}
	return t
}

// allowedProviders are the providers that the conventions allow; nil: any.
func (c *compiler) allowedProviders() []string {
	def, ok := c.dict.OnSpan(vocab.LLM, providerName)
	if !ok {
		def, _ = c.dict.OnSpan(vocab.LLM, systemName)
	}
	return def.Allowed
}

// providerOf returns an allowed provider that serves the model.
func (c *compiler) providerOf(model string) string {
	allowed := c.allowedProviders()
	for _, p := range providersOf(model) {
		if len(allowed) == 0 || slices.Contains(allowed, p) {
			return p
		}
	}
	if len(allowed) > 0 {
		return allowed[0]
	}
	return "openai"
}

// modelOf returns a model that the provider serves: one of the config's or of
// the conventions', if they have one, else one that it is known for.
func (b *builder) modelOf(provider string) string {
	for i := range b.cfg.Models {
		if m := &b.cfg.Models[i]; b.servedBy(m) == provider {
			return m.Name
		}
	}
	names := b.modelNames()
	known := func(model string, first bool) bool {
		by := providersOf(model)
		return len(by) > 0 && (by[0] == provider || !first && slices.Contains(by, provider))
	}
	for _, first := range []bool{true, false} {
		for _, name := range names {
			if known(name, first) {
				return name
			}
		}
	}
	for _, first := range []bool{true, false} {
		for _, m := range makers {
			if known(m.model, first) {
				return m.model
			}
		}
	}
	return provider + "-chat"
}

// providerKeys returns the name under which spans say who serves a model, and
// the one that they do not have then.
func (b *builder) providerKeys() (provider, other string) {
	_, today := b.dict.Lookup(providerName)
	if _, before := b.dict.Lookup(systemName); before && !today {
		return systemName, providerName
	}
	return providerName, systemName
}
