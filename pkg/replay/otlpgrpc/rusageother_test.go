//go:build !unix

package otlpgrpc_test

import (
	"testing"
	"time"
)

// processorTime skips a benchmark of what cannot be told here.
func processorTime(b *testing.B) time.Duration {
	b.Skip("this system does not tell the time of a process as we ask for it")
	return 0
}
