package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// withoutSessions is the first revision of MCP that knows no sessions.
const withoutSessions = "2026-07-28"

// programOfMCP is what both sides of a request to a tool server say of it and of
// the connection that it goes over: streamable HTTP.
func (b *builder) programOfMCP(class, bare string, f facts) (a Attr, omit, ok bool) {
	if class != vocab.Tool && class != vocab.Attempt && class != vocab.Serve {
		return Attr{}, false, false
	}
	switch bare {
	case "mcp.method.name":
		return b.str("tools/call"), false, true
	case "mcp.protocol.version", "mcp.session.id":
		if f.server == nil {
			return Attr{}, true, true
		}
		v := b.ofServer(bare, f.server)
		if bare == "mcp.session.id" {
			return Attr{Op: OpConnection, Values: []otlp.Attr{v}}, v.Word == 0, true
		}
		return Attr{Attr: v}, false, true
	case "jsonrpc.request.id":
		return op(OpRequestNumber), class == vocab.Tool, true
	case "network.transport":
		return b.str("tcp"), false, true
	case "network.protocol.name":
		return b.str("http"), false, true
	case "network.protocol.version":
		return b.str("1.1"), false, true
	case "gen_ai.tool.type":
		return b.str("function"), false, true
	case "gen_ai.tool.description":
		if f.tool == nil {
			return Attr{}, true, true
		}
		return b.str(f.tool.Description), f.tool.Description == "", true
	}
	return Attr{}, false, false
}

// serverKeys are the attributes of calls of tools that depend on the server.
var serverKeys = []string{"mcp.server.uuid", "mcp.protocol.version", "mcp.session.id", serverAddress, serverPort}

// ofServer is what a call says of the server that it goes to; a Word of 0 is
// nothing. Of the session it is what tells the connections of a session apart.
func (b *builder) ofServer(bare string, s *scenario.Server) otlp.Attr {
	switch bare {
	case "mcp.server.uuid":
		return b.str(s.UUID).Attr
	case "mcp.protocol.version":
		return b.str(s.Protocol).Attr
	case "mcp.session.id":
		if s.Protocol >= withoutSessions {
			return integer(0).Attr
		}
		return integer(int64(hashOf(s.UUID))).Attr
	case serverAddress:
		return b.str(addressOf(s)).Attr
	}
	if s.Service == nil {
		return integer(0).Attr
	}
	return integer(s.Service.Port).Attr
}

// misdirect makes what a span says of the server that it calls follow the division
// that is called.
func (b *builder) misdirect(n *Node, name string, others []*scenario.Server, first uint64) {
	for _, bare := range serverKeys {
		b.redirect(n, b.full(bare), others, first, func(s *scenario.Server) otlp.Attr { return b.ofServer(bare, s) })
	}
	b.redirect(n, b.full("mcp.tool.uuid"), others, first, func(s *scenario.Server) otlp.Attr {
		i := slices.IndexFunc(s.Tools, func(t scenario.Tool) bool { return t.Name == name })
		return b.str(s.Tools[max(i, 0)].UUID).Attr
	})
}

// redirect makes an attribute of a node follow the division that is called.
func (b *builder) redirect(n *Node, key string, others []*scenario.Server, first uint64, of func(*scenario.Server) otlp.Attr) {
	id := b.strs.ID(key)
	at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == id })
	if at < 0 {
		return
	}
	a := &n.Attrs[at]
	out := Attr{Op: OpSelected, Attr: otlp.Attr{Key: a.Key, Word: first}, Path: a.Path, Values: []otlp.Attr{a.Attr}}
	if a.Op == OpConnection {
		out.Op, out.Values = OpConnection, slices.Clone(a.Values)
	}
	for _, s := range others {
		out.Values = append(out.Values, of(s))
	}
	*a = out
}
