package show

import (
	"bytes"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// generated returns the first n sessions of the bundled scenarios.
func generated(t *testing.T, n uint64) []*Session {
	t.Helper()
	read := func(files fs.FS, name string) input.File {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: name, Data: data}
	}
	in := build.Inputs{Config: read(config.FS, "config.yaml"), Resource: read(config.FS, "resource.yaml"), Semconv: read(config.FS, "semconv.yaml"), Bundled: true}
	err := fs.WalkDir(definitions.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".yaml") {
			in.Definitions = append(in.Definitions, read(definitions.FS, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var p input.Problems
	plan := build.Compile(in, build.Options{}, &p)
	if plan == nil {
		t.Fatal(p.All())
	}
	g, err := build.NewGenerator(plan, build.Run{Seed: 42, Count: n, SegmentIterations: n, Start: time.Unix(1767225600, 0),
		Interval: build.DefaultInterval, MetricInterval: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	sessions := make([]*Session, n)
	for i := range sessions {
		s := NewSession(42, uint64(i), "", plan.Prefix())
		s.Scenario = g.IterationLogs(uint64(i), func(t *otlp.Traces, l *otlp.Logs) {
			s.AddTraces(t)
			s.AddLogs(l)
		}).Scenario
		sessions[i] = s
	}
	return sessions
}

// rowLine is a line of the text that is a row: offset, duration or nothing, the
// branches, then "log SEVERITY  name" or a span's name.
var rowLine = regexp.MustCompile(`^ *\+\S+ +(?:-?[\d.]+(?:s|ms|us|ns) )? *[| ` + "`" + `-]*?(?:log \S+  )?([\w.]+)(?:  .*)?$`)

// TestTextAndPageHoldTheSameRows holds the names of the lines of a print against
// those of the rows of the page, in their order.
func TestTextAndPageHoldTheSameRows(t *testing.T) {
	logs, rowsAll := 0, 0
	for i, s := range generated(t, 200) {
		text, err := s.AppendText(nil, false)
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := s.WritePage(&page); err != nil {
			t.Fatal(err)
		}
		var want []string
		for line := range strings.SplitSeq(string(text), "\n") {
			if !strings.HasPrefix(strings.TrimLeft(line, " "), "+") {
				continue
			}
			m := rowLine.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("iteration %d: no row: %s", i, line)
			}
			if strings.Contains(line, "log ") {
				logs++
			}
			want = append(want, m[1])
		}
		if got := rows(t, page.Bytes()); !slices.Equal(got, want) {
			t.Fatalf("iteration %d: the page has\n%s\nand the text\n%s", i, got, want)
		}
		rowsAll += len(want)
	}
	if logs == 0 || rowsAll < 200*10 {
		t.Errorf("%d rows, %d of them logs: too few to judge by", rowsAll, logs)
	}
}

// The lengths of spans and the labels of the axis above them are in the same form.
func TestLongTimesReadAsThoseOfTheAxis(t *testing.T) {
	for _, row := range []struct {
		d    uint64
		want string
	}{
		{0, "0s"}, {59_999_999_999, "59.999s"}, {60_000_000_000, "1m0s"}, {60_000_500_000, "1m0s"},
		{738_661_000_000, "12m18.661s"}, {3_600_000_000_000, "1h0m0s"}, {90_061_200_000_000, "25h1m1.2s"},
	} {
		if got := drawnDuration(5, 5+row.d); got != row.want {
			t.Errorf("%d ns: got %s, want %s", row.d, got, row.want)
		}
	}
	if got := drawnDuration(120_000_000_000, 0); got != "-120s" {
		t.Errorf("backwards: got %s, want -120s", got)
	}
}
