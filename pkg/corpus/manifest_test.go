package corpus

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The manifest of a small corpus, as it must stay: part of the format.
const wantManifest = `{
  "format_version": 1,
  "revision": 1,
  "seed": 18446744073709551615,
  "plan_digest": "0123456789abcdef",
  "prefix": "vendor",
  "options": {
    "count": 3,
    "segment_iterations": 2,
    "start": "2026-01-01T00:00:00Z",
    "interval": "500ms",
    "interval_deviation": "0s",
    "each_once": false,
    "signals": [
      "traces",
      "logs"
    ],
    "format": "proto",
    "trace_shape": "separate",
    "content": "scenario",
    "batch_items": 0
  },
  "scenarios": [
    {
      "name": "a <b> & c",
      "weight": 0.25,
      "digest": "aa"
    }
  ],
  "segments": [
    {
      "segment": 0,
      "first_iteration": 0,
      "iterations": 2,
      "files": [
        {
          "signal": "traces",
          "file": "traces/000000.pb",
          "records": 2,
          "items": 8,
          "bytes": 1234,
          "splits": 0,
          "first": "2026-01-01T00:00:00.000000001Z",
          "last": "2026-01-01T00:00:01.5Z",
          "xxh64": "00ff00ff00ff00ff"
        },
        {
          "signal": "logs",
          "file": "",
          "records": 0,
          "items": 0,
          "bytes": 0,
          "splits": 0,
          "first": "1970-01-01T00:00:00Z",
          "last": "1970-01-01T00:00:00Z",
          "xxh64": ""
        }
      ]
    },
    {
      "segment": 1,
      "first_iteration": 2,
      "iterations": 1,
      "files": [
        {
          "signal": "traces",
          "file": "traces/000001.pb",
          "records": 1,
          "items": 4,
          "bytes": 600,
          "splits": 0,
          "first": "2026-01-01T00:00:01Z",
          "last": "2026-01-01T00:00:02Z",
          "xxh64": "0123456789abcdef"
        },
        {
          "signal": "logs",
          "file": "logs/000001.pb",
          "records": 1,
          "items": 3,
          "bytes": 300,
          "splits": 0,
          "first": "2026-01-01T00:00:01Z",
          "last": "2026-01-01T00:00:02Z",
          "xxh64": "fedcba9876543210"
        }
      ]
    }
  ],
  "totals": [
    {
      "signal": "traces",
      "records": 3,
      "items": 12,
      "bytes": 1834,
      "splits": 0
    },
    {
      "signal": "logs",
      "records": 1,
      "items": 3,
      "bytes": 300,
      "splits": 0
    }
  ]
}
`

func TestManifestHasOneSpelling(t *testing.T) {
	m, err := ParseManifest([]byte(wantManifest))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(m.Encode()); got != wantManifest {
		t.Errorf("got\n%s", got)
	}
	if m.Seed != 1<<64-1 || m.Segments[0].Files[0].First != 1767225600_000000001 || time.Duration(m.Options.Interval) != time.Second/2 {
		t.Errorf("values are lost: %+v", m)
	}
	for _, c := range []struct {
		iteration uint64
		segment   int
		ok        bool
	}{{0, 0, true}, {1, 0, true}, {2, 1, true}, {3, 0, false}} {
		if s, ok := m.SegmentOf(c.iteration); s != c.segment || ok != c.ok {
			t.Errorf("segment of iteration %d: %d, %v", c.iteration, s, ok)
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	for _, c := range []struct {
		what, from, to string
		want           string
		is             error
	}{
		{"a newer version, before anything that it brought", "{\n  \"format_version\": 1", "{\"new\": 1, \"format_version\": 2", "version 2: this otelsim reads 1 to 1", ErrVersion},
		{"version 0", `"format_version": 1`, `"format_version": 0`, "version 0", ErrVersion},
		{"no version", `"format_version": 1,`, ``, "no format_version", ErrCorrupt},
		{"an unknown field", `"revision"`, `"mood": 1, "revision"`, `unknown field "mood"`, ErrCorrupt},
		{"more after the end", "\n}\n", "\n}\n{}", "after top-level value", ErrCorrupt},
		{"a wrong type", `"seed": 18446744073709551615`, `"seed": -1`, "seed", ErrCorrupt},
		{"a seed of 65 bits", `"seed": 18446744073709551615`, `"seed": 18446744073709551616`, "seed", ErrCorrupt},
		{"no segment size", `"segment_iterations": 2`, `"segment_iterations": 0`, "segment_iterations is 0", ErrCorrupt},
		{"more iterations than ids have room for", `"count": 3`, `"count": 17592186044417`, "count is", ErrCorrupt},
		{"more segments than there are", `"count": 3`, `"count": 5`, "2 segments: want 3", ErrCorrupt},
		{"an unknown format", `"proto"`, `"avro"`, `format is "avro"`, ErrCorrupt},
		{"an unknown signal", `"logs"`, `"profiles"`, "signals is", ErrCorrupt},
		{"an unknown shape", `"separate"`, `"round"`, "trace_shape", ErrCorrupt},
		{"a segment out of its place", `"segment": 1`, `"segment": 2`, "segment 2 stands in the place of segment 1", ErrCorrupt},
		{"wrong iterations", `"first_iteration": 2`, `"first_iteration": 1`, "1 iterations from 1: want 1 from 2", ErrCorrupt},
		{"a path that leads elsewhere", `"file": "traces/000001.pb"`, `"file": "../../etc/passwd"`, `want "traces/000001.pb"`, ErrCorrupt},
		{"a size that no machine has", `"bytes": 600`, `"bytes": 99999999999999`, "99999999999999 bytes", ErrCorrupt},
		{"a time before 1970", `"first": "2026-01-01T00:00:01Z"`, `"first": "1969-01-01T00:00:01Z"`, "want 1970", ErrCorrupt},
		{"times in the wrong order", `"first": "2026-01-01T00:00:01Z"`, `"first": "2027-01-01T00:00:01Z"`, "after last", ErrCorrupt},
		{"a digest of other length", `"fedcba9876543210"`, `"fedcba987654321"`, "16 hex digits", ErrCorrupt},
		{"records without items", `"items": 4`, `"items": 0`, "records without items", ErrCorrupt},
		{"more splits than records", "\"bytes\": 600,\n          \"splits\": 0", "\"bytes\": 600,\n          \"splits\": 1", "1 splits of 1 records", ErrCorrupt},
		{"a digest of nothing", `"xxh64": ""`, `"xxh64": "fedcba9876543210"`, "not all zero", ErrCorrupt},
		{"wrong totals", `"items": 12`, `"items": 13`, "totals of traces", ErrCorrupt},
	} {
		data := strings.Replace(wantManifest, c.from, c.to, 1)
		if data == wantManifest {
			t.Fatalf("%s: nothing to replace", c.what)
		}
		if _, err := ParseManifest([]byte(data)); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %v with %q", c.what, err, c.is, c.want)
		}
	}
}

func TestNanos(t *testing.T) {
	for _, n := range []Nanos{0, 1, 1e9, 1767225600_123456789, 1<<63 + 5, 18446744072_999999999} {
		text, _ := n.MarshalText()
		var back Nanos
		if err := back.UnmarshalText(text); err != nil || back != n {
			t.Errorf("%d became %s became %d, %v", n, text, back, err)
		}
	}
	var n Nanos
	for _, text := range []string{"", "yesterday", "1969-12-31T23:59:59Z", "2600-01-01T00:00:00Z"} {
		if err := n.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %d", text, n)
		}
	}
}

