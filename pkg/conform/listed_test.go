package conform

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRulesAreListed: a finding is of a rule that Rules or SignalRules explain.
func TestRulesAreListed(t *testing.T) {
	listed := make(map[string]bool)
	for _, r := range append(Rules(), SignalRules()...) {
		if listed[r.Name] {
			t.Errorf("rule %s is listed twice", r.Name)
		}
		listed[r.Name] = true
	}
	for name := range weaverIDs { // order-free: each is an error of its own
		if !listed[name] {
			t.Errorf("rule %s of Weaver's is not listed", name)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bfail\((?:\w+, )?"([a-z-]+)"`)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(code, -1) {
			seen++
			if !listed[string(m[1])] {
				t.Errorf("%s: rule %s is not listed", name, m[1])
			}
		}
	}
	if seen < 80 {
		t.Errorf("%d rules were found: the test is void", seen)
	}
}
