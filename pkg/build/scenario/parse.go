package scenario

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// ParseOptions are the circumstances of Parse.
type ParseOptions struct {
	// Prefixes are the namespaces that span types and attribute keys may
	// carry: "vendor", that of the conventions, the runtime prefix.
	Prefixes []string
	// Types are the span types, without namespace, that the conventions add to
	// those of the product.
	Types []string
	// Registry says that the files are the bundled ones: the Config's request
	// scenarios belong to them, and the example among them is not run.
	Registry bool
	// Own are further files, which are not the bundled ones.
	Own []input.File
}

// exampleName is the bundled file that is there to be read.
const exampleName = "example_scenario"

// Parse reads scenario files, one scenario each, and returns them sorted by
// name. Without a Config (nil) it checks what can be checked alone. What it
// returns is complete only when p has no errors.
func Parse(files []input.File, c *Config, o ParseOptions, p *input.Problems) []Definition {
	l := &loader{p: p, c: c, names: c != nil, prefixes: o.Prefixes, added: o.Types}
	if c == nil {
		l.c = &Config{}
	}
	l.files = slices.Concat(files, o.Own)
	if o.Registry && c != nil {
		for _, r := range c.ControlPlane.RequestScenarios {
			l.requests = append(l.requests, r.Name)
		}
	}
	taken := make(map[string]input.Pos)
	out := l.definitions(files, taken)
	for i := range out {
		out[i].Hidden = o.Registry && (out[i].Name == exampleName || stem(out[i].Pos.File) == exampleName)
	}
	if o.Registry && c != nil {
		l.hidden(out)
		for _, r := range c.ControlPlane.RequestScenarios {
			if _, ok := taken[r.Name]; !ok && r.Template != "" {
				out = append(out, l.registered(r))
				taken[r.Name] = r.Pos
			}
		}
	}
	out = append(out, l.definitions(o.Own, taken)...)
	if c != nil && p.Errors() == 0 { // else a name may be missing for another reason
		l.checkMentions(out)
	}
	slices.SortFunc(out, func(a, b Definition) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// definitions reads files in order of their names. taken are the names of
// scenarios so far, with their places.
func (l *loader) definitions(files []input.File, taken map[string]input.Pos) (out []Definition) {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b input.File) int { return cmp.Compare(a.Name, b.Name) })
	for _, f := range files {
		if d, ok := l.definition(f); ok && l.unique(taken, "scenario", d.Name, d.Pos) {
			out = append(out, d)
		}
	}
	return out
}

