package atomicfile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestOutput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	for _, c := range []struct {
		path, printed string
		stdout, file  bool
	}{
		{path: ""},
		{path: "-", stdout: true, printed: "one"},
		{path: path, file: true},
	} {
		var out bytes.Buffer
		o, err := OpenOutput(c.path, os.Stdout, &out)
		if err != nil {
			t.Fatal(err)
		}
		if o.Stdout() != c.stdout {
			t.Errorf("%q: stdout is %t", c.path, o.Stdout())
		}
		if err := o.Write(text("one")); err != nil {
			t.Error(err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		if out.String() != c.printed {
			t.Errorf("%q: %q is printed, want %q", c.path, out.String(), c.printed)
		}
		if _, err := os.Stat(path); (err == nil) != c.file {
			t.Errorf("%q: the file: %v", c.path, err)
		}
	}
	checkContent(t, path, "one")
	if _, err := OpenOutput(filepath.Join(path, "below"), os.Stdout, os.Stdout); err == nil {
		t.Error("a place below a file is taken")
	}
}
