package plan

import (
	"slices"
	"strings"

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
)

// bedrock is the provider whose names of models begin with their maker's.
const bedrock = "aws.bedrock"

// maker is a family of models.
type maker struct {
	begin     string // of the names of its models
	model     string // one of them
	providers []string
}

// makers says who serves a model, by the beginning of its name, in order of
// preference, and names one. Names of providers are those of the OpenTelemetry
// GenAI conventions.
var makers = []maker{
	{"gpt", "gpt-4.1-mini", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"chatgpt", "chatgpt-4o-latest", []string{"openai", "azure.ai.openai"}},
	{"o1", "o1", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"o3", "o3-mini", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"o4", "o4-mini", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"claude", "claude-sonnet-4", []string{"anthropic", "aws.bedrock", "gcp.vertex_ai", "azure.ai.inference"}},
	{"gemini", "gemini-2.5-flash", []string{"gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai"}},
	{"mistral", "mistral-large-latest", []string{"mistral_ai", "aws.bedrock", "gcp.vertex_ai", "azure.ai.inference"}},
	{"magistral", "magistral-medium", []string{"mistral_ai"}},
	{"codestral", "codestral-latest", []string{"mistral_ai", "gcp.vertex_ai", "azure.ai.inference"}},
	{"command", "command-r-plus", []string{"cohere", "aws.bedrock", "azure.ai.inference"}},
	{"deepseek", "deepseek-chat", []string{"deepseek", "groq", "aws.bedrock", "azure.ai.inference"}},
	{"llama", "llama-3.3-70b", []string{"groq", "aws.bedrock", "gcp.vertex_ai", "azure.ai.inference", "ibm.watsonx.ai"}},
	{"sonar", "sonar-pro", []string{"perplexity"}},
	{"grok", "grok-3", []string{"x_ai", "azure.ai.inference"}},
	{"granite", "granite-3-8b-instruct", []string{"ibm.watsonx.ai"}},
	{"nova", "nova-pro", []string{"aws.bedrock"}},
	{"titan", "titan-text-express", []string{"aws.bedrock"}},
}

// modelNames are the models that the conventions allow, else those that they
// give as examples.
func (b *builder) modelNames() []string {
	def, _ := b.dict.OnSpan(vocab.LLM, requestModel)
	if len(def.Allowed) > 0 {
		return def.Allowed
	}
	return def.Examples
}

// models are the models of the conventions, each with a provider that serves it.
func (b *builder) models() []Model {
	names := b.modelNames()
	if len(names) == 0 {
		names = []string{"gpt-4.1-mini"}
	}
	out := make([]Model, len(names))
	for i, name := range names {
		out[i] = b.usualModel(b.providerOf(name), name)
	}
	return out
}

// usualModel is a model of which no more than the name and the provider is known.
func (b *builder) usualModel(provider, name string) Model {
	return Model{
		Provider: b.strs.ID(provider), Name: b.strs.ID(name), Response: b.strs.ID(name),
		Tokens: usualTokens, FirstChunk: usualFirstChunk,
	}
}

// allowedProviders are the providers that the conventions allow; nil: any.
func (b *builder) allowedProviders() []string {
	def, ok := b.dict.OnSpan(vocab.LLM, providerName)
	if !ok {
		def, _ = b.dict.OnSpan(vocab.LLM, systemName)
	}
	return def.Allowed
}

// providersOf returns who serves a model, in order of preference; nothing:
// nobody knows it. Names may be in any case, and qualified as routers and
// clouds write them: maker/model, region.maker.model.
func providersOf(model string) []string {
	name := strings.ToLower(model)
	bare, cloud := name[strings.LastIndexByte(name, '/')+1:], false
	for {
		maker, rest, dotted := strings.Cut(bare, ".")
		if !dotted || strings.ContainsAny(maker, "0123456789") { // a version
			break
		}
		bare, cloud = rest, true
	}
	for _, name := range []string{bare, name} {
		for _, m := range makers {
			switch {
			case !strings.HasPrefix(name, m.begin):
			case cloud && slices.Contains(m.providers, bedrock):
				return append([]string{bedrock}, m.providers...)
			default:
				return m.providers
			}
		}
	}
	return nil
}

// providerOf returns an allowed provider that serves the model.
func (b *builder) providerOf(model string) string {
	allowed := b.allowedProviders()
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

// modelOf returns a model that the provider serves: one of the conventions, if
// they have one, else one that it is known for.
func (b *builder) modelOf(provider string) string {
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

// fitModel makes all that a node says of its model fit what the tree says of
// it: a model takes its provider along, a provider one of its models, and the
// model that answers is the one that was asked.
func (b *builder) fitModel(s *scenario.Node, own *attrSet) {
	provider, other := b.providerKeys()
	if by := own.find(other); by != nil && !own.has(provider) {
		own.put(provider, *by)
	}
	said := requestModel // which of the names of the model the tree gives
	if s.Type == vocab.LLM && !own.has(requestModel) {
		switch answered, by := own.find(responseModel), own.find(provider); {
		case answered != nil:
			follow := *answered
			follow.Path = 0
			said = responseModel
			own.put(requestModel, follow)
			own.find(responseModel).Path = hashOf(requestModel)
		case by == nil:
		case by.Op != OpConst || by.Kind != otlp.KindString:
			b.problems.Errorf(s.Pos, "attribute %s is no constant name: give %s too, since it cannot follow", provider, requestModel)
			return
		default:
			own.put(requestModel, b.str(b.modelOf(b.strs.String(otlp.StringID(by.Word)))))
		}
	}
	model := own.find(requestModel)
	if model == nil {
		return
	}
	if _, ok := b.dict.Lookup(responseModel); ok && s.Type == vocab.LLM && !own.has(responseModel) {
		answer := *model
		answer.Path = hashOf(requestModel)
		own.put(responseModel, answer)
		model = own.find(requestModel)
	}
	if !own.has(provider) {
		if model.Op != OpConst || model.Kind != otlp.KindString {
			b.problems.Errorf(s.Pos, "attribute %s is no constant name: give %s too, since it cannot follow", said, provider)
			return
		}
		own.put(provider, b.str(b.providerOf(b.strs.String(otlp.StringID(model.Word)))))
	}
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
