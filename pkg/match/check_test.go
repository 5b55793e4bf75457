package match_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

func TestWhatArrivesWholeIsFoundWhole(t *testing.T) {
	c := made(t, otelsim.Options{})
	sent := messages(t, c)
	j, s := check(t, match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", sent)}, Workers: 2})
	total := 0
	for i, f := range c.Manifest().Totals {
		total += int(f.Items)
		if s.Sent[i] != f.Items || s.Received[i] != f.Items {
			t.Errorf("%s: %d sent and %d received, want %d", f.Signal, s.Sent[i], s.Received[i], f.Items)
		}
	}
	if want := (counts{exact: total}); j.counts != want {
		t.Errorf("got %+v, want %+v\n%.400v", j.counts, want, j.lines)
	}
	if len(s.Undecided) > 0 || s.Laps != 1 {
		t.Errorf("got %+v", s)
	}
}

// Nothing that is judged depends on the number of workers or on the order of messages
// but for the places where they are said to have arrived.
func TestWorkersChangeNothing(t *testing.T) {
	c := made(t, otelsim.Options{})
	list := messages(t, c)
	r := rand.New(rand.NewPCG(3, 4))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	list = append(list[:len(list)-20], list[:30]...)
	list = append(list, stranger(), stranger())
	o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", list)}, Workers: 1}
	want, summary := check(t, o)
	if want.lost == 0 || want.duplicated == 0 || want.madeUp != 2 {
		t.Fatalf("got %+v", want.counts)
	}
	for _, workers := range []int{2, 7} {
		o.Workers = workers
		got, s := check(t, o)
		if !slices.Equal(got.lines, want.lines) || !reflect.DeepEqual(s, summary) {
			t.Errorf("%d workers: got %+v and %+v, want %+v and %+v", workers, got.counts, s, want.counts, summary)
		}
	}
}

// stranger is a message with a span of no corpus.
func stranger() message {
	x := &otlp.Traces{Strings: otlp.NewStrings(), Spans: []otlp.Span{{TraceID: otlp.TraceID{9}, SpanID: otlp.SpanID{9}, Start: 5, End: 6}},
		Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
	return message{otlp.SignalTraces, otlp.FormatProto, otlp.AppendTraces(nil, x, otlp.FormatProto)}
}

// With several outputs the copies say which they are in, the one most like what was
// sent first.
func TestSeveralOutputs(t *testing.T) {
	c := made(t, otelsim.Options{Count: 4, SegmentIterations: 4, Signals: []otelsim.Signal{otelsim.Traces}})
	first, second := messages(t, c), messages(t, c)
	editTraces(t, &first[0], func(x *otlp.Traces) { x.Spans[0].Kind ^= 1 })
	outputs := make(map[int]int)
	j := &tally{each: func(u *match.Unit) error {
		for _, p := range u.Pairs {
			for _, r := range p.Copies {
				outputs[r.Output]++
			}
			if len(p.Copies) != 2 || p.Copies[0].Digest != p.Sent.Digest {
				t.Errorf("got %d copies, the first of another digest", len(p.Copies))
			}
		}
		return nil
	}}
	o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("a", first), output("b", second)}, TempDir: t.TempDir()}
	s, err := match.Check(t.Context(), o, j)
	if err != nil {
		t.Fatal(err)
	}
	if n := int(s.Sent[0]); outputs[0] != n || outputs[1] != n || j.duplicated != n || j.altered != 0 {
		t.Errorf("got %v and %+v of %d spans", outputs, j.counts, n)
	}
}

func TestWhatCannotBeDecidedIsSaid(t *testing.T) {
	c := made(t, otelsim.Options{Count: 4})
	other := made(t, otelsim.Options{Count: 4, Seed: 43, Signals: []otelsim.Signal{otelsim.Traces, otelsim.Logs}})
	for _, test := range []struct {
		name string
		list []message
		want string
	}{
		{"nothing", nil, "nothing was received"},
		{"another corpus", messages(t, other), "is of this corpus"},
		{"strangers", []message{stranger()}, "is of this corpus"},
	} {
		_, s := check(t, match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", test.list)}})
		if len(s.Undecided) != 1 || !strings.Contains(s.Undecided[0], test.want) {
			t.Errorf("%s: got %q, want %q", test.name, s.Undecided, test.want)
		}
	}
}

// failing is a judge that fails after some units.
type failing struct {
	tally
	left int
}

var errJudge = errors.New("no more")

func newFailing(left int) *failing {
	f := &failing{left: left}
	f.each = func(*match.Unit) error {
		if f.left--; f.left < 0 {
			return errJudge
		}
		return nil
	}
	return f
}

// However it ends, no temporary file stays behind, and the error is the first.
func TestNothingStaysBehind(t *testing.T) {
	c := made(t, otelsim.Options{Count: 12, SegmentIterations: 4})
	list := messages(t, c)
	broken := errors.New("broken")
	for _, test := range []struct {
		name  string
		judge match.Judge
		each  func(ctx context.Context, cancel func(), visit func(*match.Message) error) error
		want  error
	}{
		{"an output that fails", new(tally), func(ctx context.Context, _ func(), visit func(*match.Message) error) error {
			return errors.Join(output("", list[:40]).Each(ctx, visit), broken)
		}, broken},
		{"a judge that fails", newFailing(20), func(ctx context.Context, _ func(), visit func(*match.Message) error) error {
			return output("", list).Each(ctx, visit)
		}, errJudge},
		{"cancelled", new(tally), func(ctx context.Context, cancel func(), visit func(*match.Message) error) error {
			if err := output("", list).Each(ctx, visit); err != nil {
				return err
			}
			cancel()
			return ctx.Err()
		}, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			dir := t.TempDir()
			out := match.Output{Name: "out", Each: func(ctx context.Context, visit func(*match.Message) error) error {
				return test.each(ctx, cancel, visit)
			}}
			s, err := match.Check(ctx, match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{out}, Workers: 2, TempDir: dir}, test.judge)
			if !errors.Is(err, test.want) || s != nil {
				t.Errorf("got %v and %+v, want %v", err, s, test.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	c := made(t, otelsim.Options{Count: 4})
	list := messages(t, c)
	list[7].payload = append(list[7].payload, 0xff)
	o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("some output", list)}, TempDir: t.TempDir()}
	if _, err := match.Check(t.Context(), o, new(tally)); err == nil || !strings.Contains(err.Error(), "some output, message 8") {
		t.Errorf("got %v, want that message 8 of the output is malformed", err)
	}
	o.TempDir = filepath.Join(t.TempDir(), "none")
	if _, err := match.Check(t.Context(), o, new(tally)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that there is no such folder", err)
	}
}
