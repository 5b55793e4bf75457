package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Inputs are the loaded inputs of a plan.
type Inputs struct {
	Config      *scenario.Config
	Resource    *scenario.Resource
	Conventions *semconv.Conventions
	Definitions []scenario.Definition // the ones to compile, by name
	Defined     []scenario.Definition // all there are, by name: systems may call agents of any
	Prefix      string
	Version     string // of the instrumentation scopes
	EachOnce    bool   // scenarios take turns: weights count for nothing
	Unified     bool   // one trace a request
	Content     string // scenario, none, raw or redacted: what spans say of conversations

	// Registry says what attributes of systems are, and which their spans have to have;
	// nil: nothing is known of them.
	Registry *registry.Registry

	Made *Made // by plans of the same inputs before; nil: there are none
	// Undigested leaves the digests empty, of a plan that nothing is written by.
	Undigested bool
}

// Compile compiles the inputs. Findings go to p; the plan is to be used only
// when p has no errors.
func Compile(in Inputs, p *input.Problems) *Plan {
	c := &compiler{
		Made: cmp.Or(in.Made, NewMade()),
		cfg:  in.Config, res: in.Resource, conv: in.Conventions,
		dict: in.Conventions.Dictionary(in.Prefix), prefix: in.Prefix, version: in.Version,
		emitted: make(map[string]string), defined: make(map[string][]semconv.Attribute), scales: make(map[string]*scenario.Evaluation),
		strs: otlp.NewStrings(), problems: p, unified: in.Unified, content: in.Content, registry: in.Registry, all: in.Defined,
	}
	plan := &Plan{Prefix: in.Prefix, Strings: c.strs, Instances: int(cmp.Or(in.Config.Instances, 1)), Arrivals: in.Config.Arrivals}
	c.instances, c.shared = plan.Instances, make(map[string]int)
	plan.Judgement = c.judgement()
	plan.InputTokens, plan.OutputTokens = c.strs.ID("gen_ai.usage.input_tokens"), c.strs.ID("gen_ai.usage.output_tokens")
	c.checkModels()
	c.checkMembers(in.Definitions)
	for i := range in.Definitions {
		plan.Scenarios = append(plan.Scenarios, c.scenario(&in.Definitions[i]))
	}
	c.checkAnonymous(in.Definitions, plan)
	plan.Resources = c.numbers
	if !in.EachOnce {
		c.shifts(plan)
	}
	if p.Errors() == 0 && !in.Undigested {
		digest(plan, in.EachOnce)
	}
	return plan
}

// compiler holds what all scenarios of a plan share.
type compiler struct {
	*Made
	cfg      *scenario.Config
	res      *scenario.Resource
	conv     *semconv.Conventions
	dict     *semconv.Dictionary
	prefix   string
	version  string
	strs     *otlp.Strings
	problems *input.Problems
	unified  bool
	content  string
	registry *registry.Registry
	all      []scenario.Definition

	instances int
	shared    map[string]int                  // groups by what they say: see Group.Shared
	numbers   int                             // of them so far
	unnamable []string                        // what was said of templates of names
	defined   map[string][]semconv.Attribute  // by class: see attributesOf
	emitted   map[string]string               // by known name: see full
	room      attrSet                         // where attributes are put together
	scales    map[string]*scenario.Evaluation // by name: the first of that name
}

// builder compiles one scenario.
type builder struct {
	*compiler
	def    *scenario.Definition
	out    *Scenario
	tenant string
	agent  string
	server *scenario.Server // nil when the scenario names none
	groups []string         // component of each group of out
	tools  int              // tool nodes compiled so far
	called []string         // names of out.Tools
	asks   *Asks            // what the calls of models of the tree under work go to; nil: nobody says

	behind  *systemBuilder // of services that tools call; nil: none do, as of the next two
	calls   *systemSizer
	calling []*Node // what each attempt calls

	flow       *Flow           // that is compiled
	turnSteps  []scenario.Step // those of the turn that it is of; nil: the scenario's
	flowOfTurn []int           // by turn
}