func TestShardsOwnEachSegmentOnce(t *testing.T) {
	for total := range uint64(12) {
		for n := uint64(1); n <= 14; n++ {
			owned := make(map[uint64]int)
			for i := range n {
				s := Shard{i, n}
				for k := range s.segments(total) {
					if !s.owns(s.segment(k)) {
						t.Errorf("%v: segment %d is not its own", s, s.segment(k))
					}
					owned[s.segment(k)]++
				}
			}
			for i := range total {
				if owned[i] != 1 {
					t.Errorf("%d shards of %d segments: segment %d is owned %d times", n, total, i, owned[i])
				}
			}
			if uint64(len(owned)) != total {
				t.Errorf("%d shards of %d segments: %d owned", n, total, len(owned))
			}
		}
	}
}

func TestClassify(t *testing.T) {
	for name, want := range map[string]fileClass{
		"manifest.json": classTop, "partial.jsonl": classTop, "SHA256SUMS": classTop,
		"traces/000000.pb": classSegment, "logs/1234567.jsonl.gz": classSegment, "metrics/000001.pb.zst": classSegment,
		"parts/0-of-3.json": classPart, "parts/0-of-3.jsonl": classPart,
		".lock": classLock, ".lock-1-of-3": classLock,
		".manifest.json.tmp-0a0a0a0a0a0a": classTmp, ".manifest.json.tmp-0a": classForeign, "traces/.000001.pb.zst.tmp-0123456789ab": classTmp, "parts/.0-of-3.json.tmp-ffffffffffff": classTmp,
		"readme": classForeign, "traces": classForeign, "traces/1.pb": classForeign, "traces/000000.pb.xz": classForeign,
		"spans/000000.pb": classForeign, ".readme.tmp-0a": classForeign, "traces/000000.pb/x": classForeign, ".git": classForeign,
		"parts/x.json": classForeign, "manifest.json.zst": classForeign,
	} {
		if got, _, _ := classify(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

// No manifest makes reading panic or claim memory, and one that is accepted is
// coherent enough to be spelled again.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(wantManifest))
	f.Add([]byte(`{"format_version": 1}`))
	f.Add([]byte(`{"format_version": 2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest(data)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
				t.Errorf("got %v, which is of no class", err)
			}
			return
		}
		again, err := ParseManifest(m.Encode())
		if err != nil {
			t.Fatalf("read again: %v", err)
		}
		if !bytes.Equal(again.Encode(), m.Encode()) {
			t.Error("spelled in two ways")
		}
		for i := range m.Options.Segments() {
			for _, file := range m.Segments[i].Files {
				if class, _, _ := classify(file.File); file.File != "" && class != classSegment {
					t.Errorf("file %q", file.File)
				}
			}
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ManifestFile), data, 0o666); err != nil {
			t.Fatal(err)
		}
		if c, err := Open(dir); err == nil && c.Manifest().Totals[0].Records > 0 {
			t.Error("opened without files")
		}
	})
}
