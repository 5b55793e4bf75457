package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words returns where the words of text are: names, placeholders and any other
// ones, such as O'Brien, Jean-Luc, don't.
func words(text string) (found [][2]int) {
	for at := 0; at < len(text); {
		if n := placeholder(text[at:]); n > 0 {
			found = append(found, [2]int{at, at + n})
			at += n
			continue
		}
		end := lettersEnd(text, at)
		if end == at {
			_, n := utf8.DecodeRuneInString(text[at:])
			at += n
			continue
		}
		for {
			mark, n := utf8.DecodeRuneInString(text[end:])
			if mark != '\'' && mark != '\u2019' && mark != '-' {
				break
			}
			next := lettersEnd(text, end+n)
			if next == end+n {
				break
			}
			end = next
		}
		found = append(found, [2]int{at, end})
		at = end
	}
	return found
}

// lettersEnd is where the letters end that begin at text[at:], at when none do.
func lettersEnd(text string, at int) int {
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		at += n
	}
	return at
}

// names replaces name-like words.
func names(text string) string {
	found := words(text)
	known := map[string]bool{} // looked up only, never gone through
	for i, at := range found {
		if w := text[at[0]:at[1]]; capital(w) && !isOrdinary(w) && !opens(text, found, i) {
			known[stem(w)] = true
		}
	}
	var b strings.Builder
	done := 0
	for _, at := range found {
		w := text[at[0]:at[1]]
		if !capital(w) || isOrdinary(w) || !known[stem(w)] {
			continue
		}
		b.WriteString(text[done:at[0]])
		b.WriteString("<NAME>")
		done = at[1]
	}
	b.WriteString(text[done:])
	return b.String()
}

func capital(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

// stem returns w without an English ending: Sam's and Sam are one name.
func stem(w string) string {
	for _, s := range []string{"'s", "\u2019s"} {
		w = strings.TrimSuffix(w, s)
	}
	return w
}

// opens reports whether the word found[i] is written with a capital because a
// sentence begins with it: one that goes on with a word in lower case, or with
// a placeholder of something else than a name.
func opens(text string, found [][2]int, i int) bool {
	before := strings.TrimRight(text[:found[i][0]], " \t\u00a0\"'([*\u201c\u2018\u00bf\u00a1")
	if r, _ := utf8.DecodeLastRuneInString(before); before != "" && !strings.ContainsRune(".!?\n\r\u2026", r) {
		return false
	}
	if i > 0 && strings.HasSuffix(before, ".") && len(before) == found[i-1][1]+1 {
		// The dot may be of "Dr." or of an initial.
		p := text[found[i-1][0]:found[i-1][1]]
		if capital(p) && (utf8.RuneCountInString(p) == 1 || titles[strings.ToLower(p)]) {
			return false
		}
	}
	if i+1 == len(found) || strings.ContainsAny(text[found[i][1]:found[i+1][0]], ".!?,;:\n\r") {
		return false
	}
	next := text[found[i+1][0]:found[i+1][1]]
	return next != "<NAME>" && (!capital(next) || isOrdinary(next))
}

func isOrdinary(w string) bool {
	w = strings.ToLower(w)
	if i := strings.IndexAny(w, "'\u2019"); i > 0 {
		w = w[:i]
	}
	return ordinary[w]
}

var (
	titles   = set("mr mrs ms mx dr prof rev st jr sr")
	ordinary = set(`
		monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
		january february march april may june july august september october november december
		jan feb mar apr jun jul aug sep sept oct nov dec
		i me my mine you your yours he him his she her hers it its we us our ours they them their this that these those
		a an the and or but so if as at by for from in into of off on onto out over to up with without
		not no yes yeah nope ok okay sure right great good fine perfect done sorry thanks thank please welcome
		hi hello hey dear bye regards cheers best kind morning afternoon evening
		who whom whose what which when where why how
		am is are was were be been do does did don doesn didn have has had haven hasn hadn
		isn aren wasn weren can could would should will shall might must cannot couldn wouldn shouldn won
		there here then now today tomorrow yesterday also just still yet once since until while after before because
		all any both each every few more most other some such only own same than too very one two three
		ask call tell contact write send mail e-mail email find see let go get give keep put take try start stop check`)
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
