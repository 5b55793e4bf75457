package randomsystem_test

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/randomsystem"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// TestSystemsLoad: no seed gives a system that there is a word to say about.
func TestSystemsLoad(t *testing.T) {
	keys := []string{"one_of", "probability", "count", "parallel: true", "retry", "timeout", "optional", "async", "after", "batch", "trace: same",
		"queue", "events", "logs", "zipf", "error", "latency:", "own:", "protocol: grpc", "protocol: db", "protocol: messaging", "protocol: none", "all:"}
	seen := map[string]bool{}
	for seed := range uint64(40) {
		s := randomsystem.New(seed)
		in := otelsim.Inputs{Definitions: []otelsim.File{{Name: "random.yaml", Data: []byte(s.Text)}}}
		c, err := otelsim.Validate(in, "vendor", seed < 3)
		if err != nil || len(c.Warnings) > 0 {
			t.Fatalf("seed %d: %v, %+v\n%s", seed, err, c, s.Text)
		}
		for _, key := range keys {
			seen[key] = seen[key] || seed < 20 && strings.Contains(s.Text, key)
		}
		if randomsystem.New(seed).Text != s.Text {
			t.Fatalf("seed %d gives two systems", seed)
		}
	}
	for _, key := range keys {
		if !seen[key] {
			t.Errorf("no system has %q", key)
		}
	}
}
