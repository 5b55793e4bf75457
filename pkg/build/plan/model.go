package plan

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Model is a language model as one provider serves it.
type Model struct {
	Provider otlp.StringID
	Name     otlp.StringID // of requests
	Response otlp.StringID // of answers: the same, or the dated release behind it
	Address  otlp.StringID // host that is called; "": unknown
	Port     int64         // 0: unknown

	Tokens     Tokens
	FirstChunk *dist.Table // nanoseconds from the request to the first chunk of a streamed answer

	// Of calls whose Node.Latency is nil: the time after the first chunk for each
	// token that comes out, or, where that is nil, all of it, in nanoseconds.
	PerToken, Latency *dist.Table

	Reply  IDFormat    // of the ids of its answers
	Params []otlp.Attr // constants: what requests ask for beside the model
}

// Tokens is how many tokens calls of a model take.
type Tokens struct {
	// Prompt is what goes in before any message: instructions and definitions of
	// tools. A session draws it once.
	Prompt *dist.Table
	// Output is what a call says beyond the text of the exchange.
	Output *dist.Table
	// Cache is the share of the input that an earlier call had, too, and that is
	// read from a cache, in millionths.
	Cache uint64
	// Reasoning is the share of the output that the model thinks and does not say,
	// in millionths; nil: it does not think.
	Reasoning *dist.Table
}

// Asks says which of Scenario.Models a span calls: the only one, or one by
// Choice, from the stream of the attribute Path.
type Asks struct {
	Models []uint32
	Choice *dist.Choice // nil: there is one
	Path   uint64
}

// Draw returns an index into Scenario.Models.
func (a *Asks) Draw(s *rng.Stream) uint32 {
	if a.Choice == nil {
		return a.Models[0]
	}
	return a.Models[a.Choice.Draw(s)]
}

// usualTokens are those of a model of which nothing else is known.
var usualTokens = Tokens{
	Prompt: compile(dist.Spec{Kind: dist.LogNormal, Median: 900, Sigma: 0.5}, 1),
	Output: compile(dist.Spec{Kind: dist.LogNormal, Median: 90, Sigma: 0.7}, 1),
	Cache:  800_000,
}

// usualFirstChunk is when a model begins to answer of which nothing else is known.
var usualFirstChunk = compile(dist.Spec{Kind: dist.LogNormal, Median: 350, Sigma: 0.4}, nanosPerMilli)
