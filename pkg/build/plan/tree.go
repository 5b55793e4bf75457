package plan

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// dataTree compiles the orchestration trace: from the workflow's steps when
// there are any, else from the explicit tree, else from the default workflow.
func (b *builder) dataTree() Node {
	var root Node
	steps := b.turnSteps
	if steps == nil {
		steps = b.def.Steps
	}
	if steps == nil && b.def.Root != nil && !isStub(b.def.Root) {
		root = b.rootNode(b.def.Root, "")
	} else {
		if steps == nil {
			steps = b.defaultSteps()
		}
		root = b.workflowTree(b.steps(steps))
	}
	b.narrate(&root)
	b.missGoal(&root)
	b.nameRetryPolicies(&root)
	b.phases(&root, "")
	b.loop(&root)
	return root
}

// isStub reports whether an explicit tree says no more than that there is an
// orchestration.
func isStub(n *scenario.Node) bool {
	return n.Type == vocab.Orchestrate && len(n.Children) == 0 && n.Latency == nil && len(n.Attributes) == 0
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
	var own attrSet
	b.nameRequest(&own)
	root := b.node(vocab.Orchestrate, &own, facts{})
	root.Latency = b.latency(nil, b.cfg.Latencies[vocab.Orchestrate], b.def.Pos)
	for _, s := range steps {
		var n Node
		switch s.Kind {
		case scenario.StepPlanner:
			n = b.leaf(vocab.Planner, s)
		case scenario.StepLLM:
			n = b.task(b.leaf(vocab.LLM, s), s.Pos)
		case scenario.StepToolsRecommend:
			n = b.node(vocab.Recommend, &attrSet{}, facts{server: b.server})
			n.Latency = b.latency(nil, b.cfg.Latencies[vocab.Recommend], s.Pos)
			b.applySetting(&n, s, s.Pos)
			n = b.task(n, s.Pos)
		case scenario.StepCompose:
			n = b.leaf(vocab.Compose, s)
		default:
			n = b.task(b.toolStep(s), s.Pos)
		}
		n.Pos = s.Pos
		root.Children = append(root.Children, n)
	}
	return root
}

// nameRequest gives the root of an orchestration trace the id of the trace
// that let the request in.
func (b *builder) nameRequest(own *attrSet) {
	own.put(b.prefix+".cp.incoming_trace_id", op(OpRequestTrace))
}

// nameTraces is nameRequest for the root of a tree. One that stands for the
// whole request, or that checks it, was let in by no trace before it; one that
// checks an answer is the trace that sends it.
func (b *builder) nameTraces(class string, own *attrSet) {
	switch class {
	case vocab.Unified:
		own.put(b.prefix+".cp.incoming_trace_id", op(OpDataTrace))
	case vocab.Request:
	case vocab.Response:
		own.put(b.prefix+".cp.outgoing_trace_id", op(OpDataTrace))
		b.nameRequest(own)
	default:
		b.nameRequest(own)
	}
}

func (b *builder) leaf(class string, s scenario.Step) Node {
	own := &attrSet{}
	x := b.setting(s)
	if x != nil {
		own.asks = b.ask(x.Models)
	}
	n := b.node(class, own, facts{})
	switch {
	case x != nil && x.Latency != nil: // see applySetting
	case class == vocab.LLM:
		n.Latency = b.callLatency(&n, s.Pos)
	default:
		n.Latency = b.latency(nil, b.cfg.Latencies[class], s.Pos)
	}
	b.applySetting(&n, s, s.Pos)
	return n
}

// task wraps a step in the task that runs it.
func (b *builder) task(child Node, pos input.Pos) Node {
	n := b.node(vocab.Task, &attrSet{}, facts{taskType: vocab.Of(child.Class).Task})
	n.Latency = b.latency(nil, b.cfg.Latencies[vocab.Task], pos)
	n.Children = []Node{child}
	return n
}

// rootNode compiles a node of an explicit tree below a parent of the given
// class.
func (b *builder) rootNode(s *scenario.Node, parent string) Node {
	if s.OneOf != nil {
		return b.oneOf(s, parent)
	}
	if asks := b.ask(s.Models); asks != nil {
		around := b.asks
		b.asks = asks
		defer func() { b.asks = around }()
		b.warnNoModel(s)
	}
	own := b.nodeAttributes(s)
	control := vocab.IsControl(s.Type)
	if control {
		b.controlTree(s, own)
	}
	if parent == "" {
		b.nameTraces(s.Type, own)
	}
	f := facts{server: b.server}
	var n Node
	switch s.Type {
	case vocab.Tool:
		return b.placed(s, parent, b.rootTool(s, own))
	case vocab.Task:
		n = b.node(s.Type, own, facts{taskType: taskType(s)})
	default:
		n = b.node(s.Type, own, f)
	}
	if s.Type == vocab.LLM && s.Latency == nil {
		n.Latency = b.callLatency(&n, s.Pos)
	} else {
		n.Latency = b.latency(s.Latency, b.usualLatency(s.Type), s.Pos)
	}
	outer := b.agent
	b.agent = b.agentWithin(&n)
	n.Children, n.Parallel, n.Told = b.children(s), s.Parallel, b.told(s.Told)
	b.agent = outer
	if s.Type == vocab.Call {
		n.Asks = workedWith(n.Children)
	}
	if control {
		b.controlRole(&n, own)
	}
	b.giveErrors(&n, own, s)
	return b.placed(s, parent, n)
}

