package scenario

import (
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Model is a language model of the Config, as one provider serves it. What is
// not given follows from the name, or is that of any model.
type Model struct {
	Name, Provider, Response string // the last two may be empty
	Apart                    bool   // in_mix is false: only those who name it call it
	Host                     string // may be empty
	Port                     int64  // 443 when only the host is given

	NamePos, ProviderPos, ResponsePos, HostPos input.Pos // that of the name where they are not given

	Prompt, Output *dist.Spec // tokens; nil when absent
	Cache          *float64   // 0..1
	Reasoning      *dist.Spec // 0..1

	// FirstChunk is until the first chunk of an answer and PerToken for each token of
	// it, Latency for all of it, in milliseconds; nil when absent. There is never
	// Latency beside PerToken.
	FirstChunk, PerToken, Latency *dist.Spec

	Request []Attribute // parameters of requests: keys without gen_ai.request.
}

// Timed reports whether the model says how long its calls take.
func (m *Model) Timed() bool { return m.Latency != nil || m.PerToken != nil }

// Model returns the model of a name, nil when there is none.
func (c *Config) Model(name string) *Model {
	for i := range c.Models {
		if c.Models[i].Name == name {
			return &c.Models[i]
		}
	}
	return nil
}

func (c *Config) modelNames() []string {
	var names []string
	for i := range c.Models {
		names = append(names, c.Models[i].Name)
	}
	return names
}

var (
	shares       = domain{0, 1}
	tokenNumbers = domain{0, maxTokens}
)

const (
	maxTokens = 1e8 // of one call
	httpsPort = 443
)

// parameters are what requests can say, and what values that takes.
var parameters = []struct {
	key     string
	integer bool
	values  domain
}{
	{"temperature", false, domain{0, 2}},
	{"top_p", false, shares},
	{"top_k", true, domain{0, maxTokens}},
	{"max_tokens", true, domain{1, maxTokens}},
	{"seed", true, domain{0, 1 << 53}},
	{"frequency_penalty", false, domain{-2, 2}},
	{"presence_penalty", false, domain{-2, 2}},
}

// reasoningLevel is the parameter that is a word.
const reasoningLevel = "reasoning.level"

func parameterKeys() []string {
	keys := []string{reasoningLevel}
	for _, p := range parameters {
		keys = append(keys, p.key)
	}
	return keys
}

// models reads the models of the Config.
func (l *loader) models(m input.Map) []Model {
	var out []Model
	taken := make(map[string]input.Pos)
	for _, item := range m.List("models") {
		x, ok := item.Map(l.p, modelKeys...)
		if !ok {
			continue
		}
		model := l.model(x)
		if model.Name != "" && l.unique(taken, "model", model.Name, model.NamePos) {
			out = append(out, model)
		}
	}
	if n := m.Get("models"); n != nil && n.Kind == input.List && len(m.List("models")) == 0 {
		m.Fail("models", "no models; leave the key out or add one")
	}
	return out
}

func (l *loader) model(m input.Map) Model {
	out := Model{Name: m.Need("name"), Provider: m.Str("provider", ""), Response: m.Str("response_model", "")}
	out.Apart = !m.Bool("in_mix", true)
	out.NamePos = m.At("name")
	at := func(key string) input.Pos {
		if m.Get(key) == nil {
			return out.NamePos
		}
		return m.At(key)
	}
	out.ProviderPos, out.ResponsePos, out.HostPos = at("provider"), at("response_model"), at("server")
	out.Host, out.Port = l.address(m)
	t, _ := m.Map("tokens", tokenKeys...)
	out.Prompt = l.amount(t.Get("prompt"), tokenNumbers)
	out.Output = l.amount(t.Get("output"), tokenNumbers)
	out.Reasoning = l.amount(t.Get("reasoning"), shares)
	if t.Get("cache") != nil {
		share := t.Float("cache", 0, 0, 1)
		out.Cache = &share
	}
	l.modelLatency(m.Get("latency"), &out)
	out.Request = l.parameters(m)
	return out
}

// amount reads a number, or a distribution of numbers; nil when absent or wrong.
func (l *loader) amount(n *input.Node, d domain) *dist.Spec {
	switch {
	case n == nil:
		return nil
	case n.Kind == input.Mapping:
		return l.distribution(n, d)
	}
	v, ok := n.Within(l.p, d.low, d.high)
	if !ok {
		return nil
	}
	return constant(v)
}

// address reads where a model is: a host, and a port when it is no usual one. An
// address of IPv6 stands in brackets when a port follows.
func (l *loader) address(m input.Map) (host string, port int64) {
	text := m.Str("server", "")
	if text == "" {
		return "", 0
	}
	host, port = text, httpsPort
	colon := strings.LastIndexByte(text, ':')
	if colon >= 0 && (strings.IndexByte(text, ':') == colon || strings.HasSuffix(text[:colon], "]")) {
		n, err := strconv.ParseUint(text[colon+1:], 10, 16)
		if err != nil || n == 0 {
			m.Fail("server", "%s is no port", input.Quote(text[colon+1:]))
			return "", 0
		}
		host, port = text[:colon], int64(n)
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "" || strings.ContainsAny(host, "/ \t@?#[]") {
		m.Fail("server", "%s is no host, or host:port", input.Quote(text))
		return "", 0
	}
	return host, port
}

// modelLatency reads how long calls take: by their tokens, or as a duration.
func (l *loader) modelLatency(n *input.Node, out *Model) {
	if n == nil {
		return
	}
	if n.Kind == input.Mapping {
		if m, _ := n.Map(l.p); m.Has("first_chunk_ms") || m.Has("ms_per_token") {
			m, _ = n.Map(l.p, modelLatencyKeys...)
			out.FirstChunk = l.latency(m.Get("first_chunk_ms"))
			out.PerToken = l.amount(m.Get("ms_per_token"), durations)
			return
		}
	}
	out.Latency = l.latency(n)
}

// parameters reads what requests to a model ask for.
func (l *loader) parameters(m input.Map) []Attribute {
	section, _ := m.Map("request", parameterKeys()...)
	var out []Attribute
	for _, e := range section.Entries() {
		if e.Value.Kind == input.Null {
			continue
		}
		a := Attribute{Key: e.Key, Pos: e.Value.Pos}
		if e.Key == reasoningLevel {
			a.Value = Value{Str: section.Need(e.Key)}
			out = append(out, a)
		}
		for _, p := range parameters {
			switch {
			case p.key != e.Key:
				continue
			case p.integer:
				a.Value = Value{Kind: Int, Int: section.Int(e.Key, 0, int64(p.values.low), int64(p.values.high))}
			default:
				a.Value = Value{Kind: Double, Double: section.Float(e.Key, 0, p.values.low, p.values.high)}
			}
			out = append(out, a)
		}
	}
	return out
}

// asked reads the model, or the models, that something calls: one of those of
// the Config, when it lists any.
func (l *loader) asked(m input.Map) []string {
	n := m.Get("model")
	if n == nil {
		return nil
	}
	items := []*input.Node{n}
	if n.Kind == input.List {
		items, _ = n.List(l.p)
		if len(items) == 0 {
			n.Fail(l.p, "no models; leave the key out or name one")
		}
	}
	var out []string
	for _, item := range items {
		s, ok := item.Str(l.p)
		if s = strings.TrimSpace(s); ok && s == "" {
			item.Fail(l.p, "empty")
		}
		if known := l.c.modelNames(); ok && known != nil {
			s = l.knownName(item, s, "model", known)
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
