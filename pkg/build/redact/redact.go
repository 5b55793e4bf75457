// Package redact derives the masked form of what users and models say from the
// text itself. Two levels exist:
//
//	Basic   patterns of personal data
//	Strict  these, every number and every name-like word
//
// What is masked is replaced by a placeholder:
//
//	<LINK>                 web addresses: with a scheme, with www., or with a path
//	<SECURE_PAYMENT_LINK>  those among them that are about paying
//	<EMAIL>
//	<IBAN>                 with valid check digits
//	<CARD_NUMBER>          13 to 19 digits, starting with 2 to 6, that pass the Luhn check
//	<CLAIM_ID>             CLM-, PH-, EV- or HA- with a digit; what follows "claim number"
//	<POLICY_NUMBER>        POL- with a digit; what follows "policy"
//	<ADDRESS>              a house number and a street
//	<POSTCODE>             British and Canadian; American after a state; any after "postcode"
//	<PHONE>                numbers that are written as telephone numbers, or follow "call"
//	<NUMBER>, <NAME>       with Strict only
//
// Words that give a number its meaning stay: "policy number <POLICY_NUMBER>".
//
// Basic leaves alone what merely has many digits: dates, times, prices,
// amounts, timestamps, uuids, "Policy details". A bare run of ten digits is a
// telephone number after a word that says so, and else is not.
//
// Strict rather masks a word too many. A word is name-like when its first
// letter is upper case, unless it is an ordinary word (a closed list: days,
// months, pronouns, greetings, words that sentences begin with) or begins a
// sentence that goes on with a word in lower case. A word that is taken for a
// name once is masked wherever it stands. What is missed: names in lower case,
// names in scripts without case, numbers in words, and a name that occurs only
// as the first word of a sentence that goes on.
//
// Both functions are idempotent: placeholders are never changed, and rules run
// until none applies. Valid UTF-8 stays valid. They take plain text, not JSON:
// a placeholder is no number of a document. The rules are for texts in
// definitions, and are no protection of real users.
package redact

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Basic returns text with patterns of personal data replaced by placeholders.
func Basic(text string) string {
	return settle(text, basic)
}

// Strict returns text with everything replaced that Basic replaces, and numbers
// and name-like words too.
func Strict(text string) string {
	return settle(text, func(text string) string { return names(numbers(Basic(text))) })
}

// settle applies a pass until it changes nothing. A placeholder can be the edge
// that another rule needs, so that one pass is not enough. There is an end to
// it: each change leaves fewer bytes outside of placeholders.
func settle(text string, pass func(string) string) string {
	for {
		next := pass(text)
		if next == text {
			return text
		}
		text = next
	}
}

func basic(text string) string {
	for i := range rules {
		text = outside(text, rules[i].apply)
	}
	return text
}

func numbers(text string) string {
	if !strings.ContainsFunc(text, unicode.IsNumber) {
		return text
	}
	return outside(text, func(part string) string { return number().ReplaceAllString(part, "<NUMBER>") })
}

// A token with a digit in it, joined to the next by a single mark: 8:30, 1,200,
// 2026-01-31, E18, 20th.
var number = later(`[\p{L}\p{M}]*\p{N}[\p{L}\p{M}\p{N}]*(?:[.,:/_-][\p{L}\p{M}]*\p{N}[\p{L}\p{M}\p{N}]*)*`)

// labels are the placeholders.
var labels = []string{"<LINK>", "<SECURE_PAYMENT_LINK>", "<EMAIL>", "<IBAN>", "<CARD_NUMBER>", "<CLAIM_ID>", "<POLICY_NUMBER>",
	"<ADDRESS>", "<POSTCODE>", "<PHONE>", "<NUMBER>", "<NAME>"}

// placeholder returns how long the placeholder is that text begins with, 0 when
// there is none.
func placeholder(text string) int {
	for _, l := range labels {
		if strings.HasPrefix(text, l) {
			return len(l)
		}
	}
	return 0
}

// outside applies f to what is between the placeholders of text.
func outside(text string, f func(string) string) string {
	var b strings.Builder
	done := 0
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '<')
		if i < 0 {
			break
		}
		at += i
		n := placeholder(text[at:])
		if n == 0 {
			at++
			continue
		}
		b.WriteString(f(text[done:at]))
		b.WriteString(text[at : at+n])
		at += n
		done = at
	}
	if done == 0 {
		return f(text)
	}
	b.WriteString(f(text[done:]))
	return b.String()
}

// rule replaces what a pattern finds.
type rule struct {
	// find is the pattern. Its group, if it has one, is what is replaced.
	find func() *regexp.Regexp
	// judge returns how many of the bytes that were found are to be replaced,
	// and by which placeholder; zero leaves them. It gets what stands before
	// and after the whole of them too.
	judge func(found, before, after string) (n int, label string)
	// needs reports whether text may hold something that is replaced: patterns
	// take their time over a text, and most texts have nothing for them.
	needs func(text string) bool
}

func (r *rule) apply(text string) string {
	if !r.needs(text) {
		return text
	}
	var b strings.Builder
	done, from := 0, 0 // text[:done] has been written; text[:from] has been searched
	for from < len(text) {
		loc := r.find().FindStringSubmatchIndex(text[from:])
		if loc == nil {
			break
		}
		start, end := from+loc[len(loc)-2], from+loc[len(loc)-1]
		n, label := r.judge(text[start:end], text[:start], text[end:])
		if n == 0 {
			// What was refused may hide something that begins later.
			_, size := utf8.DecodeRuneInString(text[from+loc[0]:])
			from += loc[0] + size
			continue
		}
		b.WriteString(text[done:start])
		b.WriteString(label)
		done, from = start+n, start+n
	}
	b.WriteString(text[done:])
	return b.String()
}

// always judges that all of what was found is replaced, if it is not a part of
// a longer word.
func always(label string) func(found, before, after string) (int, string) {
	return func(found, before, after string) (int, string) {
		if !loose(before, after) {
			return 0, ""
		}
		return len(found), label
	}
}

// loose reports whether no letter or digit goes on before or after.
func loose(before, after string) bool {
	b, _ := utf8.DecodeLastRuneInString(before)
	a, _ := utf8.DecodeRuneInString(after)
	return !inWord(b) && !inWord(a)
}

func inWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// digits returns the ASCII digits of s.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}
