package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// deep is a chain with more ways through it than there are grains of sand, each of which
// ends with an error of a word.
func deep(word string) string {
	text := chain(60, "{one_of: [NEXT, {span: x, calls: NEXT}]}")
	return "name: deep\n" + strings.Replace(text, "op60: {}", fmt.Sprintf("op60: {error: {rate: 1, types: [%s]}}", word), 1)
}

// What many calls share costs once: to load a system, to tell it from others, and to list
// what it emits.
func TestWhatIsSharedCostsOnce(t *testing.T) {
	begin := time.Now()
	p, problems := systems(t, deep("Bad"))
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	if got := p.Systems(); len(got) != 1 || len(got[0].Spans) != 62 {
		t.Errorf("%d services, %d spans, want 1 with 61 operations and x", len(got), len(got[0].Spans))
	}
	again, _ := systems(t, deep("Bad"))
	other, _ := systems(t, deep("Worse"))
	if again.Digest != p.Digest || other.Digest == p.Digest {
		t.Errorf("digests %s and %s of the same, %s of another", p.Digest, again.Digest, other.Digest)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

// Calls of an operation that are of many variants each are as many: those that are given up
// share nothing.
func TestTooManyNodes(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: big\nservices:\n  web: {operations: {GET /: {calls: [")
	for range 300 {
		b.WriteString("{call: api.GET /, timeout: 9, probability: 0.001}, ")
	}
	b.WriteString("]}}}\n  api:\n    operations:\n      GET /:\n        variants:\n")
	for i := range 400 {
		fmt.Fprintf(&b, "          v%d: {error: {rate: 1, types: [E%d]}}\n", i, i)
	}
	_, problems := systems(t, b.String())
	want := "scenario big: its requests have "
	if problems.Errors() != 1 || !strings.HasPrefix(problems.All()[0].Text, want) {
		t.Errorf("got %v, want %s", problems.All(), want)
	}
}
