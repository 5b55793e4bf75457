package plan

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// plain are the known names that carry no namespace of the vendor's.
var plain = []string{"gen_ai.", "enduser.id", "error.", "http.", "deployment.", "a2a.", "exception.", "rag.", "server.", "service.",
	"network.", "jsonrpc.", "mcp.method.", "mcp.protocol.", "mcp.session."}

// Emitted returns the emitted spelling of a known name: what the vocabulary of the
// conventions calls it, else its own.
func Emitted(c *semconv.Conventions, prefix, known string) string {
	if name, ok := c.Renamed(known); ok {
		return c.Rename(name, prefix)
	}
	return vendors(prefix, known)
}

// vendors is the spelling of a known name where no vocabulary says another. Some begin
// like a standard namespace and are the vendor's all the same.
func vendors(prefix, bare string) string {
	switch {
	case strings.HasPrefix(bare, "a2a.agent."), bare == "a2a.outcome", strings.HasPrefix(bare, "rag."), bare == "error.category":
		return prefix + "." + bare
	}
	for _, p := range plain {
		if strings.HasPrefix(bare, p) {
			return bare
		}
	}
	return prefix + "." + bare
}

// full is Emitted for the conventions that are compiled by. It remembers: a name is
// asked for by each of thousands of nodes.
func (c *compiler) full(bare string) string {
	name, ok := c.emitted[bare]
	if !ok {
		name = Emitted(c.conv, c.prefix, bare)
		c.emitted[bare] = name
	}
	return name
}

// spelt returns the emitted spelling of a name that an input file gives: a known
// one goes by what the vocabulary calls it.
func (c *compiler) spelt(name string) string {
	bare, _ := c.conv.Bare(name, c.prefix)
	if _, ok := c.conv.Renamed(bare); ok {
		return c.full(bare)
	}
	return c.conv.Rename(name, c.prefix)
}
