package main

import (
	"bytes"
	"io/fs"
	"regexp"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
)

// What comments in the bundled files say of flags is true: the flags exist.
func TestFlagsInCommentsExist(t *testing.T) {
	o := defaults()
	flags := newFlags(&o)
	comment := regexp.MustCompile(`(?m)(?:^|\s)#.*`)
	named := regexp.MustCompile(`(?:^|[^\w-])--([a-z][a-z-]*)`)
	found := 0
	for _, files := range []fs.FS{config.FS, definitions.FS} {
		names, err := fs.Glob(files, "*.yaml")
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllSubmatch(bytes.Join(comment.FindAll(text, -1), []byte("\n")), -1) {
				found++
				if flags.set.Lookup(string(m[1])) == nil {
					t.Errorf("%s: there is no flag --%s", name, m[1])
				}
			}
		}
	}
	if found == 0 {
		t.Error("no flag is named: the test looks at nothing")
	}
}
