package config_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
)

var (
	// Identifiers hold runs of digits that are not telephone numbers.
	identifier = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(\b|_)[0-9a-f]{12,}\b` +
		`|\b[a-z]+-[a-z0-9.-]*20[0-9]{2}(-?)[01][0-9](-?)[0-3][0-9]\b` + // releases of models
		`|\b20[0-9]{2}-[01][0-9]-[0-3][0-9]\b`) // dates
	mail      = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]*[A-Za-z0-9]`)
	link      = regexp.MustCompile(`(?:https?://|www\.)[^\s"'/]+`)
	digits    = regexp.MustCompile(`[0-9](?:[ ()./-]{0,2}[0-9]){6,}`)
	separator = regexp.MustCompile(`[^0-9]`)
	// RFC 2606 reserves the domains, the North American numbering plan the
	// numbers from 555-0100 to 555-0199.
	reservedHost  = regexp.MustCompile(`(^|[@./])example\.(com|net|org)$`)
	reservedPhone = regexp.MustCompile(`^(1?[2-9][0-9]{2})?55501[0-9]{2}$`)
)

// foreignContacts returns the e-mail addresses, links and telephone numbers in
// text that could be somebody's.
func foreignContacts(text string) []string {
	var found []string
	text = identifier.ReplaceAllString(text, "ID")
	if strings.HasPrefix(strings.TrimSpace(text), "buckets: [") {
		return nil // bounds of values
	}
	for _, m := range mail.FindAllString(text, -1) {
		if !reservedHost.MatchString(m) {
			found = append(found, m)
		}
	}
	for _, l := range link.FindAllString(text, -1) {
		if !reservedHost.MatchString(l) && l != "https://opentelemetry.io" {
			found = append(found, l)
		}
	}
	for _, d := range digits.FindAllString(text, -1) {
		if !reservedPhone.MatchString(separator.ReplaceAllString(d, "")) {
			found = append(found, d)
		}
	}
	return found
}

func TestBundledTextsNameOnlyReservedContacts(t *testing.T) {
	for _, dir := range []fs.FS{config.FS, definitions.FS} {
		files, err := fs.Glob(dir, "*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("embedded files: got %v, %v, want some", files, err)
		}
		for _, name := range files {
			data, err := fs.ReadFile(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(data), "\n") {
				for _, c := range foreignContacts(line) {
					t.Errorf("%s:%d: %q is not reserved for examples", name, i+1, c)
				}
			}
		}
	}
}

func TestForeignContactsAreFound(t *testing.T) {
	for _, row := range []struct {
		sentence, text string
		want           []string
	}{
		{"an address at a real domain", "write to sam@protect.io", []string{"sam@protect.io"}},
		{"a domain that only ends like a reserved one", "sam@myexample.com", []string{"sam@myexample.com"}},
		{"a link to a real site", "see https://pay.protect.io/x", []string{"https://pay.protect.io"}},
		{"a number with separators", "call (206) 441-2290 now", []string{"206) 441-2290"}},
		{"a number without separators", "call 2064412290", []string{"2064412290"}},
		{"a 555 number outside the reserved hundred", "555-0242", []string{"555-0242"}},
		{"reserved contacts", "sam@mail.example.com, +1 206 555 0142, 555-0199, https://pay.example.com/x", nil},
		{"identifiers", "89bcfc16-ddf6-4b0e-8c50-07fe0670f74b sess_0123456789012345 CLM-48213", nil},
	} {
		if got := foreignContacts(row.text); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q: got %q, want %q", row.sentence, row.text, got, row.want)
		}
	}
}

func TestBundledTextsAreASCII(t *testing.T) {
	for _, dir := range []fs.FS{config.FS, definitions.FS} {
		err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(dir, path)
			if i := slices.IndexFunc(data, func(b byte) bool { return b >= 0x80 }); i >= 0 {
				t.Errorf("%s: byte %d: got %#x, want ASCII", path, i, data[i])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
