package otelsim_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
)

var ctx = context.Background()

// takesAll is a transport that accepts everything.
type takesAll struct{}

func (takesAll) Send(context.Context, otlp.Signal, []byte) replay.Result { return replay.Result{} }
func (takesAll) Close() error                                            { return nil }

func newPlan(t *testing.T, o otelsim.Options) *otelsim.Plan {
	t.Helper()
	p, err := otelsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A corpus on disk, one in memory, its segments and the iterator hold the same
// records, in both formats.
func TestEveryWayGivesTheSameBytes(t *testing.T) {
	for _, format := range []otelsim.Format{otelsim.Proto, otelsim.JSON} {
		p := newPlan(t, otelsim.Options{Seed: 9, Count: 21, SegmentIterations: 8, Format: format})
		dir := filepath.Join(t.TempDir(), "corpus")
		written, err := p.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		held, err := p.Memory()
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(held.Manifest(), written) {
			t.Errorf("%v: in memory\n%s\non disk\n%s", format, held.Manifest().Encode(), written.Encode())
		}
		onDisk, err := corpus.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var all, want [otlp.NumSignals][][]byte
		for r, err := range p.Records() {
			if err != nil {
				t.Fatal(err)
			}
			all[r.Signal] = append(all[r.Signal], r.Payload)
		}
		for i := range p.Segments() {
			seg, err := p.Segment(i)
			if err != nil {
				t.Fatal(err)
			}
			for sig := range otelsim.Signal(otlp.NumSignals) {
				for _, c := range []*corpus.Corpus{onDisk, held} {
					data, err := c.ReadSegment(i, sig)
					if err != nil || !bytes.Equal(data, seg.Blocks[sig].Data) {
						t.Fatalf("%v: segment %d of %v differs (%v)", format, i, sig, err)
					}
				}
				for data := seg.Blocks[sig].Data; len(data) > 0; {
					payload, rest, err := otlp.NextFrame(data, format)
					if err != nil {
						t.Fatal(err)
					}
					want[sig], data = append(want[sig], payload), rest
				}
			}
		}
		if !reflect.DeepEqual(all, want) {
			t.Errorf("%v: the iterator has other records than the segments", format)
		}
	}
}

func TestSegmentsBeyondTheLastAreRefused(t *testing.T) {
	p := newPlan(t, otelsim.Options{Count: 3})
	if _, err := p.Segment(1); err == nil || err.Error() != "segment 1: the run has 1" {
		t.Errorf("got %v", err)
	}
}

// Breaking out of the iteration is no error, and makes no more.
func TestRecordsCanBeLeft(t *testing.T) {
	n := 0
	for range newPlan(t, otelsim.Options{Count: 1000}).Records() {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("got %d records", n)
	}
}

// What the header says is enough to make the corpus again.
func TestRemakeGivesThePlan(t *testing.T) {
	own := func(arrivals string) otelsim.Inputs {
		files := fstest.MapFS{}
		for _, name := range []string{"config.yaml", "resource.yaml"} {
			data, err := fs.ReadFile(config.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: data}
		}
		files["config.yaml"].Data = append(files["config.yaml"].Data, arrivals...)
		in, err := otelsim.ReadInputs(files)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	for n, o := range []otelsim.Options{
		{Inputs: own("\narrivals: poisson\n"), Count: 5, Interval: time.Second, Scenarios: []string{"with_rag"}},
		{Inputs: own("\narrivals: {week: {mon: 1.000001, sat: 0}}\n"), Count: 5, Scenarios: []string{"coding_agent"}, MetricInterval: time.Hour},
		{Seed: 1, Count: 10},
		{EachOnce: true, Interval: -1, Prefix: "acme"},
		{Scenarios: []string{"claim_conversation"}, Count: 4},
		{Tags: []string{"data-plane"}, Count: 5, Shape: otelsim.Unified, Content: otelsim.Raw, Signals: []otelsim.Signal{otelsim.Traces}},
		{Count: 6, Temporality: otelsim.Delta, BatchItems: 50, Format: otelsim.JSON, Deviation: 1e9},
	} {
		p, err := otelsim.New(o)
		if err != nil {
			t.Errorf("options %d: %v", n, err)
			continue
		}
		want := p.Header()
		again, err := otelsim.Remake(&want, o.Inputs)
		if err != nil {
			t.Errorf("options %d: %v", n, err)
			continue
		}
		if got := again.Header(); !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v\nwant\n%+v", got, want)
		}
	}
}

func TestBadInputsAreToldAtOnce(t *testing.T) {
	in, err := otelsim.ReadInputs(fstest.MapFS{
		"definitions/a.yaml":  {Data: []byte("name: a\nbogus: 1\n")},
		"definitions/b.yml":   {Data: []byte("name: b\nworkload_weight: many\n")},
		"definitions/.c.yaml": {Data: []byte("[")},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = otelsim.New(otelsim.Options{Inputs: in})
	var bad *otelsim.InputError
	if !errors.As(err, &bad) || len(bad.Problems) < 2 {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"definitions/a.yaml:2:1: ", "definitions/b.yml:2:18: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if _, err := otelsim.New(otelsim.Options{Prefix: "gen_ai"}); !errors.As(err, &bad) {
		t.Errorf("prefix gen_ai: got %v", err)
	}
}

// A file that is missing from the folder is the bundled one.
func TestInputsOfOnesOwn(t *testing.T) {
	in, err := otelsim.ReadInputs(fstest.MapFS{"definitions/deep/mine.yaml": {Data: []byte("name: mine\nroot:\n  type: planner\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if in.AllBundled() || !(otelsim.Inputs{}).AllBundled() {
		t.Error("what is bundled is not told apart")
	}
	p := newPlan(t, otelsim.Options{Inputs: in, Count: 2})
	if h := p.Header(); len(h.Scenarios) != 1 || h.Scenarios[0].Name != "mine" {
		t.Errorf("scenarios are %v", h.Scenarios)
	}
}

// Scenarios that stand apart from the mix start as far apart as they say, whoever
// runs beside them; in the mix nothing changes.
func TestScenariosApartKeepTheirInterval(t *testing.T) {
	for _, row := range []struct {
		o    otelsim.Options
		want time.Duration
	}{
		{otelsim.Options{Scenarios: []string{"coding_agent"}}, 6 * time.Minute},
		{otelsim.Options{Tags: []string{"agent"}}, 6 * time.Minute},
		{otelsim.Options{Scenarios: []string{"deep_research", "with_rag"}, MetricInterval: time.Minute}, time.Minute},
		{otelsim.Options{Tags: []string{"agent"}, Interval: time.Second}, time.Second},
		{otelsim.Options{Tags: []string{"rag", "retry"}}, 500 * time.Millisecond},
		{otelsim.Options{}, 500 * time.Millisecond},
	} {
		if got := time.Duration(newPlan(t, row.o).Header().Options.Interval); got != row.want {
			t.Errorf("%v %v: an interval of %v, want %v", row.o.Scenarios, row.o.Tags, got, row.want)
		}
	}
}
