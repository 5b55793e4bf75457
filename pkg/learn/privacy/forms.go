package privacy

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Form is what kind of id, address or secret a text looks like.
type Form uint8

// The forms that are never said, however many traces have them.
const (
	None   Form = iota
	UUID        // 8-4-4-4-12 hex digits
	Hex         // a word of 8 hex digits or more, one of which is a digit
	Digits      // 5 digits or more that follow each other, or 9 with something between them
	Date        // 2026-01-31, 31.01.2026
	Email       // somebody@somewhere
	IP          // of version 4 or 6, and MAC
	Host        // a name of a host with a digit, of a pod with its hash
	Home        // below somebody's home folder
	Token       // JWT, keys of well-known services, words of 16 characters or more that mix letters and digits
	Query       // of a URL: what stands behind the question mark, and who logs in
)

var placeholders = [...]string{
	UUID: "{uuid}", Hex: "{hex}", Digits: "{digits}", Date: "{digits}", Email: "{email}", IP: "{ip}", Host: "{host}", Home: "{path}", Token: "{word}", Query: "{word}",
}

// shapes are the forms, in the order in which they are looked for.
var shapes = []struct {
	form Form
	re   *regexp.Regexp
}{
	{Token, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*)*|\b(AKIA|ASIA|AIza|ghp_|gho_|ghs_|github_pat_|glpat-|sk-|sk_live_|pk_live_|sk_test_|rk_live_|xox[abprs]-|ya29\.)[A-Za-z0-9_-]+|-----BEGIN [A-Z ]+|(?i)\b(bearer|basic) +[A-Za-z0-9+/=._-]{6,}`)},
	{Query, regexp.MustCompile(`//[^/\s@]+:[^/\s@]*@|\?[^\s=?]+=\S*`)},
	{Email, regexp.MustCompile(`[^\s@<>"'=,;:/\\]+(@|%40)[\pL\pN-]+(\.[\pL\pN-]+)+`)},
	{UUID, regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)},
	{Home, regexp.MustCompile(`(?i)(/home/|/users/|\\users\\|/export/home/|/var/home/)[^/\\\s]+\S*|~[a-z0-9_]*/\S*`)},
	{Date, regexp.MustCompile(`\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}\S*)?|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b`)},
	{IP, regexp.MustCompile(`(?i)\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-f]{2}([:-][0-9a-f]{2}){5}\b|\[?([0-9a-f]{1,4}:){2,7}([0-9a-f]{1,4}|:)[0-9a-f:.]*\]?|\[?\b([0-9a-f]{1,4}:)+:[0-9a-f:.]*\]?|::[0-9a-f]{1,4}\b|\bip-\d+-\d+-\d+-\d+\b`)},
	{Host, regexp.MustCompile(`(?i)\b[a-z][a-z0-9-]*-[a-z0-9]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b|\b([a-z0-9][a-z0-9-]*\.)+(com|net|org|io|local|internal|svc|cluster|lan|corp|intra|dev|cloud|de|uk|fr|eu|us|test|example|localdomain|home|priv|private)\b`)},
	{Digits, regexp.MustCompile(`\d{5,}|\+?\d[\d() -]{7,}\d|(\d[._/]?){8,}\d`)},
}

// FormOf returns what a text looks like, or has in it.
func FormOf(text string) Form {
	form := None
	eachForm(text, func(f Form, _, _ int) { form = f })
	return form
}

// FormOfAddress is FormOf for what is known to be an address: any digit in the name of
// the host makes it one, the port apart.
func FormOfAddress(text string) Form {
	host := text
	if at := strings.LastIndexByte(text, ':'); at >= 0 && !strings.ContainsFunc(text[at+1:], func(r rune) bool { return r < '0' || r > '9' }) {
		host = text[:at]
	}
	if f := FormOf(host); f != None {
		return f
	}
	if strings.ContainsAny(host, digits) {
		return Host
	}
	return None
}

