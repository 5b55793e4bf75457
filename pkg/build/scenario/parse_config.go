package scenario

import (
	"regexp"
	"strconv"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// ParseConfig reads config.yaml. It returns nil when the file holds no usable
// document; otherwise a Config that is fit for checking scenarios against, and
// for use when p has no errors.
func ParseConfig(f input.File, p *input.Problems) *Config {
	root := input.Load(f, p)
	if root == nil {
		return nil
	}
	m, ok := root.Map(p, configKeys...)
	if !ok {
		return nil
	}
	c := &Config{Layered: root.Layered}
	l := &loader{p: p, c: c, names: true}
	c.IDFormats = l.idFormats(m)
	c.Latencies = l.latencies(m)
	c.Tenants = l.tenants(m)
	c.Agents = l.agents(m)
	l.shared = l.structures(m)
	l.behind = l.services(m)
	c.Servers = l.servers(m)
	l.idleStructures(m)
	l.idleServices(f.Name)
	l.realistic(m)
	c.Models = l.models(m)
	c.Samples = l.samples(m)
	l.controlPlane(m)
	c.Phases = l.phases(m)
	c.Arrivals = l.arrivals(m)
	cardinality, _ := m.Map("cardinality", cardinalityKeys...)
	c.Users = cardinality.Int("users", 0, 1, maxUsers)
	c.Instances = cardinality.Int("instances", 0, 1, maxInstances)
	return c
}

var placeholder = regexp.MustCompile(`\{([a-z_]*)(?::([^{}]*))?\}`)

func (l *loader) idFormats(m input.Map) IDFormats {
	formats, ok := m.Map("id_formats", idFormatKeys...)
	if !ok {
		if m.Get("id_formats") == nil {
			m.Fail("id_formats", "missing")
		}
		return IDFormats{}
	}
	out := IDFormats{
		Session:      formats.Need("session_id"),
		Request:      formats.Need("request_id"),
		ToolCall:     formats.Need("mcp_tool_call_id"),
		Conversation: formats.Str("conversation_id", ""),
	}
	for _, e := range formats.Entries() {
		for _, found := range placeholder.FindAllStringSubmatch(e.Value.Text(), -1) {
			digits, err := strconv.Atoi(found[2])
			switch {
			case found[1] == "hex" && err == nil && digits >= 1 && digits <= 64:
			case (found[1] == "uuid" || found[1] == "tenant_id") && found[2] == "":
			default:
				e.Value.Fail(l.p, "unknown placeholder %s; allowed: {hex:1} to {hex:64}, {uuid}, {tenant_id}", input.Quote(found[0]))
			}
		}
	}
	l.weakIDs(formats, out)
	return out
}

// latencies reads both sections of durations. Those of the control plane may
// stand in either; its own section wins.
func (l *loader) latencies(m input.Map) Latencies {
	h, _ := m.Map("happy_path_latencies_ms", latencyKeys...)
	cp, _ := m.Map("control_plane")
	c, _ := cp.Map("latencies_ms", cpLatencyKeys...)
	l.c.ModelLatency = h.Get(vocab.Of(vocab.LLM).LatencyKey) != nil
	read := func(m input.Map, key string, fallback float64) float64 {
		return m.Float(key, fallback, 0, maxMillis)
	}
	both := func(key string, fallback float64) float64 {
		usual := read(h, key, fallback)
		own := read(c, key, usual)
		if h.Get(key) != nil && own != usual {
			h.Warn(key, "has no effect: control_plane.latencies_ms says %v", own)
		}
		return own
	}
	out := Latencies{}
	for _, t := range vocab.All() {
		switch {
		case t.Made: // it lasts as long as what it is part of
		case t.LatencyKey == "":
			out[t.Name] = t.Latency
		case t.IsControl():
			out[t.Name] = both(t.LatencyKey, t.Latency)
		default:
			out[t.Name] = read(h, t.LatencyKey, t.Latency)
		}
	}
	return out
}

// unique reports a name that was taken before, and remembers the first place.
func (l *loader) unique(taken map[string]input.Pos, what, name string, pos input.Pos) bool {
	if first, ok := taken[name]; ok {
		l.p.Errorf(pos, "duplicate %s %s; the first is at %s", what, input.Quote(name), first)
		return false
	}
	taken[name] = pos
	return true
}

func (l *loader) tenants(m input.Map) []Tenant {
	section, _ := m.Map("tenants")
	var out []Tenant
	taken := make(map[string]input.Pos)
	for _, e := range section.Entries() {
		t, ok := e.Value.Map(l.p, tenantKeys...)
		if !ok {
			continue
		}
		key := name(e.Key)
		id := t.Need("id")
		if l.unique(taken, "tenant", key, e.Pos) {
			out = append(out, Tenant{Key: key, ID: id})
		}
	}
	if len(section.Entries()) == 0 {
		m.Fail("tenants", "no tenants; at least one is required")
	}
	return out
}

func (l *loader) agents(m input.Map) []string {
	var out []string
	taken := make(map[string]input.Pos)
	for _, item := range m.List("agents") {
		a, ok := item.Map(l.p, agentKeys...)
		if !ok {
			continue
		}
		if id := a.Need("id"); id != "" && l.unique(taken, "agent", id, a.At("id")) {
			out = append(out, id)
			text := AgentText{Description: a.Str("description", "")}
			if a.Get("instructions") != nil {
				text.Instructions = l.said(a, "instructions")
			}
			l.c.AgentTexts = append(l.c.AgentTexts, text)
		}
	}
	if len(m.List("agents")) == 0 {
		m.Fail("agents", "no agents; at least one is required")
	}
	return out
}

func (l *loader) servers(m input.Map) []Server {
	section, _ := m.Map("mcp_servers")
	var out []Server
	taken := make(map[string]input.Pos)
	for _, e := range section.Entries() {
		s, ok := e.Value.Map(l.p, serverKeys...)
		if !ok {
			continue
		}
		server := Server{Key: name(e.Key), UUID: s.Need("mcp_server_uuid"), Protocol: l.protocol(s), Tools: l.tools(s), Service: l.service(s)}
		l.checkCallers(s, &server)
		if l.unique(taken, "mcp_server", server.Key, e.Pos) {
			out = append(out, server)
		}
	}
	return out
}

// usualProtocol is the revision of MCP of servers that say none.
const usualProtocol = "2025-11-25"

// protocol reads which revision of MCP a server speaks: they are named by dates.
func (l *loader) protocol(m input.Map) string {
	s := m.Str("protocol_version", usualProtocol)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		m.Fail("protocol_version", "%s is no revision of MCP, such as %q", input.Quote(s), usualProtocol)
	}
	return s
}

