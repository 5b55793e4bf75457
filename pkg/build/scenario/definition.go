package scenario

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Definition is one scenario. Names are checked against the Config; a
// Definition that Parse returned without errors can be compiled.
type Definition struct {
	Name        string
	Description string
	Tags        []string
	Pos         input.Pos
	Weight      float64 // workload_weight; below 0 is read as 0
	Hidden      bool    // runs only when it is asked for by name, and is not listed
	Apart       bool    // runs only when it, or a tag of it, is asked for: in_mix is false

	RepeatCount int64    // 1 when absent
	Interval    *float64 // interval_ms, nil when absent
	Deviation   *float64 // interval_deviation_ms, nil when absent

	EmitMetrics, EmitLogs bool   // true when absent
	Redaction             string // none, basic or strict

	Models   []string // model, else context.model: what its sessions call, one of several; nil when absent
	Context  *Context // nil when absent
	Server   string   // context.mcp_server, else the top-level mcp_server; may be empty
	Workflow string   // data_plane.workflow, else context.workflow (samples only); may be empty
	Steps    []Step   // of data_plane.workflow, else context.correct_flow; nil when neither
	Goal     string   // simulation_goal, lower case; empty for none and happy_path

	Goals    GoalOverrides
	Settings []StepSetting // data_plane.steps: what single steps of the workflow do differently

	Template         string // control-plane template id, resolved and existing
	ResponseTemplate string // control_plane.response_template, "allowed" when absent; existing
	PolicyException  *Exception

	Turns       []Sample     // conversation.turns
	Evaluations []Evaluation // of its spans; names unique

	ThinkTime *dist.Spec // conversation.think_time in milliseconds, nil when absent
	History   string     // conversation.history: HistoryCall when absent
	CompactAt int64      // conversation.compact_at in bytes, MaxMessages when absent

	// ResultTokens is conversation.result_tokens: what an answer of a tool takes
	// beyond what is said of it; nil when absent.
	ResultTokens *dist.Spec

	Tools []ToolSamples // samples in place of those of the Config
	Root  *Node         // explicit tree; nil when absent

	System *System // of services; nil: the scenario is of another style
}

// What the input of a model call holds.
const (
	HistoryCall = "call" // the turn so far
	HistoryFull = "full" // the conversation so far
)

// MaxMessages is how long the messages of a model call can be, in bytes of
// JSON: the oldest of those that do not fit are told in short.
const MaxMessages = 256 << 10

// Context names who a scenario is about: keys of the Config.
type Context struct {
	Tenant, Agent string
	ErrorPattern  string // happy_path when absent
	// ErrorRate and ErrorStep are error_config: how likely the pattern's tool call
	// fails (0.1 when absent), and which it is, from 0 (-1: drawn).
	ErrorRate float64
	ErrorStep int64
}

// GoalOverrides are realistic_overrides: where and how a simulation goal takes
// effect. Indices count the tool calls of the workflow from 0; -1 is drawn.
type GoalOverrides struct {
	Step4xx, StepWrongDivision int64
	WrongServer                string  // key of the server called by mistake; empty: drawn among the others
	RightServer                string  // mcp_server_key, where the scenario names no server; may be empty
	ActualSteps                []Step  // of partial_workflow; nil when absent
	SkipSteps                  []int64 // of partial_workflow: indices of the workflow's steps, ascending
}

// StepSetting changes one step of the workflow: all steps of that name.
type StepSetting struct {
	Step    Step       // its kind and tool, as in the workflow
	Latency *dist.Spec // milliseconds; nil when absent
	Error   *ErrorModel
	Retry   *Retry
	Models  []string // that its calls go to, one of several; nil: that of the session
}

// ErrorModel says how often a span fails by itself, and with what.
type ErrorModel struct {
	Rate           float64
	Types          []string  // of errorTypes; nil: what spans of its type fail with
	Weights        []float64 // as long as Types; nil: equal
	Silent         bool      // of systems: spans that fail so tell of no exception
	RetryableTypes []string  // nil: timeout and unavailable
	// FromParent is the probability that the span fails when its parent failed by
	// itself; CascadeToSiblings that a sibling after it fails when it does.
	FromParent, CascadeToSiblings float64
}

// Retry says what happens after a failed attempt.
type Retry struct {
	MaxAttempts         int64
	ForceInitialFailure bool
	BackoffBase         float64   // milliseconds, before the second attempt
	BackoffMultiplier   float64   // of each further wait
	BackoffJitter       float64   // relative, to either side
	SuccessRates        []float64 // of attempt n at index n-1, the last for all further ones; nil: by the error model
	RetryableTypes      []string  // retryable_errors; nil: those of the error model

	// Of a call of an operation, 1 + their indices: the variants in which attempts go that fail as
	// SuccessRates have it, and those in which the others go; nil: all attempts go in any.
	Failing, Succeeding []int
}

// Node is a node of an explicit root tree: a span, or, where it has OneOf, the
// place of one.
type Node struct {
	Type        string // of vocab: without any namespace; empty with OneOf
	Pos         input.Pos
	Latency     *dist.Spec  // milliseconds; nil when absent
	Count       *Count      // nil means exactly one
	Probability float64     // 0..1, 1 when absent
	Error       *ErrorModel // nil: never fails by itself
	Retry       *Retry      // nil: one attempt
	Parallel    bool        // its children run at the same time
	Models      []string    // that calls of models at or below it go to, one of several; nil when absent
	Told        *Sample     // of an agent that is called: its task and its report; nil when absent
	Attributes  []Attribute
	Children    []Node
	OneOf       []float64 // weights of the Children, of which one stands here; nil: a span
}

// Count says how often a node is repeated.
type Count struct {
	Min, Max int64      // Max -1: none
	Dist     *dist.Spec // nil: uniform in [Min, Max]
}
