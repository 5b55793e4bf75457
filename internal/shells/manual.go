package shells

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/cmdline"
)

// CheckManual holds that the manual page of a command is sound, has each verb and each
// flag, and is what the command prints.
func CheckManual(t *testing.T, c cmdline.Command, printed string) {
	t.Helper()
	page := c.Manual("2026-01-31")
	for _, v := range c.Verbs {
		if !strings.Contains(page, "\n.SH "+strings.ToUpper(v.Name)+"\n") {
			t.Errorf("the page has no section of %s", v.Name)
		}
		for _, g := range v.Groups {
			for _, f := range g.Flags {
				if !strings.Contains(page, `\fB\-\-`+strings.ReplaceAll(f.Name, "-", `\-`)+`\fR`) {
					t.Errorf("the page has no --%s", f.Name)
				}
			}
		}
	}
	title := ".TH " + strings.ReplaceAll(strings.ToUpper(c.Name), "-", `\-`) + " 1 "
	if !strings.HasPrefix(page, title) || !strings.HasPrefix(printed, title) {
		t.Errorf("--manual prints %.100q, want %q first", printed, title)
	}
	Require(t, "mandoc")
	lint := exec.Command("mandoc", "-T", "lint", "-W", "warning")
	lint.Stdin = strings.NewReader(page)
	if out, err := lint.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
}