func (c *compiler) scenario(d *scenario.Definition) *Scenario {
	b := &builder{compiler: c, def: d, out: &Scenario{Name: d.Name, Pos: d.Pos}}
	b.tenant, b.agent = c.cfg.Tenants[0].ID, ""
	if len(c.cfg.Agents) > 0 {
		b.agent = c.cfg.Agents[0]
	}
	if d.Context != nil {
		b.agent = d.Context.Agent
		for _, t := range c.cfg.Tenants {
			if t.Key == d.Context.Tenant {
				b.tenant = t.ID
			}
		}
	}
	b.server = c.serverByKey(d.Server)
	b.out.Weight = weight(d.Weight)
	b.out.UserPool = userPool
	if c.cfg.Users > 0 {
		b.out.UserPool = uint64(c.cfg.Users)
	}
	b.out.EmitMetrics, b.out.EmitLogs = d.EmitMetrics, d.EmitLogs
	b.out.Session = b.idFormat(c.cfg.IDFormats.Session)
	b.out.Request = b.idFormat(c.cfg.IDFormats.Request)
	b.out.ToolCall = b.idFormat(c.cfg.IDFormats.ToolCall)
	if d.System != nil {
		b.system()
		return b.out
	}
	b.sessionModels()
	b.flows()
	b.exchanges()
	b.evaluations()
	b.nameSpans()
	b.forgetFailures()
	b.callServices()
	z := b.newSizer()
	if !b.measureCalls(z) {
		return b.out
	}
	b.address()
	for p := range b.out.Parts() {
		b.remotes(&p.Root, nil)
	}
	b.limit(z)
	return b.out
}

// userPool is the number of end users of a scenario's sessions: enough that a
// user comes back only now and then.
const userPool = 10_000

// parts compiles the traces of a request.
func (b *builder) parts() {
	t := b.template(b.cfg.ControlPlane.RequestTemplates, b.def.Template)
	if t == nil {
		b.problems.Errorf(b.def.Pos, "scenario %s: no request validation template %q", b.def.Name, b.def.Template)
		return
	}
	flow := b.cfg.ControlPlane.Flow[t.Outcome]
	b.warnIdle(t, flow)
	if flow.Request {
		b.flow.Parts = append(b.flow.Parts, Part{ids.PartRequest, b.requestTree(t)})
	}
	orchestrated := true
	if flow.Orchestration {
		root := b.dataTree()
		b.serve(&root)
		root = b.enterAll(root)
		if root.Class == vocab.Request || root.Class == vocab.Unified {
			b.flow.Parts = nil // the tree says itself how the request is let in
		}
		b.flow.Parts = append(b.flow.Parts, Part{ids.PartOrchestration, root})
		orchestrated = within(&root).Class == vocab.Orchestrate // otherwise there is no response to validate
	}
	if flow.Response && orchestrated {
		id := cmp.Or(b.def.ResponseTemplate, "allowed")
		r := b.template(b.cfg.ControlPlane.ResponseTemplates, id)
		if r == nil {
			b.problems.Errorf(b.def.Pos, "scenario %s: no response validation template %q", b.def.Name, id)
			return
		}
		b.flow.Parts = append(b.flow.Parts, Part{ids.PartResponse, b.responseTree(r)})
	}
	if len(b.flow.Parts) == 0 {
		b.problems.Errorf(b.def.Pos, "scenario %s: control_plane.trace_flow leaves it without any trace", b.def.Name)
	}
	if b.unified {
		b.unify()
	}
}

// warnIdle names what the scenario says to no effect.
func (b *builder) warnIdle(t *scenario.Template, flow scenario.Flow) {
	if b.def.Root != nil && !flow.Orchestration {
		b.problems.Warnf(b.def.Root.Pos, "root: has no effect: template %s lets no request through", t.ID)
	}
	if b.def.ThinkTime != nil && len(b.def.Turns) < 2 {
		b.problems.Warnf(b.def.Pos, "scenario %s: conversation.think_time has no effect without a second turn", b.def.Name)
	}
	if b.def.PolicyException != nil && (t.Policy.ErrorRate < 1 || !t.IncludePolicy || isSkipped(&t.Policy)) {
		b.problems.Warnf(b.def.Pos, "scenario %s: policy_exception has no effect: the policy of template %s does not fail", b.def.Name, t.ID)
	}
	if t.Root.ErrorRate > 0 && t.Outcome != scenario.Failed {
		b.problems.Warnf(t.Pos, "template %s: error_rate.root has no effect: the outcome decides whether the root fails", t.ID)
	}
}

