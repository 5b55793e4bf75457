package build

import (
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// filled are keys of operations and calls that have all that the registry gives them.
const filled = "fill: opt_in"

// byProtocol adds the calls that emit spans of a type, where a protocol does, and
// reports whether it does: both sides of them come together, once for the two types.
func (c *registryCorpus) byProtocol(s *registry.Span) bool {
	protocol, system, ok := plan.ProtocolOf(s.Type)
	if !ok {
		return false
	}
	if protocol != scenario.ProtocolDB && c.called[protocol] {
		return true
	}
	c.called[protocol] = true
	var calls []string
	call := func(name, more string) {
		calls = append(calls, "{call: "+strconv.Quote(name)+", "+filled+more+"}")
	}
	switch protocol {
	case scenario.ProtocolHTTP:
		web := c.service("http-server", "protocol: http")
		for _, m := range scenario.HTTPMethods {
			call(web.add(m+" /items/{id}", filled+", error: {rate: 20%, types: [500, 404, timeout]}"), ", retry: {max_attempts: 2}")
		}
	case scenario.ProtocolGRPC:
		items := c.service("rpc-server", "protocol: none")
		call(items.add("example.Items/List", "protocol: grpc, "+filled+", error: {rate: 20%, types: [UNAVAILABLE, NOT_FOUND, INTERNAL]}"), "")
	case scenario.ProtocolMessaging:
		for _, system := range c.members("messaging.system", "kafka") {
			queue := c.service("messaging-"+system, "protocol: messaging", "system: "+strconv.Quote(system))
			call(queue.add("handle", "destination: items, group: workers, "+filled+", error: 20%"), "")
		}
	case scenario.ProtocolDB:
		systems := []string{system}
		if system == "" { // those that have no type of their own
			systems = c.members("db.system.name", "other_sql")
		}
		for _, system := range systems {
			if s.Type == "db.client" && plan.HasType(system) {
				continue
			}
			db := c.service("db-"+system, "protocol: db", "system: "+strconv.Quote(system), "database: shop")
			call(db.add("SELECT "+strings.ReplaceAll(system, ".", "_")+"_items", filled+", error: {rate: 20%, types: [\"40001\", \"57014\", timeout]}"), "")
		}
	}
	c.plain(s.Type).do("one_of: [" + strings.Join(calls, ", ") + "]")
	return true
}

// members are the members of an enumeration that are not deprecated, or one where the
// registry has none.
func (c *registryCorpus) members(key, otherwise string) []string {
	if a, ok := c.r.Attribute(key); ok && len(a.Type.Values()) > 0 {
		return a.Type.Values()
	}
	return []string{otherwise}
}
