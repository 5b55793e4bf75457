package plan

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// toolName is the attribute that names a tool.
const toolName = "gen_ai.tool.name"

// dataTree compiles the orchestration trace: from the workflow's steps when
// there are any, else from the explicit tree, else from the default workflow.
func (b *builder) dataTree() Node {
	var root Node
	steps := b.def.Steps
	if steps == nil && b.def.Root != nil && !isStub(b.def.Root) {
		root = b.rootNode(b.def.Root, "")
	} else {
		if steps == nil {
			steps = b.defaultSteps()
		}
		root = b.workflowTree(b.steps(steps))
	}
	b.goal(&root)
	b.policies(&root)
	b.phases(&root, "")
	return root
}

// isStub reports whether an explicit tree says no more than that there is an
// orchestration.
func isStub(n *scenario.Node) bool {
	return n.Type == classOrchestrate && len(n.Children) == 0 && n.Latency == nil && len(n.Attributes) == 0
}

// defaultSteps are the steps of the default workflow, whose tools the
// scenario's server must have.
func (b *builder) defaultSteps() []scenario.Step {
	name := b.cfg.ControlPlane.DefaultWorkflow
	for _, w := range b.cfg.Workflows {
		if w.Name != name {
			continue
		}
		if b.server == nil && slices.ContainsFunc(w.Steps, func(s scenario.Step) bool { return s.Kind == scenario.StepTool }) {
			b.problems.Errorf(b.def.Pos, "scenario %s: runs the default workflow %s, which needs an mcp_server", b.def.Name, name)
		}
		return w.Steps
	}
	b.problems.Errorf(b.def.Pos, "scenario %s: has neither workflow nor root tree, and the config has no default workflow", b.def.Name)
	return nil
}

// workflowTree compiles a list of steps under one orchestration.
func (b *builder) workflowTree(steps []scenario.Step) Node {
	lat := b.cfg.Latencies
	var own attrSet
	b.nameRequest(&own)
	root := b.node(classOrchestrate, &own, facts{})
	root.Latency = b.latency(nil, lat.Orchestrate, b.def.Pos)
	for _, s := range steps {
		var n Node
		switch s.Kind {
		case scenario.StepPlanner:
			n = b.leaf(classPlanner, lat.Planner, s)
		case scenario.StepLLM:
			n = b.task("llm_call", b.leaf(classLLM, lat.LLMCall, s), s.Pos)
		case scenario.StepToolsRecommend:
			n = b.node(classRecommend, &attrSet{}, facts{server: b.server, tool: b.firstTool(steps)})
			n.Latency = b.latency(nil, lat.ToolsRecommend, s.Pos)
			b.set(&n, s, s.Pos)
			n = b.task("tool_recommendation", n, s.Pos)
		case scenario.StepCompose:
			n = b.leaf(classCompose, lat.ResponseCompose, s)
		default:
			n = b.task("tool_execution", b.toolStep(s), s.Pos)
		}
		root.Children = append(root.Children, n)
	}
	return root
}

// nameRequest gives the root of an orchestration trace the id of the trace
// that let the request in.
func (b *builder) nameRequest(own *attrSet) {
	own.put(b.prefix+".cp.incoming_trace_id", op(OpRequestTrace))
}

func (b *builder) leaf(class string, usual float64, s scenario.Step) Node {
	n := b.node(class, &attrSet{}, facts{})
	n.Latency = b.latency(nil, usual, s.Pos)
	b.set(&n, s, s.Pos)
	return n
}

// task wraps a step in the task that runs it.
func (b *builder) task(kind string, child Node, pos input.Pos) Node {
	n := b.node(classTask, &attrSet{}, facts{taskType: kind})
	n.Latency = b.latency(nil, b.cfg.Latencies.TaskExecute, pos)
	n.Children = []Node{child}
	return n
}

// toolStep compiles the call of the step's tool: an execution and its attempt.
func (b *builder) toolStep(s scenario.Step) Node {
	f := facts{server: b.server, tool: b.tool(s.Tool)}
	if b.server != nil && f.tool == nil {
		b.noTool(s.Pos, s.Tool)
	}
	n := b.node(classTool, &attrSet{}, f)
	n.Latency = b.latency(nil, 0, s.Pos)
	attempt := b.node(classAttempt, &attrSet{}, f)
	attempt.Latency = b.latency(nil, b.cfg.Latencies.ToolAttempt, s.Pos)
	b.set(&attempt, s, s.Pos)
	n.Children = []Node{attempt}
	return n
}

// noTool says that the scenario's server lacks a tool.
func (b *builder) noTool(pos input.Pos, name string) {
	names := make([]string, len(b.server.Tools))
	for i := range names {
		names[i] = b.server.Tools[i].Name
	}
	b.problems.Errorf(pos, "scenario %s: %s", b.def.Name, input.Unknown("tool of mcp server "+b.server.Key, name, names))
}

