package learn

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
)

// falling is a profile of requests that ask a cache, and others where it fails, in so many ways each.
func falling(ways map[*[3]uint64]uint64) *hand {
	h, web := asking()
	for does3, spans := range ways { // order-free: they are sorted by what they do
		var groups [][]uint64
		for _, id := range does3 {
			if id > 0 {
				groups = append(groups, []uint64{id})
			}
		}
		does(web, spans, 5, groups...)
	}
	for id, name := range map[uint64]string{20: "GET", 30: "SELECT", 40: "SCAN"} { // order-free: a set
		h.calls(id, name, name, "", 500)
		h.calls(id+1, name, name, "timeout", 500)
	}
	h.calls(22, "GET", "GET", "gone", 500)
	return h
}

// TestFallbacksAreLearnt: what spans do only where what they began with has failed.
func TestFallbacksAreLearnt(t *testing.T) {
	type all = map[*[3]uint64]uint64
	for _, row := range []struct {
		name      string
		ways      all
		want, not []string
	}{
		{"one way", all{{20}: 800, {21, 30}: 200}, []string{"weight: 80", "weight: 20", "span: SELECT", "if_failed: true"}, []string{"optional"}},
		{"with others beside", all{{20}: 500, {20, 40}: 300, {21, 30, 0}: 200}, []string{"if_failed: true"}, []string{"optional"}},
		{"several ways", all{{20}: 800, {21, 30}: 150, {21, 40}: 50}, []string{"if_failed: true", "weight: 75", "weight: 25"}, []string{"optional"}},
		{"which fails, too", all{{20}: 800, {21, 31}: 200}, []string{"if_failed: true", "optional: true"}, nil},
		{"of a fallback", all{{20}: 800, {21, 30}: 150, {21, 31, 40}: 50}, []string{"if_failed: true", "optional: true"}, nil},
		{"not always", all{{20}: 800, {21, 30}: 150, {21}: 50}, []string{"optional: true"}, []string{"if_failed"}},
		{"after another failure", all{{41, 20}: 800, {41, 21, 30}: 200}, []string{"optional: true"}, []string{"if_failed"}},
		{"of two failures", all{{20}: 600, {21, 30}: 200, {22, 40}: 200}, []string{"optional: true"}, []string{"if_failed"}},
		{"of what never succeeds", all{{40}: 800, {21, 30}: 200}, []string{"optional: true"}, []string{"if_failed"}},
		{"beside other failures", all{{20}: 600, {20, 41}: 200, {21, 30}: 200}, []string{"optional: true"}, []string{"if_failed"}},
	} {
		says(t, row.name, learntOf(t, falling(row.ways)), row.want, row.not)
	}

	h := falling(all{{20}: 800, {21, 30}: 200})
	for _, p := range h.Classes[10].Productions { // order-free: each alone
		for i := range p.Groups {
			p.Groups[i][0].Async = p.Groups[i][0].Class == profile.ClassID(30)
		}
	}
	says(t, "for which nobody waits", learntOf(t, h), []string{"optional: true", "async: true"}, []string{"if_failed"})
}