func (b *builder) template(list []scenario.Template, id string) *scenario.Template {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

func (c *compiler) serverByKey(key string) *scenario.Server {
	for i := range c.cfg.Servers {
		if key != "" && c.cfg.Servers[i].Key == key {
			return &c.cfg.Servers[i]
		}
	}
	return nil
}

// node returns a span of the class with its own attributes and those that the
// conventions define for it. own is added to and overrides both.
func (b *builder) node(class string, own *attrSet, f facts) Node {
	typ := b.conv.Type(class)
	n := Node{
		Class:    class,
		Name:     b.strs.ID(typ.Emitted(b.prefix)),
		Kind:     b.spanKind(class, typ),
		Presence: present,
		Attrs:    b.attributes(class, own, f),
	}
	n.Group = b.groupOf(typ.Component, f)
	n.Tool = class == vocab.Tool
	n.Attempt = class == vocab.Attempt
	if n.LLM = class == vocab.LLM; n.LLM {
		n.Asks = cmp.Or(own.asks, b.asks)
	}
	n.Role = typ.Role
	if n.Role != vocab.RoleFixed {
		n.Events = append(b.usualEvents(class, &n), b.exceptionOf())
	}
	return n
}

// present is the presence of a node that is never left out.
var present, _ = dist.NewProbability(1)

// spanKind is the kind that the conventions give the class, else the usual.
func (b *builder) spanKind(class string, typ vocab.Type) uint8 {
	if def, ok := b.conv.Span(class); ok && !slices.Contains(def.Kinds, typ.Kind) {
		return def.Kinds[0]
	}
	return typ.Kind
}

// environment is a resource attribute that orchestrations repeat.
const environment = "deployment.environment.name"

// attributes lists the attributes of a span: those that the vocabulary has on every span, then by name
// what spans of the class always have, what the conventions define for them,
// and own. The order of keys in a file therefore decides nothing.
func (b *builder) attributes(class string, own *attrSet, f facts) []Attr {
	set := b.room
	set.names, set.attrs, b.room = set.names[:0], set.attrs[:0], attrSet{}
	add := func(bare, name string, def *semconv.Attribute) {
		if b.conv.LeavesOut(class, bare) {
			return
		}
		if a := own.find(name); a != nil {
			set.put(name, *a)
			return
		}
		a, omit, ok := b.program(class, bare, f)
		if !ok && def != nil && !vocab.IsControl(class) {
			a, ok = b.generic(*def, bare)
		}
		if ok && !omit {
			if _, renamed := b.conv.Renamed(bare); renamed && a.Path == 0 {
				a.Path = hashOf(vendors(b.prefix, bare)) // what it is called moves no draw
			}
			set.put(name, a)
		}
	}
	for _, bare := range b.conv.Vocabulary.Every {
		add(bare, b.full(bare), nil)
	}
	identity := len(set.names)
	for _, bare := range vocab.Of(class).Carries {
		add(bare, b.full(bare), nil)
	}
	if !vocab.IsControl(class) {
		for _, bare := range onFailure {
			add(bare, b.full(bare), nil)
		}
	}
	if class == vocab.LLM && !b.definesProvider() {
		add("gen_ai.provider.name", "gen_ai.provider.name", nil)
	}
	for _, def := range b.attributesOf(class) {
		name := b.conv.Rename(def.Name, b.prefix)
		if !set.has(name) {
			add(b.conv.Known(def.Name), name, &def)
		}
	}
	if _, defined := b.dict.Lookup(environment); defined && class == vocab.Orchestrate && !set.has(environment) {
		add(environment, environment, nil) // asked for wherever it has a definition
	}
	for i, name := range own.names {
		set.put(name, own.attrs[i])
	}
	set.sort(identity)
	out := slices.Clone(set.finish(b.strs))
	b.room = set
	return out
}

func (b *builder) definesProvider() bool {
	for _, def := range b.attributesOf(vocab.LLM) {
		if def.Name == "gen_ai.provider.name" || def.Name == "gen_ai.system" {
			return true
		}
	}
	return false
}

// latency compiles a duration in milliseconds; nil stands for usual, the mean
// of a log-normal with a coefficient of variation of 0.3.
func (b *builder) latency(s *dist.Spec, usual float64, pos input.Pos) *dist.Table {
	if s == nil {
		s = &dist.Spec{Kind: dist.LogNormal, Mean: usual, CV: 0.3}
		if usual == 0 {
			s = &dist.Spec{Kind: dist.Constant}
		}
	}
	t, err := b.table(*s, nanosPerMilli, 0)
	if err != nil {
		b.problems.Errorf(pos, "latency: %v", err)
		return nil
	}
	if _, most := t.Bounds(); most > maxLatency {
		b.problems.Errorf(pos, "latency: may be over %d hours", maxLatency/hour)
	}
	return t
}

// idFormat compiles a checked identifier template.
func (b *builder) idFormat(s string) (f IDFormat) {
	for s != "" {
		open := strings.IndexByte(s, '{')
		end := strings.IndexByte(s, '}')
		if open < 0 || end < open {
			return append(f, IDPiece{Literal: s})
		}
		if open > 0 {
			f = append(f, IDPiece{Literal: s[:open]})
		}
		name := s[open+1 : end]
		switch digits, hex := strings.CutPrefix(name, "hex:"); {
		case hex:
			n, _ := strconv.Atoi(digits) // checked when it was loaded
			f = append(f, IDPiece{Hex: n})
		case strings.HasPrefix(name, "word:"):
			n, _ := strconv.Atoi(name[len("word:"):])
			f = append(f, IDPiece{Word: n})
		case name == "uuid":
			f = append(f, IDPiece{UUID: true})
		case name == "tenant_id":
			f = append(f, IDPiece{Literal: b.tenant})
		default:
			f = append(f, IDPiece{Literal: s[open : end+1]})
		}
		s = s[end+1:]
	}
	return f
}
