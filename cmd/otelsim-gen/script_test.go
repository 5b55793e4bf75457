package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the command prints now into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"otelsim-gen": main})
}

// TestScripts runs the command as its users do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"samefiles": sameFiles,
			"flip":      flip,
			"resize":    resize,
			"await":     await,
		},
	})
}

// sameFiles compares two corpora file by file: samefiles A B. What tells when
// and by what they were written is left out.
func sameFiles(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: samefiles A B")
	}
	a, b := readTree(ts, args[0]), readTree(ts, args[1])
	var differ []string
	for name, data := range a {
		if other, ok := b[name]; !ok || !bytes.Equal(data, other) {
			differ = append(differ, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			differ = append(differ, name)
		}
	}
	switch {
	case neg && len(differ) == 0:
		ts.Fatalf("%s and %s are the same", args[0], args[1])
	case !neg && len(differ) > 0:
		ts.Fatalf("%s and %s differ in %q", args[0], args[1], differ)
	case len(a) < 3:
		ts.Fatalf("%s holds %d files: that is no corpus", args[0], len(a))
	}
}

func readTree(ts *testscript.TestScript, dir string) map[string][]byte {
	files := make(map[string][]byte)
	root := ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "build-info.json" || d.Name() == "SHA256SUMS" {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		files[rel], err = os.ReadFile(path)
		return err
	}))
	return files
}

// flip inverts a byte of a file: flip FILE OFFSET. Offsets below 0 count from
// the end.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	name, n := fileAndNumber(ts, neg, args)
	data, err := os.ReadFile(name)
	ts.Check(err)
	if n < 0 {
		n += len(data)
	}
	data[n] ^= 0xff
	ts.Check(os.WriteFile(name, data, 0o666))
}

// resize cuts a file or makes it longer: resize FILE SIZE.
func resize(ts *testscript.TestScript, neg bool, args []string) {
	name, n := fileAndNumber(ts, neg, args)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	ts.Check(err)
	ts.Check(f.Truncate(int64(n)))
	ts.Check(f.Close())
}

func fileAndNumber(ts *testscript.TestScript, neg bool, args []string) (string, int) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip|resize FILE NUMBER")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	return ts.MkAbs(args[0]), n
}

// await waits until a background command has made a file: await FILE.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	name := ts.MkAbs(args[0])
	for range 3000 {
		if _, err := os.Stat(name); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond) // another process has no clock to fake
	}
	ts.Fatalf("%s did not appear", args[0])
}
