package registry

import "sync"

// Bundled returns the facts of OpenTelemetry's official registry, and above them
// those of its registry for GenAI, to which gen_ai, mcp, a2a and openai have
// moved. They are read when first asked for.
func Bundled() *Registry { return bundled() }

var bundled = sync.OnceValue(func() *Registry { return new(Registry).finish() })
