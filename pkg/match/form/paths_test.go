package form

import "testing"

func TestAnyIndex(t *testing.T) {
	for path, want := range map[string]string{
		"events[12].attributes.k[0]{x}": "events[].attributes.k[]{x}", "name": "name", "a[": "a[", "a[]b[x]": "a[]b[x]", "[1": "[1", "": "",
	} {
		if got := AnyIndex(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
