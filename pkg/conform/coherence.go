package conform

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// served says who serves models, by the beginnings of their names. A model that
// begins like none of these may come from anyone.
var served = []struct{ begin, providers string }{
	{"gpt-", "openai azure.ai.openai azure.ai.inference"},
	{"chatgpt", "openai azure.ai.openai"},
	{"o1", "openai azure.ai.openai azure.ai.inference"},
	{"o3", "openai azure.ai.openai azure.ai.inference"},
	{"o4-", "openai azure.ai.openai azure.ai.inference"},
	{"claude", "anthropic aws.bedrock gcp.vertex_ai azure.ai.inference"},
	{"gemini", "gcp.gemini gcp.vertex_ai gcp.gen_ai"},
	{"mistral", "mistral_ai aws.bedrock gcp.vertex_ai azure.ai.inference"},
	{"magistral", "mistral_ai"},
	{"codestral", "mistral_ai gcp.vertex_ai azure.ai.inference"},
	{"command", "cohere aws.bedrock azure.ai.inference"},
	{"deepseek", "deepseek groq aws.bedrock azure.ai.inference"},
	{"llama", "groq aws.bedrock gcp.vertex_ai azure.ai.inference ibm.watsonx.ai"},
	{"sonar", "perplexity"},
	{"grok", "x_ai azure.ai.inference"},
	{"granite", "ibm.watsonx.ai"},
	{"nova", "aws.bedrock"},
	{"titan", "aws.bedrock"},
}

// model judges a call of a model: who serves it, and why it stopped.
func (k *Checker) model(i int) {
	r := &k.record
	if trace := &r.traces[r.spans[i].trace]; r.has(i, slotStreaming) {
		trace.models, trace.streams = true, trace.streams || r.flag(i, slotStreaming)
	}
	k.finish(i)
	provider := slotProvider
	if !r.has(i, provider) {
		provider = slotSystem
	}
	if !r.has(i, provider) {
		k.fail(i, "attribute-missing", "neither %s nor %s is there", slotNames[slotProvider], slotNames[slotSystem])
		return
	}
	k.servedBy(i, slotModel, provider)
	if r.word(i, slotAnswering) != r.word(i, slotModel) { // once is enough
		k.servedBy(i, slotAnswering, provider)
	}
}

// servedBy judges whether the provider serves a model: the one that was asked
// or the one that answered.
func (k *Checker) servedBy(i int, model, provider slot) {
	name, by := k.record.word(i, model), k.record.word(i, provider)
	for _, m := range served {
		if !strings.HasPrefix(name, m.begin) {
			continue
		}
		if fits := strings.Fields(m.providers); !slices.Contains(fits, by) && k.couldBe(i, provider, fits) {
			k.fail(i, "provider-model", "model %q of provider %q, want one of %s", name, by, m.providers)
		}
		break
	}
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

// finish judges the reason for which a model stopped.
func (k *Checker) finish(i int) {
	r := &k.record
	stopped := r.word(i, slotFinish) == "error"
	if a := r.attr(i, slotFinishes); a != nil && a.Kind == otlp.KindArray {
		list := otlp.UnpackRange(a.Word)
		for n := list.Start; n < list.End; n++ {
			stopped = stopped || isText(r.t, &r.t.Attrs[n], "error")
		}
	}
	if stopped && !r.spans[i].failed {
		k.fail(i, "finish-reason", "the model stopped with an error, and the span did not fail")
	}
}

// counts judges numbers: none is negative, and parts are no larger than the
// whole.
func (k *Checker) counts(i int) {
	for _, s := range [...]slot{slotInputTokens, slotOutputTokens, slotAsked, slotMade, slotQueries, slotResults, slotRetrieval,
		slotAvailable, slotSelected, slotSelection, slotRetries, slotBackoff} {
		if n, ok := k.record.whole(i, s); ok && n < 0 {
			k.fail(i, "negative", "%s is %d", k.emitted(slotNames[s]), n)
		}
	}
	k.atMost(i, slotSelected, slotAvailable, "tools-selected")
	k.atMost(i, slotMade, slotAsked, "tools-executed")
	s := &k.record.t.Spans[i]
	if s.Start > s.End {
		return
	}
	for _, latency := range [...]slot{slotRetrieval, slotSelection} {
		if n, ok := k.record.whole(i, latency); ok && n > 0 && uint64(n) > (s.End-s.Start)/1_000_000+1 {
			k.fail(i, "latency", "%s is %d, and the span lasts %d ms", k.emitted(slotNames[latency]), n, (s.End-s.Start)/1_000_000)
		}
	}
}

// atMost judges a number that has another one as its limit.
func (k *Checker) atMost(i int, part, whole slot, rule string) {
	r := &k.record
	a, ok := r.whole(i, part)
	b, both := r.whole(i, whole)
	if ok && both && a > b {
		k.fail(i, rule, "%s is %d, and %s %d", k.emitted(slotNames[part]), a, k.emitted(slotNames[whole]), b)
	}
}
