package redact

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// placeholders and wordlike are what placeholder and words are short for.
var (
	placeholders = regexp.MustCompile(`<(?:LINK|SECURE_PAYMENT_LINK|EMAIL|IBAN|CARD_NUMBER|CLAIM_ID|POLICY_NUMBER|` +
		`ADDRESS|POSTCODE|PHONE|NUMBER|NAME)>`)
	wordlike = regexp.MustCompile(placeholders.String() + `|[\p{L}\p{M}]+(?:['\x{2019}-][\p{L}\p{M}]+)*`)
)

// anyTexts are pieces of the tables put together, cut anywhere, in any case.
func anyTexts(yield func(string) bool) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"<", ">", "<NAME>", "<<EMAIL>", "<NAME", "\xff", "'", "\u2019", "-", "--", "\u0301", "\u212a", "\u017f", "WWW.x", "Clm-1234", "POLICY: 123456"}
	for _, c := range slices.Concat(basicTable, strictTable) {
		pieces = append(pieces, c.text, c.want)
	}
	for range 4000 {
		var b strings.Builder
		for range 1 + r.IntN(4) {
			p := pieces[r.IntN(len(pieces))]
			from := r.IntN(len(p) + 1)
			if r.IntN(2) == 0 {
				from = 0
			}
			p = p[from:]
			switch r.IntN(6) {
			case 0:
				p = strings.ToUpper(p)
			case 1:
				p = strings.ToLower(p)
			case 2:
				p = p[:r.IntN(len(p)+1)]
			}
			b.WriteString(p)
		}
		if !yield(b.String()) {
			return
		}
	}
}

// What is not looked for is what would not be found.
func TestWhatIsNeeded(t *testing.T) {
	spared := make([]int, len(rules))
	for text := range anyTexts {
		for i, r := range rules {
			if r.needs(text) {
				continue
			}
			spared[i]++
			r.needs = func(string) bool { return true }
			if got := r.apply(text); got != text {
				t.Errorf("rule %d is left out for %q, and gives %q", i, text, got)
			}
		}
		if got, want := numbers(text), outside(text, func(s string) string { return number().ReplaceAllString(s, "<NUMBER>") }); got != want {
			t.Errorf("numbers of %q: %q, want %q", text, got, want)
		}
	}
	if slices.Contains(spared, 0) {
		t.Errorf("rules are never left out: %v", spared)
	}
}

func TestPlaceholdersAndWords(t *testing.T) {
	for text := range anyTexts {
		var want [][2]int
		for _, at := range wordlike.FindAllStringIndex(text, -1) {
			want = append(want, [2]int{at[0], at[1]})
		}
		if got := words(text); !slices.Equal(got, want) {
			t.Errorf("words of %q: %v, want %v", text, got, want)
		}
		var parts []string
		outside(text, func(s string) string { parts = append(parts, s); return s })
		if want := placeholders.Split(text, -1); !slices.Equal(parts, want) {
			t.Errorf("outside of placeholders of %q: %q, want %q", text, parts, want)
		}
	}
}
