package redact

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// rules run in this order: a link may contain an address of mail, and a card
// number what looks like a telephone number.
var rules = []rule{
	{later(`(?i)(?:[a-z][a-z0-9+.-]*://|www\.|` + domain + `/)[^\s<>"]+`), link, linked},
	{later(`[\p{L}\p{N}\p{M}._%+'-]+@[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)+`), email, has("@")},
	{later(`(?i)[a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]){11,30}`), iban, atLeast(2)},
	{later(`[2-6](?:[ \x{a0}-]?[0-9]){12,18}`), card, atLeast(13)},
	{later(`(?i)(?:clm|ph|ev|ha)-[a-z0-9-]{4,}`), withDigit("<CLAIM_ID>"), atLeast(1, "clm-", "ph-", "ev-", "ha-")},
	{later(`(?i)\bclaim\s*` + numbered + `([a-z0-9-]{4,})`), withDigit("<CLAIM_ID>"), atLeast(1, "claim")},
	{later(`(?i)pol-[a-z0-9-]{4,}`), withDigit("<POLICY_NUMBER>"), atLeast(1, "pol-")},
	{later(`(?i)\bpolicy\s*(?:` + numbered + `|\s|:)\s*([a-z0-9_-]{6,})`), withDigit("<POLICY_NUMBER>"), atLeast(1, "policy")},
	{later(`(?:(?i:flat|apartment|apt\.?|unit|suite)\s+[0-9A-Za-z]{1,5},?\s+)?` +
		`[0-9]{1,5}[a-zA-Z]?(?:[-/][0-9]{1,5}[a-zA-Z]?)?,?(?:\s+[\p{L}.'-]+){1,4}?\s+` +
		`(?:(?i:` + streets + `)|(?:` + shortStreets + `)\b\.?)`), address, atLeast(1)},
	{later(`\p{Lu}\p{L}*(?:stra\x{df}e|strasse|gasse|allee|platz|weg)\s+[0-9]{1,4}[a-z]?`), always("<ADDRESS>"), atLeast(1)},
	// The second half of a British one has no C, I, K, M, O or V: "E18 3PM" is none.
	{later(`[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}`), always("<POSTCODE>"), atLeast(2)},
	{later(`[A-Z][0-9][A-Z] [0-9][A-Z][0-9]`), always("<POSTCODE>"), atLeast(3)},
	{later(`(?:,|\b[A-Z][a-z]+)\s+(?:` + states + `)\s+([0-9]{5}(?:-[0-9]{4})?)`), always("<POSTCODE>"), atLeast(1)},
	{later(`(?i)\b(?:post\s?code|postal code|zip(?:\s?code)?)\s*(?:is\s+|:\s*)?` +
		`([a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}|[0-9]{4,6}(?:-[0-9]{4})?)`), always("<POSTCODE>"), atLeast(1)},
	{later(`\+[0-9]{1,3}(?:` + gap + `[0-9]){6,12}`), phone, atLeast(7)},
	{later(`(?:[0-9]{1,3}[ .-]?)?\([0-9]{2,5}\)[ .-]?[0-9]{2,4}(?:[ .-]?[0-9]{2,4}){1,3}`), phone, atLeast(7)},
	{later(`(?:1[ .-])?[0-9]{3}(?:-[0-9]{3}-|\.[0-9]{3}\.| [0-9]{3}[ -])[0-9]{4}`), phone, atLeast(7)},
	{later(`[0-9]{3}-[0-9]{4}`), phone, atLeast(7)},
	{later(`0[0-9]{1,4}(?:[ /-]?[0-9]{2,8}){1,4}`), national, atLeast(9)},
	{later(`(?i)\b(?:call|dial|ring|phone|telephone|tel|mobile|cell|fax|sms|text|whatsapp)` +
		`(?:\s+(?:me|us|him|her|them|number|no|is|at|on|via|under))*[.:]{0,2}\s*([0-9](?:` + gap + `[0-9]){6,14})`), phone, atLeast(7)},
}