// oneOf compiles a place below a parent of the given class where one of several
// nodes stands.
func (b *builder) oneOf(s *scenario.Node, parent string) Node {
	var n Node
	for i := range s.Children {
		n.Children = append(n.Children, b.rootNode(&s.Children[i], parent))
	}
	choice, err := dist.NewChoice(s.OneOf)
	if err != nil {
		b.problems.Errorf(s.Pos, "one_of: %v", err)
	}
	n.OneOf = choice
	return b.placed(s, parent, n)
}

func (b *builder) children(s *scenario.Node) []Node {
	var out []Node
	for i := range s.Children {
		out = append(out, b.rootNode(&s.Children[i], s.Type))
	}
	return out
}

// placed applies presence and count, and puts a step that stands alone into
// the task that the conventions ask for.
func (b *builder) placed(s *scenario.Node, parent string, n Node) Node {
	alone := parent != "" && parent != vocab.Task && !(s.Type == vocab.Tool && parent == vocab.LLM)
	if alone && vocab.Of(s.Type).Wrapped {
		n = b.task(n, s.Pos)
	}
	n.Pos = s.Pos
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
	t, err := b.table(spec, 1, math.MinInt64)
	if err != nil {
		b.problems.Errorf(s.Pos, "count: %v", err)
		return nil
	}
	out.Table = t
	return out
}

// nodeAttributes compiles a node's own attributes under their emitted names.
func (b *builder) nodeAttributes(s *scenario.Node) *attrSet {
	own := attrSet{end: ending{fails: b.saysFailure(s)}}
	for _, a := range s.Attributes {
		name := b.spelt(a.Key)
		if own.has(name) {
			b.problems.Errorf(a.Pos, "attribute %s: given twice, in two spellings", a.Key)
		}
		if name == errorKey && s.Error == nil && !own.end.fails {
			b.problems.Warnf(a.Pos, "attribute %s: the span carries it and does not fail: say error: {types: [...]}", a.Key)
		}
		if b.endingAttribute(s, a, name, &own) {
			continue
		}
		def, known := b.dict.OnSpan(s.Type, name)
		if !known {
			b.warnMisspelt(s.Type, a, name)
		}
		own.set(name, b.attribute(a, def, known))
	}
	b.fitModel(s, &own)
	b.fitAgent(s.Type, &own)
	return &own
}

// warnMisspelt warns of an attribute that nobody defines when its last word is
// nearly that of one that spans of the class have. Others are the scenario's
// own.
func (b *builder) warnMisspelt(class string, a scenario.Attribute, name string) {
	var defined []string
	for _, d := range b.attributesOf(class) {
		defined = append(defined, b.conv.Rename(d.Name, b.prefix))
	}
	for _, bare := range slices.Concat(b.conv.Vocabulary.Every, vocab.Of(class).Carries) {
		defined = append(defined, b.full(bare))
	}
	dot := strings.LastIndexByte(name, '.') + 1
	var words []string
	for _, d := range defined {
		if d == name {
			return
		}
		if word, ok := strings.CutPrefix(d, name[:dot]); ok {
			words = append(words, word)
		}
	}
	if near, ok := text.Nearest(name[dot:], words); ok {
		b.problems.Warnf(a.Pos, "attribute %s: no convention defines it; did you mean %s?", input.Quote(a.Key), input.Quote(name[:dot]+near))
	}
}

// usualLatency is the mean duration of a type that the tree gives none, in
// milliseconds. What the config says of the control plane is about its
// templates: a tree that spells one out is taken at its word.
func (b *builder) usualLatency(class string) float64 {
	if vocab.IsControl(class) {
		return 100
	}
	if mean, ok := b.cfg.Latencies[class]; ok {
		return mean
	}
	return b.conv.Type(class).Latency
}

// taskType is the type of a task that the tree spells out, by what it runs: of one
// that runs several things, none in particular.
func taskType(s *scenario.Node) string {
	return cmp.Or(taskTypes(s.Children), "other")
}

// taskTypes is the type of task that all of these ask for, "other" when they
// differ, "" when none asks for any.
func taskTypes(nodes []scenario.Node) string {
	found := ""
	for i := range nodes {
		kind := vocab.Of(nodes[i].Type).Task
		if nodes[i].OneOf != nil {
			kind = taskTypes(nodes[i].Children)
		}
		switch {
		case kind == "" || kind == found:
		case found != "":
			return "other"
		default:
			found = kind
		}
	}
	return found
}
