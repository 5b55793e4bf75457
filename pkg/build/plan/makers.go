package plan

import (
	"slices"
	"strings"
)

// bedrock is the provider whose names of models begin with their maker's.
const bedrock = "aws.bedrock"

// maker is a family of models.
type maker struct {
	begin     string // of the names of its models
	house     string // who makes them: an answer comes from a model of the house that was asked
	model     string // one of them
	providers []string
}

// makers says who serves a model, by the beginning of its name, in order of
// preference, and names one. Names of providers are those of the OpenTelemetry
// GenAI conventions.
var makers = []maker{
	{"gpt-oss", "openai", "gpt-oss-120b", []string{"groq", "aws.bedrock", "azure.ai.inference", "ibm.watsonx.ai", "gcp.vertex_ai"}},
	{"gpt", "openai", "gpt-4.1-mini", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"chatgpt", "openai", "chatgpt-4o-latest", []string{"openai", "azure.ai.openai"}},
	{"o1", "openai", "o1", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"o3", "openai", "o3-mini", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"o4", "openai", "o4-mini", []string{"openai", "azure.ai.openai", "azure.ai.inference"}},
	{"claude", "anthropic", "claude-sonnet-4", []string{"anthropic", "aws.bedrock", "gcp.vertex_ai", "azure.ai.inference"}},
	{"gemini", "google", "gemini-2.5-flash", []string{"gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai"}},
	{"mistral", "mistral", "mistral-large-latest", []string{"mistral_ai", "aws.bedrock", "gcp.vertex_ai", "azure.ai.inference"}},
	{"ministral", "mistral", "ministral-8b-latest", []string{"mistral_ai", "aws.bedrock", "azure.ai.inference"}},
	{"magistral", "mistral", "magistral-medium", []string{"mistral_ai", "aws.bedrock"}},
	{"devstral", "mistral", "devstral-medium-latest", []string{"mistral_ai"}},
	{"codestral", "mistral", "codestral-latest", []string{"mistral_ai", "gcp.vertex_ai", "azure.ai.inference"}},
	{"command", "cohere", "command-r-plus", []string{"cohere", "aws.bedrock", "azure.ai.inference"}},
	{"deepseek", "deepseek", "deepseek-chat", []string{"deepseek", "groq", "aws.bedrock", "azure.ai.inference"}},
	{"llama", "meta", "llama-3.3-70b", []string{"groq", "aws.bedrock", "gcp.vertex_ai", "azure.ai.inference", "ibm.watsonx.ai"}},
	{"sonar", "perplexity", "sonar-pro", []string{"perplexity"}},
	{"grok", "xai", "grok-3", []string{"x_ai", "azure.ai.inference"}},
	{"granite", "ibm", "granite-3-8b-instruct", []string{"ibm.watsonx.ai"}},
	{"kimi", "moonshot", "kimi-k2-0905-preview", []string{"moonshot_ai", "groq"}},
	{"nova", "amazon", "nova-pro", []string{"aws.bedrock"}},
	{"titan", "amazon", "titan-text-express", []string{"aws.bedrock"}},
}

// host is where a provider is reached, and how the ids of its answers look: as
// in id_formats of the config, with {word:N} for N letters and digits.
type host struct{ provider, address, reply string }

// hosts are those of the providers. A region or the name of a resource that an
// address has is one of many.
var hosts = []host{
	{"openai", "api.openai.com", "chatcmpl-{word:29}"},
	{"azure.ai.openai", "eastus2.api.cognitive.microsoft.com", "chatcmpl-{word:29}"},
	{"azure.ai.inference", "models.inference.ai.azure.com", "chatcmpl-{word:29}"},
	{"anthropic", "api.anthropic.com", "msg_01{word:22}"},
	{"aws.bedrock", "bedrock-runtime.us-east-1.amazonaws.com", "{uuid}"},
	{"gcp.gemini", "generativelanguage.googleapis.com", "{word:22}"},
	{"gcp.vertex_ai", "us-central1-aiplatform.googleapis.com", "{word:22}"},
	{"gcp.gen_ai", "generativelanguage.googleapis.com", "{word:22}"},
	{"mistral_ai", "api.mistral.ai", "{hex:32}"},
	{"cohere", "api.cohere.com", "{uuid}"},
	{"deepseek", "api.deepseek.com", "{uuid}"},
	{"groq", "api.groq.com", "chatcmpl-{uuid}"},
	{"perplexity", "api.perplexity.ai", "{uuid}"},
	{"x_ai", "api.x.ai", "{uuid}"},
	{"ibm.watsonx.ai", "us-south.ml.cloud.ibm.com", "chatcmpl-{hex:32}"},
	{"moonshot_ai", "api.moonshot.ai", "chatcmpl-{hex:24}"},
}

// unknownReply is how ids of answers look whose provider nobody knows.
const unknownReply = "resp_{hex:32}"

// hostOf returns what is known of a provider.
func hostOf(provider string) host {
	for _, h := range hosts {
		if h.provider == provider {
			return h
		}
	}
	return host{provider: provider, address: provider, reply: unknownReply}
}

// ownerOf returns the providers that an address belongs to; nothing: nobody
// knows.
func ownerOf(address string) (providers []string) {
	for _, h := range hosts {
		if h.address == address {
			providers = append(providers, h.provider)
		}
	}
	return providers
}

// makerOf returns the family of a model; nil: nobody knows it. Names may be in
// any case, and qualified as routers and clouds write them: maker/model,
// region.maker.model, the latter of which is cloud.
func makerOf(model string) (m *maker, cloud bool) {
	name := strings.ToLower(model)
	bare := name[strings.LastIndexByte(name, '/')+1:]
	for {
		maker, rest, dotted := strings.Cut(bare, ".")
		if !dotted || strings.ContainsAny(maker, "0123456789") { // a version
			break
		}
		bare, cloud = rest, true
	}
	for _, name := range []string{bare, name} {
		for i := range makers {
			if strings.HasPrefix(name, makers[i].begin) {
				return &makers[i], cloud
			}
		}
	}
	return nil, cloud
}

// providersOf returns who serves a model, in order of preference; nothing:
// nobody knows it.
func providersOf(model string) []string {
	m, cloud := makerOf(model)
	switch {
	case m == nil:
		return nil
	case cloud && slices.Contains(m.providers, bedrock):
		return append([]string{bedrock}, m.providers...)
	}
	return m.providers
}

// serves reports whether the provider may serve the model.
func serves(provider, model string) bool {
	by := providersOf(model)
	return len(by) == 0 || slices.Contains(by, provider)
}

// sameHouse reports whether two models may be of one maker.
func sameHouse(a, b string) bool {
	x, _ := makerOf(a)
	y, _ := makerOf(b)
	return x == nil || y == nil || x.house == y.house
}