// later compiles a pattern when it is asked for: a program that redacts nothing, or a
// text that needs none, does not wait for all of them.
func later(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

const (
	domain   = `(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|uk|us|ca|de|eu|fr|app|dev|info|me|link|shop)`
	numbered = `(?:(?:number|num|no\.?|id|reference|ref\.?)\s*(?:is\s+|:\s*|#\s*)?|#\s*)`
	gap      = `(?:[ \x{a0}./-]?\(?0?\)?[ .-]?)?`

	streets = `street|road|avenue|boulevard|lane|drive|close|court|crescent|square|terrace|place|gardens|grove|mews|parade|way|` +
		`highway|quay`
	// Words when written otherwise.
	shortStreets = `St|Rd|Ave|Blvd|Ln|Dr|Ct|Cres|Sq|Pl|Hwy|Row|Hill|Park`

	states = `AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|` +
		`OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY`
)

// paying finds words about money in a link: whole ones, since a payload is none.
var paying = later(`(?i)(?:^|[^a-z])(?:pay|paynow|payment|payments|paypal|secure|securepay|checkout|billing)(?:[^a-z]|$)`)

func link(found, before, _ string) (int, string) {
	if r, _ := utf8.DecodeLastRuneInString(before); inWord(r) || r == '@' || r == '.' || r == '-' {
		return 0, "" // the end of something else, such as an address of mail
	}
	found = strings.TrimRight(found, `.,;:!?'")]}`) // which belong to the sentence
	if strings.HasSuffix(found, "://") {
		return 0, ""
	}
	if paying().MatchString(found) {
		return len(found), "<SECURE_PAYMENT_LINK>"
	}
	return len(found), "<LINK>"
}

// email takes what was found as a whole: quotes and dots that belong to the
// sentence are few, and half an address would be worse.
func email(found, _, _ string) (int, string) {
	return len(strings.TrimRight(found, "-")), "<EMAIL>"
}

// longest returns the length of the longest beginning of found that ends at the
// end of a word and is ok. What follows a number may look like more of it.
func longest(found, before, after string, ok func(string) bool) int {
	for n := len(found); n > 0; n-- {
		last := found[n-1]
		if last != ' ' && last != '-' && last < utf8.RuneSelf && loose(before, found[n:]+after) && ok(found[:n]) {
			return n
		}
	}
	return 0
}

func iban(found, before, after string) (int, string) {
	return longest(found, before, after, func(s string) bool {
		s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
		if len(s) < 15 || len(s) > 34 {
			return false
		}
		rest := 0 // of the division by 97, a digit at a time; letters are two digits
		for _, c := range []byte(s[4:] + s[:4]) {
			if c >= 'A' {
				rest = (rest*100 + int(c-'A') + 10) % 97
			} else {
				rest = (rest*10 + int(c-'0')) % 97
			}
		}
		return rest == 1
	}), "<IBAN>"
}

func card(found, before, after string) (int, string) {
	if fraction(before, "") {
		return 0, ""
	}
	return longest(found, before, after, func(s string) bool {
		d := digits(s)
		sum := 0
		for i := range len(d) {
			v := int(d[len(d)-1-i] - '0')
			if i%2 == 1 {
				v *= 2
				v -= v / 10 * 9
			}
			sum += v
		}
		return len(d) >= 13 && sum%10 == 0
	}), "<CARD_NUMBER>"
}

// withDigit judges a token that is a number only if it has a digit: a soap can
// be PH-neutral. Of one whose last word goes on with a letter beyond ASCII, what
// is before that word is it.
func withDigit(label string) func(found, before, after string) (int, string) {
	return func(found, before, after string) (int, string) {
		if !loose("", after) && !strings.HasSuffix(found, "-") {
			found = found[:strings.LastIndexByte(found, '-')+1]
		}
		found = strings.TrimRight(found, "-")
		if digits(found) == "" || isDate(found) || !loose(before, "") {
			return 0, ""
		}
		return len(found), label
	}
}

// date matches at the beginning of days written in digits, in any order.
var date = later(`^(?:[0-9]{4}([-/.])[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))(?:[^0-9]|$)`)

func isDate(s string) bool { return date().MatchString(s) }

// unstreetly are words that stand between a number and a street when the number
// is not of a house: "5 minutes down the road".
var unstreetly = map[string]bool{
	"a": true, "an": true, "and": true, "along": true, "am": true, "at": true, "by": true, "cars": true, "days": true,
	"down": true, "for": true, "from": true, "hours": true, "in": true, "is": true, "km": true, "miles": true, "minutes": true,
	"my": true, "of": true, "off": true, "on": true, "or": true, "our": true, "people": true, "per": true, "pm": true, "some": true,
	"that": true, "the": true, "this": true, "to": true, "up": true, "weeks": true, "your": true,
}

func address(found, before, after string) (int, string) {
	if !loose(before, after) || fraction(before, "") {
		return 0, ""
	}
	street := found[strings.LastIndexFunc(found, unicode.IsSpace)+1:]
	words := strings.Fields(found)
	capital, lower := 0, 0
	for _, w := range words[:len(words)-1] {
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case !unicode.IsLetter(r):
		case unstreetly[strings.ToLower(w)]:
			return 0, ""
		case unicode.IsUpper(r):
			capital++
		default:
			lower++
		}
	}
	// Without capitals only a street is one, and only with a short name.
	plain := strings.EqualFold(street, "street") || strings.EqualFold(street, "road") || strings.EqualFold(street, "avenue")
	if lower > 0 && (capital > 0 || lower > 2 || !plain) {
		return 0, ""
	}
	return len(found), "<ADDRESS>"
}

// fraction reports whether digits go on across a mark, or what comes before is a
// sign of money, so that a number between before and after is only a part of
// another one.
func fraction(before, after string) bool {
	if r, n := utf8.DecodeLastRuneInString(before); n > 0 {
		if unicode.Is(unicode.Sc, r) || r == '-' || r == '#' {
			return true
		}
		p, _ := utf8.DecodeLastRuneInString(before[:len(before)-n])
		if strings.ContainsRune(".,:/", r) && unicode.IsNumber(p) {
			return true
		}
	}
	if r, n := utf8.DecodeRuneInString(after); n > 0 {
		q, _ := utf8.DecodeRuneInString(after[n:])
		if r == '%' || strings.ContainsRune(".,:/-", r) && unicode.IsNumber(q) {
			return true
		}
	}
	return false
}

func phone(found, before, after string) (int, string) {
	n := len(digits(found))
	if n < 7 || n > 15 || isDate(found) || !loose(before, after) || fraction(before, after) {
		return 0, ""
	}
	return len(found), "<PHONE>"
}

// national judges numbers with the zero that says that an area follows.
// Amounts have none, and dates of the day first have eight digits.
func national(found, before, after string) (int, string) {
	if len(digits(found)) < 9 {
		return 0, ""
	}
	return phone(found, before, after)
}
