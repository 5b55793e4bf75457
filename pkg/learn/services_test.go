package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestProcessesLastAsLong as those of the capture do: where each is there all the time, a
// segment has all sessions.
func TestProcessesLastAsLong(t *testing.T) {
	for _, c := range []struct {
		name              string
		traces, processes uint64
		points            uint64
		want              string
	}{
		{"one", 3000, 1, 0, "segment-iterations: 3072"},
		{"few traces", 1000, 1, 0, ""},
		{"one after the other", 3000, 6, 0, ""},
		{"metrics", 3000, 1, 5, ""},
	} {
		h := small()
		h.Traces.Count = c.traces
		h.Sizes[otlp.SignalMetrics].Items = c.points
		s := &profile.Service{Spans: 1000, Instances: sketch.NewValues(8), Lives: make(map[uint64]*sketch.Windows)}
		for i := range c.processes {
			hash := s.Instances.Add(otlp.KindString, fmt.Append(nil, "pod-", i), 1)
			s.Lives[hash] = sketch.NewWindows(256, 24)
			for k := range uint64(100) {
				s.Lives[hash].Add((100*i+k)<<30, 2) // after those before it
			}
		}
		h.Services["web"] = s
		if got := fileOf(t, modelOf(t, h, 0), ProjectName); !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "segment") {
			t.Errorf("%s: got\n%s", c.name, got)
		}
	}
}

// TestSignalsThatACaptureLacksAreNotMade: services give metrics of messages and of what they call
// without being asked.
func TestSignalsThatACaptureLacksAreNotMade(t *testing.T) {
	for _, c := range []struct {
		metrics, logs uint64
		want          string
	}{
		{0, 0, "signals: [traces]"}, {0, 9, "signals: [traces, logs]"}, {9, 0, "signals: [traces, metrics]"}, {9, 9, ""},
	} {
		h := small()
		h.Sizes[otlp.SignalMetrics].Items, h.Sizes[otlp.SignalLogs].Items = c.metrics, c.logs
		if got := fileOf(t, modelOf(t, h, 0), ProjectName); !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "signals") {
			t.Errorf("%d points and %d log records: got\n%s", c.metrics, c.logs, got)
		}
	}
}

// TestServicesWithoutInstancesAreLearnt, unless they give metrics.
func TestServicesWithoutInstancesAreLearnt(t *testing.T) {
	for _, c := range []struct {
		name string
		told func(s *profile.Service)
		want bool
	}{
		{"without", func(*profile.Service) {}, true},
		{"with", func(s *profile.Service) { s.Attributes[instanceKey] = texts(instanceKey, 2000, "a") }, false},
		{"with metrics", func(s *profile.Service) { s.Points = 10 }, false},
	} {
		h := small()
		h.told("shop.part", texts("shop.part", 1000, "front"), 1000, 300)
		c.told(h.Services["web"])
		if got := learntOf(t, h); strings.Contains(got, "instance_id: false") != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
