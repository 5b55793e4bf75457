// Package scenario reads scenario files and the two files beside them,
// config.yaml and resource.yaml. The lists of keys are closed at every level,
// names are checked against the config, and what loads without having an
// effect yet says so; what Parse returns without errors can be compiled.
package scenario

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// Config is config.yaml: the names that scenarios use and what stands behind
// them. Lists keep the order of the file; keys are unique and lower case.
type Config struct {
	IDFormats      IDFormats
	Latencies      Latencies
	Tenants        []Tenant // the first is the default; at least one
	Agents         []string
	AgentTexts     []AgentText // by index of Agents
	Servers        []Server
	Divisions      []Division
	ErrorTemplates []ErrorTemplate
	Workflows      []Workflow
	ControlPlane   ControlPlane
	Samples        []SampleSet
	Phases         []Phase
	Arrivals       *arrivals.Model // nil: one every interval
	Users          int64           // cardinality.users: end users of each scenario; 0 when absent
	Instances      int64           // cardinality.instances: of each service, at a time; 0 when absent
	Models         []Model         // empty: those that the conventions give as examples
	Services       *System         // tool servers, and what is behind them; without a Session; nil: none

	// ModelLatency says that happy_path_latencies_ms gives the duration of calls of
	// models.
	ModelLatency bool

	// Layered says that the file is laid over the bundled one.
	Layered bool

	mentions []mention
	words    []phaseWord
}

// IDFormats are templates of identifiers, checked: {hex:N} with N in 1..64,
// {uuid} and {tenant_id}; other text stands for itself.
type IDFormats struct {
	Session, Conversation, Request, ToolCall string // Conversation may be empty
}

// Latencies are the durations of steps that name none, in milliseconds, with
// defaults filled in: happy_path_latencies_ms and control_plane.latencies_ms.
// They are keyed by span type, of which each has one.
type Latencies map[string]float64

// Tenant is one customer of the simulated system.
type Tenant struct{ Key, ID string }

// AgentText is what is said of an agent: what it is for, and what its model is told
// before anybody speaks. Both may be empty.
type AgentText struct{ Description, Instructions string }

// Server is an MCP server and its tools.
type Server struct {
	Key, UUID string
	Protocol  string   // revision of MCP that it speaks, by its date
	Tools     []Tool   // at least one; names unique
	Service   *Service // nil: who answers is not told of
}

// Division maps a division of the company to the key of its MCP server.
type Division struct{ Name, Server string }

// ErrorTemplate says how a simulation goal fails.
type ErrorTemplate struct {
	Goal, ErrorType string
	HTTPStatusCodes []int64
}

// Workflow is a named list of steps.
type Workflow struct {
	Name  string
	Steps []Step
}

// Step is one step of a workflow: one of the fixed kinds, or a call of Tool.
type Step struct {
	Kind StepKind
	Tool string // StepTool only
	Pos  input.Pos
}

// StepKind is what a step does.
type StepKind uint8

// The kinds of steps.
const (
	StepPlanner        StepKind = iota // planner
	StepLLM                            // task.execute with an llm.call
	StepToolsRecommend                 // task.execute with a tools.recommend
	StepTool                           // task.execute with an mcp.tool.execute
	StepCompose                        // response.compose
)

// Outcome is the outcome of validating a request, and with it which traces a
// request has.
type Outcome uint8

// The outcomes.
const (
	Allowed Outcome = iota
	Blocked
	Failed // "error" in YAML
)

// String returns the outcome as attributes carry it.
func (o Outcome) String() string { return [...]string{"allowed", "blocked", "error"}[o] }

// Flow says which parts a request of one outcome has.
type Flow struct{ Request, Orchestration, Response bool }

// ControlPlane is the control_plane section of config.yaml.
type ControlPlane struct {
	DefaultWorkflow   string  // name of a workflow; empty when the config has none
	Flow              [3]Flow // by Outcome
	RequestTemplates  []Template
	ResponseTemplates []Template
	RequestScenarios  []RequestScenario
}

// Template is a request or response validation template, _defaults merged in.
type Template struct {
	ID                                  string
	Pos                                 input.Pos
	Outcome                             Outcome // of root's request.outcome or response.outcome; see Parse
	Root, Payload, Policy, Augmentation TemplatePart
	IncludePolicy, IncludeAugmentation  bool
}

// TemplatePart is one span of a validation template.
type TemplatePart struct {
	Pos        input.Pos   // zero when the template does not say anything of it
	Attributes []Attribute // names without prefix, in file order
	ErrorRate  float64     // 0..1
	Exception  *Exception
	Errors     []ValidationError // payload only
}

// Exception is the content of an exception event.
type Exception struct{ Type, Message string }

// ValidationError is one finding of payload validation.
type ValidationError struct{ Path, Rule, Code string }

// RequestScenario is an entry of control_plane.request_scenarios: a scenario
// without a definition file. Parse turns the entries that no file overrides
// into Definitions.
type RequestScenario struct {
	Name, Template, Description string
	Weight                      float64
	Pos                         input.Pos
}

// SampleSet holds the conversation samples of a workflow, or of "default".
type SampleSet struct {
	Workflow string
	Samples  []Sample
}

// Sample is one exchange.
type Sample struct {
	User, Assistant string
	Tools           []ToolSamples // calls that it asks for, before all other samples
	Steps           []Step        // of a turn: what it does; nil: what the scenario does
}

// Resource is resource.yaml. Values are strings, in file order; the keys
// module, component and otel.source are written without the runtime prefix.
type Resource struct {
	SchemaURL               string
	ControlPlane, DataPlane []Attribute

	ControlPlanePos, DataPlanePos input.Pos // of the two sections
}

// ValueKind is the type of a Value.
type ValueKind uint8

// The types of attribute values.
const (
	String ValueKind = iota
	Int
	Double
	Bool
)

// Value is a constant attribute value.
type Value struct {
	Kind   ValueKind
	Str    string
	Int    int64
	Double float64
	Bool   bool
}

// String returns the value as files write it.
func (v Value) String() string {
	switch v.Kind {
	case Int:
		return strconv.FormatInt(v.Int, 10)
	case Double:
		return strconv.FormatFloat(v.Double, 'g', -1, 64)
	case Bool:
		return strconv.FormatBool(v.Bool)
	}
	return v.Str
}

// Attribute is an attribute of a template, a resource, a root tree node or an
// operation. One of five: a constant, a choice between constants (Choices with
// Weights of the same length), a number drawn from Dist, and, of operations, a
// text of a Pattern or the shared value of the name Use.
type Attribute struct {
	Key     string // as written
	Pos     input.Pos
	Value   Value
	Choices []Value
	Weights []float64 // of Choices; with Use of those of the value, where it is drawn for the attribute
	By      []IsWhen  // with Use, instead of Weights: the first that holds says them; where none does they are those of the value
	Dist    *dist.Spec
	Pattern *Pattern
	Use     string
	Present float64 // the share of what it is of, spans, events and log records of systems, that has it; 0: all
}
