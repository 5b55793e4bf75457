package rlimit

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	const much = 1 << 63
	for _, c := range []struct {
		files, space uint64
		want         string // of the message; nothing: none
	}{
		{minFiles, minSpace, ""},
		{much, much, ""},
		{minFiles - 1, much, "open 15 files: it needs 16 (ulimit -n)"},
		{much, minSpace - 1, "2047 MB of address space: it needs 2048 (ulimit -v)"},
	} {
		err := check(c.files, c.space)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%d files, %d bytes: got %v, want %q", c.files, c.space, err, c.want)
		}
	}
	if err := Check(); err != nil {
		t.Errorf("this process: %v", err)
	}
}
