package gen_test

import (
	"fmt"
	"testing"
)

// Attempts that fail by the rates go in variants of their own, by their weights, and those that
// succeed in the one that the call names or in any other one: of all protocols that have attempts.
func TestAttemptsThatFailGoInTheirVariants(t *testing.T) {
	const n = 8000
	for protocol, op := range map[string]string{"http": "GET /", "grpc": "Ask", "db": "SELECT x", "none": "ask"} { // order-free: each alone
		for _, variant := range []string{"", "variant: fine, "} {
			p := system(t, fmt.Sprintf(`
name: attempts
session: [local.go]
services:
  local: {protocol: none, operations: {go: {calls: [{call: x.%[2]s, %[3]soptional: true, retry: {max_attempts: 3, success_rate_per_attempt: [0.6, 0.5], failed_variants: [busy, gone], backoff_base_ms: 1}}]}}}
  x:
    protocol: %[1]s
    operations:
      %[2]s:
        variants:
          fine: {weight: 1, own: {distribution: constant, value: 10}}
          slow: {weight: 3, own: {distribution: constant, value: 20}}
          busy: {weight: 3, own: {distribution: constant, value: 30}, error: {rate: 1, types: [timeout]}}
          gone: {weight: 0, own: {distribution: constant, value: 40}, error: {rate: 1, types: [timeout]}}
`, protocol, op, variant))
			made, good, fine, slow := map[int]int{}, map[int]int{}, 0, 0
			runSystem(t, p, 3, n, func(m *answered) {
				attempt := 0
				for i := range m.t.Spans {
					if m.parents[i] != 0 {
						continue // the root, and who answers
					}
					attempt++
					made[attempt]++
					took := int((m.t.Spans[i].End - m.t.Spans[i].Start) / 1e7)
					if below := m.below(i); len(below) > 0 {
						took = int((m.t.Spans[below[0]].End - m.t.Spans[below[0]].Start) / 1e7)
					}
					switch failed := m.attr(i, "error.type") != ""; {
					case failed != (took >= 3) || took == 4:
						t.Fatalf("%s: failed %t in a variant that takes %d0 ms", protocol, failed, took)
					case failed:
					case took == 1:
						fine++
						good[attempt]++
					default:
						slow++
						good[attempt]++
					}
				}
			})
			if made[1] != n || made[2] != n-good[1] || made[3] != made[2]-good[2] || made[4] > 0 {
				t.Errorf("%s: attempts %v, of which %v succeed", protocol, made, good)
			}
			near(t, protocol+" at first", good[1], n, 0.6)
			near(t, protocol+" at second", good[2], made[2], 0.5)
			near(t, protocol+" at third", good[3], made[3], 0.5)
			if variant == "" {
				near(t, protocol+" in one of the others", fine, fine+slow, 0.25)
			} else if slow > 0 {
				t.Errorf("%s: %d succeed in another variant than that of the call", protocol, slow)
			}
		}
	}
}