func (l *loader) tools(s input.Map) []Tool {
	var out []Tool
	taken := make(map[string]input.Pos)
	for _, item := range s.List("tools") {
		t, ok := item.Map(l.p, toolKeys...)
		if !ok {
			continue
		}
		tool := Tool{Name: t.Need("name"), UUID: t.Need("tool_uuid")}
		if _, reserved := stepWords[name(tool.Name)]; reserved {
			t.Fail("name", "%q is the name of a step and cannot be a tool", tool.Name)
			continue
		}
		l.structure(&tool, t)
		tool.Calls = l.toolCalls(t)
		if tool.Name != "" && l.unique(taken, "tool", tool.Name, t.At("name")) {
			out = append(out, tool)
		}
	}
	if len(s.List("tools")) == 0 {
		s.Fail("tools", "no tools; a server needs at least one")
	}
	return out
}

func (l *loader) samples(m input.Map) []SampleSet {
	section, _ := m.Map("conversation_samples")
	var out []SampleSet
	for _, e := range section.Entries() {
		set, ok := e.Value.Map(l.p, samplesKeys...)
		if !ok {
			continue
		}
		samples := SampleSet{Workflow: e.Key}
		for _, item := range set.List("samples") {
			if s, ok := item.Map(l.p, sampleKeys...); ok {
				samples.Samples = append(samples.Samples, l.exchange(s))
			}
		}
		if len(set.List("samples")) == 0 {
			set.Fail("samples", "no samples; leave %q out or add one", e.Key)
		}
		out = append(out, samples)
	}
	return out
}
