package replay

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every field of the JSON report is explained.
func TestReportFieldsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/replay.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Reports\n")
	section, _, _ = strings.Cut(section, "\n## ")
	seen := map[reflect.Type]bool{}
	var check func(x reflect.Type)
	check = func(x reflect.Type) {
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice || x.Kind() == reflect.Map {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || x.PkgPath() != reflect.TypeFor[Report]().PkgPath() || seen[x] {
			return
		}
		seen[x] = true
		for i := range x.NumField() {
			name, _, _ := strings.Cut(x.Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if name == "" || !strings.Contains(section, "`"+name+"`") {
				t.Errorf("docs/replay.md says nothing of %s.%s, %q", x.Name(), x.Field(i).Name, name)
			}
			check(x.Field(i).Type)
		}
	}
	check(reflect.TypeFor[Report]())
	if len(seen) < 5 {
		t.Errorf("only %d types were looked at", len(seen))
	}
}
