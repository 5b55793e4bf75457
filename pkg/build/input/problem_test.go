package input

import (
	"errors"
	"testing"
)

func TestProblemsAreSortedAndCounted(t *testing.T) {
	var p Problems
	if p.Err() != nil || p.Errors() != 0 || p.Warnings() != 0 {
		t.Fatal("a fresh list is not empty")
	}
	p.Warnf(Pos{"b.yaml", 1, 1}, "late")
	if p.Err() != nil {
		t.Error("a warning is not an error")
	}
	p.Errorf(Pos{"a.yaml", 10, 1}, "line %d", 10)
	p.Errorf(Pos{"a.yaml", 9, 12}, "second column")
	p.Errorf(Pos{"a.yaml", 9, 2}, "one")
	p.Errorf(Pos{"a.yaml", 9, 2}, "another")
	p.Errorf(Pos{"a.yaml", 9, 2}, "one")
	p.Errorf(Pos{File: "a.yaml"}, "the file")
	if p.Errors() != 5 || p.Warnings() != 1 {
		t.Errorf("got %d errors and %d warnings, want 5 and 1", p.Errors(), p.Warnings())
	}
	const want = `a.yaml: the file
a.yaml:9:2: one
a.yaml:9:2: another
a.yaml:9:12: second column
a.yaml:10:1: line 10
b.yaml:1:1: warning: late`
	err := p.Err()
	var all *Error
	if !errors.As(err, &all) || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestAllIsACopy(t *testing.T) {
	var p Problems
	p.Errorf(Pos{"a.yaml", 1, 1}, "kept")
	p.All()[0].Text = "changed"
	checkLines(t, lines(&p), "a.yaml:1:1: kept")
}