// tool returns the tool of that name on the scenario's server, or nil.
func (b *builder) tool(name string) *scenario.Tool {
	if b.server == nil {
		return nil
	}
	for i := range b.server.Tools {
		if b.server.Tools[i].Name == name {
			return &b.server.Tools[i]
		}
	}
	return nil
}

// asked is the name of the tool that the scenario's model asks for first.
func (b *builder) asked() string {
	for _, s := range b.def.Steps {
		if s.Kind == scenario.StepTool {
			return s.Tool
		}
	}
	if b.def.Steps == nil && b.def.Root != nil {
		return firstToolName(b.def.Root)
	}
	return ""
}

func firstToolName(s *scenario.Node) string {
	if s.Type == classTool {
		for _, a := range s.Attributes {
			if a.Key == toolName {
				return a.Value.Str
			}
		}
	}
	for i := range s.Children {
		if name := firstToolName(&s.Children[i]); name != "" {
			return name
		}
	}
	return ""
}

func (b *builder) firstTool(steps []scenario.Step) *scenario.Tool {
	for _, s := range steps {
		if s.Kind == scenario.StepTool {
			return b.tool(s.Tool)
		}
	}
	return nil
}

// rootNode compiles a node of an explicit tree below a parent of the given
// class.
func (b *builder) rootNode(s *scenario.Node, parent string) Node {
	own := b.nodeAttributes(s)
	if parent == "" {
		b.nameRequest(own)
	}
	f := facts{server: b.server}
	var n Node
	switch s.Type {
	case classTool:
		return b.placed(s, parent, b.rootTool(s, own))
	case classTask:
		n = b.node(s.Type, own, facts{taskType: taskType(s)})
	default:
		n = b.node(s.Type, own, f)
	}
	n.Latency = b.latency(s.Latency, b.usualLatency(s.Type), s.Pos)
	n.Children, n.Parallel = b.children(s), s.Parallel
	b.fallible(&n, s.Error, s.Retry, s.Pos)
	return b.placed(s, parent, n)
}

func (b *builder) children(s *scenario.Node) []Node {
	var out []Node
	for i := range s.Children {
		out = append(out, b.rootNode(&s.Children[i], s.Type))
	}
	return out
}

// rootTool compiles a tool call of an explicit tree. Its latency is that of
// the attempt, unless the tree spells out attempts itself.
func (b *builder) rootTool(s *scenario.Node, own *attrSet) Node {
	f := facts{server: b.server, tool: b.toolOf(s, own)}
	n := b.node(classTool, own, f)
	n.Latency = b.latency(nil, 0, s.Pos)
	n.Parallel = s.Parallel
	for i := range s.Children {
		c := &s.Children[i]
		if c.Type != classAttempt {
			n.Children = append(n.Children, b.rootNode(c, classTool))
			continue
		}
		attempt := b.node(classAttempt, b.nodeAttributes(c), f)
		attempt.Latency = b.latency(c.Latency, b.cfg.Latencies.ToolAttempt, c.Pos)
		attempt.Children = b.children(c)
		b.fallible(&attempt, c.Error, c.Retry, c.Pos)
		n.Children = append(n.Children, b.placed(c, classTool, attempt))
	}
	for i := range n.Children {
		if n.Children[i].Class == classAttempt {
			n.Latency = b.latency(s.Latency, 0, s.Pos)
			if s.Error != nil || s.Retry != nil {
				b.problems.Errorf(s.Pos, "scenario %s: errors and retries of a tool call that spells out its attempts belong to the attempts", b.def.Name)
			}
			return n
		}
	}
	attempt := b.node(classAttempt, &attrSet{}, f)
	attempt.Latency = b.latency(s.Latency, b.cfg.Latencies.ToolAttempt, s.Pos)
	b.fallible(&attempt, s.Error, s.Retry, s.Pos)
	n.Children = append([]Node{attempt}, n.Children...)
	return n
}

// toolOf is the tool that a node names, else, by position, one of the server's.
// A node that gives the uuid of its tool itself may call what it likes.
func (b *builder) toolOf(s *scenario.Node, own *attrSet) *scenario.Tool {
	if own.has(b.prefix + ".mcp.tool.uuid") {
		return nil
	}
	if b.server == nil {
		b.problems.Errorf(s.Pos, "scenario %s: a tool call needs an mcp_server, or a %s.mcp.tool.uuid of its own", b.def.Name, b.prefix)
		return nil
	}
	for _, a := range s.Attributes {
		if a.Key != toolName {
			continue
		}
		if a.Dist != nil || a.Choices != nil {
			b.problems.Errorf(a.Pos, "attribute %s is drawn: give %s.mcp.tool.uuid too, since it cannot follow", toolName, b.prefix)
			return nil
		}
		t := b.tool(a.Value.Str)
		if t == nil {
			b.noTool(a.Pos, a.Value.Str)
		}
		return t
	}
	t := &b.server.Tools[b.tools%len(b.server.Tools)]
	b.tools++
	return t
}

