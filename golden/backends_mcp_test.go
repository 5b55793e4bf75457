package golden

import "fmt"

// unpaired returns the requests to tool servers of which both sides do not say
// the same, and those of a trace that share a number.
func unpaired(traces [][]*observed) (requests int, found []complaint) {
	for _, trace := range traces {
		numbers := make(map[string]bool)
		for _, s := range trace {
			id := s.attrs.str("jsonrpc.request.id")
			switch {
			case s.of == nil:
			case s.of.name == "mcp.tool.execute.attempt":
				requests++
				if id == "" || numbers[id] {
					found = append(found, complaint{"a request to a tool server without a number of its own", s.at})
				}
				numbers[id] = true
			case s.of.name == "mcp.tool.serve":
				for _, key := range []string{"jsonrpc.request.id", "mcp.method.name", "mcp.protocol.version", "network.transport", "gen_ai.tool.name"} {
					if s.attrs[key] == nil || s.parent == nil || s.attrs[key] != s.parent.attrs[key] {
						found = append(found, complaint{fmt.Sprintf("%s: a tool server has another %s than was asked of it", s.name, key), s.at})
					}
				}
			}
		}
	}
	return requests, found
}
