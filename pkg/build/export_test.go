package build

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// Iteration is IterationLogs without the logs.
func (g *Generator) Iteration(i uint64, record func(*otlp.Traces)) IterationInfo {
	return g.IterationLogs(i, func(t *otlp.Traces, _ *otlp.Logs) { record(t) })
}
