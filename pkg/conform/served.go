package conform

import (
	"slices"
	"strings"
)

// family is a family of models: who makes it, and who serves it.
type family struct{ begin, maker, providers string }

// families are known by the beginnings of their models' names. A model that
// begins like none of these may come from anyone.
var families = []family{
	{"gpt-oss", "openai", "groq aws.bedrock azure.ai.inference ibm.watsonx.ai gcp.vertex_ai"},
	{"gpt-", "openai", "openai azure.ai.openai azure.ai.inference"},
	{"chatgpt", "openai", "openai azure.ai.openai"},
	{"o1", "openai", "openai azure.ai.openai azure.ai.inference"},
	{"o3", "openai", "openai azure.ai.openai azure.ai.inference"},
	{"o4-", "openai", "openai azure.ai.openai azure.ai.inference"},
	{"claude", "anthropic", "anthropic aws.bedrock gcp.vertex_ai azure.ai.inference"},
	{"gemini", "google", "gcp.gemini gcp.vertex_ai gcp.gen_ai"},
	{"mistral", "mistral", "mistral_ai aws.bedrock gcp.vertex_ai azure.ai.inference"},
	{"ministral", "mistral", "mistral_ai aws.bedrock azure.ai.inference"},
	{"magistral", "mistral", "mistral_ai aws.bedrock"},
	{"codestral", "mistral", "mistral_ai gcp.vertex_ai azure.ai.inference"},
	{"devstral", "mistral", "mistral_ai"},
	{"command", "cohere", "cohere aws.bedrock azure.ai.inference"},
	{"deepseek", "deepseek", "deepseek groq aws.bedrock azure.ai.inference"},
	{"llama", "meta", "groq aws.bedrock gcp.vertex_ai azure.ai.inference ibm.watsonx.ai"},
	{"sonar", "perplexity", "perplexity"},
	{"grok", "xai", "x_ai azure.ai.inference"},
	{"granite", "ibm", "ibm.watsonx.ai"},
	{"kimi", "moonshot", "moonshot_ai groq"},
	{"nova", "amazon", "aws.bedrock"},
	{"titan", "amazon", "aws.bedrock"},
}

// familyOf returns the family of a model, nil when it is of none. A name may
// begin with where it is served and who made it, as in "us.meta.llama3-8b".
func familyOf(model string) *family {
	for {
		for i := range families {
			if strings.HasPrefix(model, families[i].begin) {
				return &families[i]
			}
		}
		n := strings.IndexAny(model, "./")
		if n < 0 {
			return nil
		}
		model = model[n+1:]
	}
}

// servedBy judges whether the provider serves a model: the one that was asked
// or the one that answered.
func (k *Checker) servedBy(i int, model string, provider slot) {
	f, by := familyOf(model), k.record.word(i, provider)
	if f == nil {
		return
	}
	if !f.serves(by) && k.couldBe(i, provider, strings.Fields(f.providers)) {
		k.fail(i, "provider-model", "model %q of provider %q, want one of %s", model, by, f.providers)
	}
}

// serves reports whether a provider serves the models of a family.
func (f *family) serves(by string) bool {
	for one, rest := "", f.providers; rest != ""; {
		if one, rest, _ = strings.Cut(rest, " "); one == by {
			return true
		}
	}
	return false
}

// couldBe reports whether the conventions know any of the providers.
func (k *Checker) couldBe(i int, provider slot, names []string) bool {
	r := &k.record
	def := k.definition(r.spans[i].rules, k.key(r.attr(i, provider).Key))
	if def == nil || len(def.Allowed) == 0 {
		return true
	}
	return slices.ContainsFunc(def.Allowed, func(v string) bool { return slices.Contains(names, v) })
}
