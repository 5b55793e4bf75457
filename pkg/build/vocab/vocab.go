// Package vocab is the table of span types: what the product knows of each by
// itself, whatever the input files say. A new type is a row in table.go and an
// entry in the conventions file:
//
//	{
//		Name: "memory.recall", Kind: otlp.SpanKindClient, Component: "retrieval",
//		Role: RoleTask, Latency: 30, Carries: []string{"step.outcome"}, Log: failedStep,
//	},
//
// Then trees may name it, its spans have the resource of its component, durations
// around its latency and the attributes that it carries beside those of the
// conventions, and what comes of them is logged. Code that treats a type
// specially names it by the constants below; all else reads its row.
package vocab

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// The classes that code treats by name: span types without a namespace.
const (
	Call         = "a2a.call"
	Orchestrate  = "a2a.orchestrate"
	Augmentation = "augmentation"
	Augment      = "context.augment"
	Unified      = "cp.request"
	LLM          = "llm.call"
	Bridge       = "llm.tool.response.bridge"
	Tool         = "mcp.tool.execute"
	Attempt      = "mcp.tool.execute.attempt"
	Entry        = "a2a.serve"
	Forward      = "a2a.forward"
	Serve        = "mcp.tool.serve"
	Planner      = "planner"
	Retrieve     = "rag.retrieve"
	Request      = "request.validation"
	Compose      = "response.compose"
	Response     = "response.validation"
	Task         = "task.execute"
	Recommend    = "tools.recommend"
	Payload      = "validation.payload"
	Policy       = "validation.policy"
)

// Type is a type of span. Names of attributes are bare: how they are emitted is
// up to the plan, except in Log.
type Type struct {
	Name      string // the class, without a namespace
	Kind      uint8  // an otlp.SpanKind, where the conventions give none
	Component string // value of the resource attribute "component"; empty: control plane
	Bare      bool   // emitted without the runtime prefix
	Role      Role   // how its outcome follows from others

	// Latency is its mean duration in milliseconds where no input gives one, and
	// LatencyKey what it is called in happy_path_latencies_ms of the config; empty:
	// the config does not give it.
	Latency    float64
	LatencyKey string

	Carries   []string // attributes of each of its spans, whatever the conventions define
	Verdicts  []string // of the control plane: the attributes that say what it has decided
	Section   string   // of the conventions, where none is called after it
	Sections  []string // of the conventions, that define attributes of it beside that one
	Operation string   // gen_ai.operation.name; empty: none

	Failure string // usual error.type; empty: unavailable
	Retried bool   // files may ask for it to be tried again
	Phases  Phases // what phases of the config do to it
	Made    bool   // it stands where it has to; trees do not name it

	Task    string // type of the task that runs it; empty: none
	Wrapped bool   // a tree that leaves out that task means it all the same

	Log Log
}

// IsControl reports whether spans of the type belong to the control plane: their
// attributes come from templates, and nothing else is made up for them.
func (t Type) IsControl() bool { return t.Component == "" }

// Emitted is the name of its spans: prefixed, but for those that stay bare.
func (t Type) Emitted(prefix string) string {
	if t.Bare {
		return t.Name
	}
	return prefix + "." + t.Name
}

// Role says how the outcome of a span follows from its own and its children's.
// The values are part of the plan digest: do not change them.
type Role uint8

// The roles.
const (
	RoleOwn      Role = 0 // its own alone
	RoleTask     Role = 1 // fails when a child does
	RoleTool     Role = 2 // fails when its last attempt does
	RoleTurn     Role = 3 // an orchestration: see gen
	RoleCompose  Role = 4 // fails when no model has answered
	RoleResponse Role = 5 // fails when the orchestration did; of plans only
	RoleFixed    Role = 6 // decided when it is compiled: the control plane
)

// Phases says what phases of simulated time do to the spans of a type.
type Phases uint8

// What phases do.
const (
	Unmoved Phases = iota
	Slowed
	SlowedAndFailed
)

// Story says what the logs of a type tell.
type Story uint8

// The stories.
const (
	Silent     Story = iota
	Verdict          // on a request or a response
	Findings         // validation errors
	Decision         // of a policy engine
	Turn             // start and end
	Attempts         // failures and retries
	Ended            // that it ended, whatever came of it
	FailedStep       // only that it failed
)

// Log says how spans of a type are logged. In attributes, a star stands for the
// runtime prefix of the name after it.
type Log struct {
	Story Story
	Event string // name of the record, below the prefix; of Ended and FailedStep
	Noun  string // that its body begins with; of Verdict the first word of its attributes, too
	About string // the attribute whose value the body adds; empty: none
	Copy  string // attributes, beside those of every record, that it copies from its span
}

// All returns the types, in byte order of their names. The slice is lent.
func All() []Type { return types }

// Find returns the type of a name without namespace.
func Find(name string) (Type, bool) {
	for i := range types {
		if types[i].Name == name {
			return types[i], true
		}
	}
	return Type{}, false
}

// Of is Find for names that are known to be in the table; of others it returns
// a Type without a name, which is of no plane's resource in particular.
func Of(name string) Type {
	t, _ := Find(name)
	return t
}

// IsControl reports whether a name is that of a type of the control plane.
func IsControl(name string) bool {
	t, ok := Find(name)
	return ok && t.IsControl()
}

// Names returns the names that types have for which f holds; nil: all. They are
// in byte order, and the caller's.
func Names(f func(Type) bool) []string {
	var names []string
	for i := range types {
		if f == nil || f(types[i]) {
			names = append(names, types[i].Name)
		}
	}
	return names
}

const (
	client   = otlp.SpanKindClient
	server   = otlp.SpanKindServer
	internal = otlp.SpanKindInternal
)