// stem is the name of a file without folders and ending.
func stem(file string) string {
	base := file[strings.LastIndexAny(file, `/\`)+1:]
	if dot := strings.LastIndexByte(base, '.'); dot > 0 {
		return base[:dot]
	}
	return base
}

// registered makes a scenario of an entry of request_scenarios: it belongs to
// the first tenant, agent and server.
func (l *loader) registered(r RequestScenario) Definition {
	interval := 50.0
	d := Definition{
		Name: r.Name, Description: r.Description, Tags: []string{"control-plane"}, Pos: r.Pos,
		Weight: r.Weight, RepeatCount: 2, Interval: &interval, EmitMetrics: true, EmitLogs: true,
		Redaction: "none", Template: r.Template, ResponseTemplate: defaultResponse, Goals: nowhere,
		History: HistoryCall, CompactAt: MaxMessages,
		Context: &Context{ErrorPattern: "happy_path", ErrorRate: 0.1, ErrorStep: -1},
	}
	if len(l.c.Tenants) > 0 {
		d.Context.Tenant = l.c.Tenants[0].Key
	}
	if len(l.c.Agents) > 0 {
		d.Context.Agent = l.c.Agents[0]
	}
	if len(l.c.Servers) > 0 {
		d.Server = l.c.Servers[0].Key
	}
	l.checkDefault(r.Pos, &d)
	return d
}

// definition reads one file.
func (l *loader) definition(f input.File) (Definition, bool) {
	root := l.document(f)
	if root == nil {
		return Definition{}, false
	}
	if top, ok := root.Map(l.p); ok && top.Has("services") {
		d := l.head(top, f)
		l.system(top, &d)
		return d, true
	}
	m, ok := l.top(root)
	if !ok {
		return Definition{}, false
	}
	d := l.head(m, f)
	l.expected(m)

	topServer := l.known(m, "mcp_server", "mcp_server", l.c.serverKeys())
	context, _ := m.Map("context", contextKeys...)
	plane, _ := m.Map("data_plane", dataPlaneKeys...)
	l.context(m, context, &d, topServer)
	if d.Models = l.asked(context); d.Models == nil {
		d.Models = l.asked(m)
	}
	goal, goalAt := l.goal(m, plane)
	d.Goal = goal
	overrides, _ := m.Map("realistic_overrides", overrideKeys...)
	if d.Server == "" && d.Goal == "wrong_division" {
		d.Server = l.known(overrides, "mcp_server_key", "mcp_server", l.c.serverKeys())
	}
	l.server = d.Server
	d.Tools = l.ownSamples(m)
	d.Redaction = l.redaction(m, context)
	l.workflow(m, context, plane, &d)
	l.checkGoal(goalAt, plane.Get("workflow") != nil || context.Get("correct_flow") != nil, &d)
	l.overrides(overrides, &d)
	l.pattern(context, &d)
	l.conversation(m, &d)
	d.Root = l.root(m)
	l.idleSteps(m, context, plane, goalAt, &d)
	d.Evaluations = l.evaluations(m)
	l.settings(plane, &d)
	if d.Root != nil && len(d.Steps) > 0 {
		m.Warn("root", "has no effect beside a workflow")
	}
	l.outcome(m, plane, goalAt, &d)
	l.idleTurns(m, &d)
	l.idleCalls(&d)
	l.checkTools(m, context, plane, &d)
	return d, true
}

// top reads the keys of a scenario that has no services.
func (l *loader) top(root *input.Node) (input.Map, bool) {
	keys := append(slices.Clone(scenarioKeys), "services", "extends")
	m, _ := root.Map(&input.Problems{})
	for _, e := range m.Entries() {
		if e.Key == "session" || e.Key == "values" {
			l.p.Errorf(e.Pos, "%s: belongs to a file with services", e.Key)
			keys = append(keys, e.Key)
		}
	}
	return root.Map(l.p, keys...)
}

// head reads what scenarios of all styles say.
func (l *loader) head(m input.Map, f input.File) Definition {
	d := Definition{Name: stem(f.Name), Pos: m.At("name")}
	if m.Get("name") != nil {
		d.Name = m.Need("name")
	}
	d.Description = m.Str("description", "")
	d.Tags = m.Strings("tags")
	d.Weight = l.weight(m)
	d.RepeatCount = m.Int("repeat_count", 1, 0, 1<<53)
	d.Interval = millis(m, "interval_ms")
	d.Deviation = millis(m, "interval_deviation_ms")
	d.Apart = !m.Bool("in_mix", true)
	d.EmitMetrics = m.Bool("emit_metrics", true)
	d.EmitLogs = m.Bool("emit_logs", true)
	return d
}

func millis(m input.Map, key string) *float64 {
	if m.Get(key) == nil {
		return nil
	}
	v := m.Float(key, 0, 0, maxMillis)
	return &v
}

// expected checks the form of a key that other readers of the file use.
func (l *loader) expected(m input.Map) {
	e, _ := m.Map("expected", expectedKeys...)
	e.Str("mcp_server", "")
	e.Strings("tools")
}

func (l *loader) redaction(m, context input.Map) string {
	inner := context.OneOf("redaction_applied", "none", redactions...)
	return m.OneOf("redaction_applied", inner, redactions...)
}
