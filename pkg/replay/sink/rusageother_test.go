//go:build !unix

package sink_test

import (
	"testing"
	"time"
)

// cpu skips a benchmark of what cannot be told here.
func cpu(b *testing.B) time.Duration {
	b.Skip("this system does not tell the time of a process as we ask for it")
	return 0
}