// eachForm calls visit with the first thing in a text that looks like an id, if there is one.
func eachForm(text string, visit func(f Form, begin, end int)) {
	for i := range shapes {
		if !may(shapes[i].form, text) {
			continue
		}
		for _, at := range shapes[i].re.FindAllStringIndex(text, -1) {
			if is(shapes[i].form, text, at[0], at[1]) {
				visit(shapes[i].form, at[0], at[1])
				return
			}
		}
	}
	at := 0
	eachWord(text, func(w string) {
		begin := at + strings.Index(text[at:], w)
		at = begin + len(w)
		if f := formOfWord(w); f != None && at > 0 {
			visit(f, begin, at)
			visit = func(Form, int, int) {}
		}
	})
}

// may reports whether a text can be of a form: most have none of what that takes, and to
// match takes long.
func may(f Form, text string) bool {
	has := func(c string) bool { return strings.Contains(text, c) }
	switch f {
	case Token:
		return slices.ContainsFunc(tokenStarts, has) || has(" ") && strings.ContainsFunc(text, unicode.IsLetter)
	case Query:
		return has("//") || has("?")
	case Email:
		return has("@") || has("%40")
	case UUID:
		return strings.Count(text, "-") >= 4
	case Home:
		return has("~") || has("/") || has(`\`)
	case IP:
		return strings.Count(text, ":") >= 2 || strings.Count(text, ".") >= 3 || strings.Count(text, "-") >= 4
	case Host:
		return (has(".") || has("-")) && strings.ContainsAny(text, digits)
	}
	return strings.ContainsAny(text, digits)
}

const digits = "0123456789"

var tokenStarts = strings.Fields(`eyJ AKIA ASIA AIza gh github glpat sk- sk_ pk_ rk_ xox ya29 -----BEGIN`)

// is sorts out what only resembles a form.
func is(f Form, all string, from, to int) bool {
	text, rest := all[from:to], all[to:]
	switch f {
	case Host:
		// com.acme.http2.internal.Client is a class, k8s.io a project.
		if len(rest) > 1 && rest[0] == '.' && unicode.IsLetter(rune(rest[1])) {
			return false
		}
		return hostDigit.MatchString(text)
	case Digits:
		// A port is none.
		return from == 0 || all[from-1] != ':' || rest != "" || len(text) != 5 || text > "65535"
	case IP:
		if strings.Count(text, ":") >= 2 && !strings.ContainsAny(text, digits) {
			return false // words of C++ and Rust: a::b
		}
		if strings.Contains(text, ".") && !strings.Contains(text, ":") {
			_, err := netip.ParseAddr(text)
			return err == nil
		}
	}
	return true
}

// hostDigit matches names of hosts with a digit at the end of a part.
var hostDigit = regexp.MustCompile(`\d(\.|$)|\d-|-[a-z0-9]*\d`)

// formOfWord returns what a word without anything but letters and digits looks like.
func formOfWord(w string) Form {
	letters, upper, digits, hex := 0, 0, 0, 0
	for _, r := range w {
		switch {
		case unicode.IsDigit(r):
			digits++
			hex++
		case unicode.IsUpper(r):
			upper++
			letters++
		default:
			letters++
		}
		if r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' {
			hex++
		}
	}
	switch {
	case digits == 0 || letters == 0:
		return None // digits alone have a shape of their own
	case hex == len(w) && hex >= 8:
		return Hex
	case len(w) >= 16 && digits >= 3 && changes(w) >= 4:
		return Token
	}
	return None
}

// changes counts where letters become digits in a word, or digits letters.
func changes(w string) (n int) {
	before, first := false, true
	for _, r := range w {
		now := unicode.IsDigit(r)
		if !first && now != before {
			n++
		}
		before, first = now, false
	}
	return n
}

// mask puts placeholders where a text looks like an id; public words stay.
func mask(text string, public *Vocabulary) string {
	for range 64 {
		var form Form
		var from, to int
		eachForm(text, func(f Form, begin, end int) { form, from, to = f, begin, end })
		if form == None {
			return text
		}
		text = text[:from] + placeholders[form] + text[to:]
	}
	return "{word}"
}
