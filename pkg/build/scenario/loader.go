package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// loader reads one kind of file into types, against a Config once it is known.
type loader struct {
	p        *input.Problems
	c        *Config
	names    bool // the Config is usable: names can be checked against it
	prefixes []string
	added    []string             // span types of the conventions alone
	server   string               // of the scenario that is being read
	shared   map[string]input.Map // the section tools of the Config, by name
	files    []input.File         // of scenarios, which may be laid over each other
	behind   *members             // the services of the Config, while it is read; nil: it has none
	named    []namedFile          // files that were looked into for the names of their scenarios
	requests []string             // scenarios of agents that the Config has beside the files
}

// maxMillis bounds every duration in a file, in milliseconds: 115 days. It
// keeps sums of durations far from the range of a 64-bit time.
const maxMillis = 1e10

// name is how keys of the Config are compared: trimmed, lower case.
func name(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// known reads a key whose value must be one of the candidates, and returns ""
// when it is absent or not. Without a usable Config any name passes.
func (l *loader) known(m input.Map, key, what string, candidates []string) string {
	n := m.Get(key)
	if n == nil {
		return ""
	}
	s, ok := n.Str(l.p)
	if !ok {
		return ""
	}
	return l.knownName(n, s, what, candidates)
}

func (l *loader) knownName(n *input.Node, s, what string, candidates []string) string {
	s = strings.TrimSpace(s)
	if s == "" || !l.names {
		return s
	}
	for _, candidate := range candidates {
		if s == candidate || name(s) == name(candidate) {
			return candidate
		}
	}
	n.Fail(l.p, "%s", input.Unknown(what, s, candidates))
	return ""
}

func (c *Config) tenantKeys() []string {
	var keys []string
	for _, t := range c.Tenants {
		keys = append(keys, t.Key)
	}
	return keys
}

func (c *Config) serverKeys() []string {
	var keys []string
	for _, s := range c.Servers {
		keys = append(keys, s.Key)
	}
	return keys
}

func (c *Config) workflowNames() []string {
	var names []string
	for _, w := range c.Workflows {
		names = append(names, w.Name)
	}
	return names
}

// topicNames are the names that select conversation samples.
func (c *Config) topicNames() []string {
	names := c.workflowNames()
	for _, s := range c.Samples {
		names = append(names, s.Workflow)
	}
	return names
}

func (c *Config) requestTemplateIDs() []string {
	var ids []string
	for _, t := range c.ControlPlane.RequestTemplates {
		ids = append(ids, t.ID)
	}
	return ids
}

func (c *Config) responseTemplateIDs() []string {
	var ids []string
	for _, t := range c.ControlPlane.ResponseTemplates {
		ids = append(ids, t.ID)
	}
	return ids
}

// Server returns the server of a key, nil when there is none.
func (c *Config) Server(key string) *Server {
	for i := range c.Servers {
		if c.Servers[i].Key == key {
			return &c.Servers[i]
		}
	}
	return nil
}

// Workflow returns the workflow of a name, nil when there is none.
func (c *Config) Workflow(name string) *Workflow {
	for i := range c.Workflows {
		if c.Workflows[i].Name == name {
			return &c.Workflows[i]
		}
	}
	return nil
}

// RequestTemplate returns the request validation template of an id, nil when
// there is none.
func (c *Config) RequestTemplate(id string) *Template {
	for i := range c.ControlPlane.RequestTemplates {
		if c.ControlPlane.RequestTemplates[i].ID == id {
			return &c.ControlPlane.RequestTemplates[i]
		}
	}
	return nil
}

// toolNames lists the tools of a server in its order.
func (s *Server) toolNames() []string {
	var names []string
	for _, t := range s.Tools {
		names = append(names, t.Name)
	}
	return names
}
