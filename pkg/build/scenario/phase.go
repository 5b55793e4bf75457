package scenario

import (
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Phase is a stretch of simulated time in which things go differently. Empty
// lists of names stand for all.
type Phase struct {
	Name     string
	Pos      input.Pos
	From, To time.Duration // since the start of the run; From is part of it, To is not, and may be the largest there is

	Scenarios, Tools, Servers []string // whose calls are concerned; Servers are keys of mcp_servers
	// Services and Operations, as SERVICE.OPERATION, are those of systems that are
	// concerned. With either, nothing else is; with Tools or Servers none of them.
	Services, Operations []string

	LatencyFactor float64 // of their durations; 1 when absent
	ErrorRate     float64 // how likely each fails, beside its own errors
	ErrorType     string  // what with
	Weights       []PhaseWeight
}

// PhaseWeight multiplies the weight of a scenario.
type PhaseWeight struct {
	Scenario string
	Factor   float64
}