// placed applies presence and count, and puts a step that stands alone into
// the task that the conventions ask for.
func (b *builder) placed(s *scenario.Node, parent string, n Node) Node {
	kind := ""
	switch s.Type {
	case classLLM:
		kind = "llm_call"
	case classRecommend:
		kind = "tool_recommendation"
	case classTool:
		kind = "tool_execution"
	}
	if kind != "" && parent != "" && parent != classTask && !(s.Type == classTool && parent == classLLM) {
		n = b.task(kind, n, s.Pos)
	}
	if parent == "" {
		return n // the root of a trace is always there, once
	}
	p, err := dist.NewProbability(s.Probability)
	if err != nil {
		b.problems.Errorf(s.Pos, "probability: %v", err)
	}
	n.Presence = p
	n.Count = b.count(s)
	return n
}

// count compiles how often a node is repeated; nil is once.
func (b *builder) count(s *scenario.Node) *Count {
	c := s.Count
	if c == nil {
		return nil
	}
	// Half a unit more at either end, so that rounding gives the ends their
	// full share.
	spec := dist.Spec{Kind: dist.Uniform, Low: float64(c.Min) - 0.5, High: float64(c.Max) + 0.5}
	if c.Dist != nil {
		spec = *c.Dist
	} else if c.Min == c.Max {
		spec = dist.Spec{Kind: dist.Constant, Value: float64(c.Min)}
	}
	out := &Count{Min: max(0, c.Min), Max: c.Max}
	if out.Max < 0 {
		out.Max = math.MaxInt64
	}
	t, err := dist.Compile(spec, 1)
	if err != nil {
		b.problems.Errorf(s.Pos, "count: %v", err)
		return nil
	}
	out.Table = t
	return out
}

// nodeAttributes compiles a node's own attributes under their emitted names.
func (b *builder) nodeAttributes(s *scenario.Node) *attrSet {
	var own attrSet
	for _, a := range s.Attributes {
		name := b.conv.Rename(a.Key, b.prefix)
		if own.has(name) {
			b.problems.Errorf(a.Pos, "attribute %s: given twice, in two spellings", a.Key)
		}
		if name == errorKey && s.Error == nil {
			b.problems.Warnf(a.Pos, "attribute %s: the span carries it and does not fail: say error: {types: [...]}", a.Key)
		}
		def, known := b.dict.OnSpan(s.Type, name)
		own.set(name, b.attribute(a, def, known))
	}
	b.fitProvider(s, &own)
	return &own
}

// fitProvider lets a model that the tree names take its provider along, and
// the response its name.
func (b *builder) fitProvider(s *scenario.Node, own *attrSet) {
	model := own.find("gen_ai.request.model")
	provider := "gen_ai.provider.name"
	if _, ok := b.dict.Lookup(provider); !ok {
		provider = "gen_ai.system"
	}
	if model == nil || own.has(provider) {
		return
	}
	if model.Op != OpConst || model.Kind != otlp.KindString {
		b.problems.Errorf(s.Pos, "attribute gen_ai.request.model is no constant name: give %s too, since it cannot follow", provider)
		return
	}
	own.put(provider, b.str(b.providerOf(b.strs.String(otlp.StringID(model.Word)))))
	if _, ok := b.dict.Lookup("gen_ai.response.model"); ok {
		own.put("gen_ai.response.model", Attr{Attr: model.Attr})
	}
}

// usualLatency is the mean duration of a type that the tree gives none, in
// milliseconds.
func (b *builder) usualLatency(class string) float64 {
	lat := b.cfg.Latencies
	switch class {
	case classOrchestrate:
		return lat.Orchestrate
	case classPlanner:
		return lat.Planner
	case classTask:
		return lat.TaskExecute
	case classLLM:
		return lat.LLMCall
	case classRecommend:
		return lat.ToolsRecommend
	case classAttempt:
		return lat.ToolAttempt
	case classCompose:
		return lat.ResponseCompose
	}
	return 100
}

// taskType is the type of a task that the tree spells out, by what it runs.
func taskType(s *scenario.Node) string {
	for _, c := range s.Children {
		switch c.Type {
		case classLLM:
			return "llm_call"
		case classRecommend:
			return "tool_recommendation"
		case classTool:
			return "tool_execution"
		case "context.augment", "rag.retrieve":
			return "context_augmentation"
		}
	}
	return "other"
}
