package e2e

import (
	"slices"
	"testing"
)

// TestCaptureReplays has the Collector write what it receives in all six forms,
// in rotated files and with all signals in one file, and replays those files
// into another Collector. What it writes must be what was captured.
func TestCaptureReplays(t *testing.T) {
	for _, v := range []struct {
		name, count string // enough that files of a megabyte are rotated in every form
		setup
	}{
		{"a file a signal", "200", setup{}},
		{"rotated", "1000", setup{rotate: true}},
		{"one file", "200", setup{shared: true}},
	} {
		s := corpus(t, "proto", v.count)
		for _, stream := range []bool{false, true} {
			name, v := v.name, v.setup
			v.forms = formsBy(stream)
			how := " by message"
			if stream {
				how = " as a stream"
			}
			t.Run(name+how, func(t *testing.T) {
				c := start(t, v)
				replay(t, append(link{"grpc", "none"}.flags(c, false), "--max", s.dir)...).wait(t).all(t)
				c.stop(t)
				for _, f := range v.forms {
					t.Run(f.name, func(t *testing.T) {
						paths := c.capture(t, s, f, v)
						if v.rotate && len(paths) <= len(s.signals) {
							t.Fatalf("only %d files: none was rotated", len(paths))
						}
						replayCapture(t, s, f, paths)
					})
				}
			})
		}
	}
}

// capture returns the files of one form.
func (c *collector) capture(t *testing.T, s *sample, f form, v setup) (paths []string) {
	t.Helper()
	if v.shared {
		return c.paths(t, f, "")
	}
	for _, signal := range s.signals {
		paths = append(paths, c.paths(t, f, signal)...)
	}
	return paths
}

// replayCapture sends files and checks that what they hold arrives once.
func replayCapture(t *testing.T, s *sample, f form, paths []string) {
	t.Helper()
	l := link{"http/protobuf", "gzip"}
	if f.format == "json" {
		l = link{"http/json", "gzip"}
	}
	c := start(t, setup{forms: []form{protoFrames}})
	rep := replay(t, slices.Concat(l.flags(c, false), []string{"--max"}, paths)...).wait(t)
	c.stop(t)
	rep.all(t)
	for _, signal := range s.signals {
		received, messages := c.written(t, protoFrames, signal)
		if d := diff(s.sent[signal], received); d != (difference{}) || messages != s.records[signal] {
			t.Errorf("%s: %+v in %d of %d records", signal, d, messages, s.records[signal])
		}
	}
}
