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

	RepeatCount int64    // 1 when absent
	Interval    *float64 // interval_ms, nil when absent
	Deviation   *float64 // interval_deviation_ms, nil when absent

	EmitMetrics, EmitLogs bool   // true when absent
	Redaction             string // none, basic or strict

	Context  *Context // nil when absent
	Server   string   // context.mcp_server, else the top-level mcp_server; may be empty
	Workflow string   // data_plane.workflow, else context.workflow (samples only); may be empty
	Steps    []Step   // of data_plane.workflow, else context.correct_flow; nil when neither
	Goal     string   // simulation_goal, lower case; empty for none and happy_path

	Template        string // control-plane template id, resolved and existing
	PolicyException *Exception

	Turns     []Sample   // conversation.turns
	ThinkTime *dist.Spec // conversation.think_time in milliseconds, nil when absent
	Root      *Node      // explicit tree; nil when absent
}

// Context names who a scenario is about: keys of the Config.
type Context struct {
	Tenant, Agent string
	ErrorPattern  string // happy_path when absent
}

// Node is a node of an explicit root tree.
type Node struct {
	Type        string // a key of SpanTypes: without any namespace
	Pos         input.Pos
	Latency     *dist.Spec // milliseconds; nil when absent
	Count       *Count     // nil means exactly one
	Probability float64    // 0..1, 1 when absent
	ErrorRate   float64    // 0..1, 0 when absent
	Attributes  []Attribute
	Children    []Node
}

// Count says how often a node is repeated.
type Count struct {
	Min, Max int64      // Max -1: none
	Dist     *dist.Spec // nil: uniform in [Min, Max]
}
