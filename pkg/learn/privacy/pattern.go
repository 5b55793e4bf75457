package privacy

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// piece is a word of a value, or what stands between two.
type piece struct {
	text string
	what byte // 'w': a word, 'u': a UUID, else the character itself
}

// maxPieces bounds the pieces of a pattern.
const maxPieces = 32

// pattern says the form that most values have.
func (p *Policy) pattern(s *Spec, a *profile.Attribute, draws uint64) {
	s.How, s.Reason = Pattern, cmp.Or(s.Reason, "values that may not be said: texts of their form")
	s.Text = p.form(a.Values.Kept(), a, draws)
	s.Pool, s.Zipf = fit(a, draws)
	s.Pool = roomy(s, s.Pool)
}

// Hidden returns the form of texts none of which may be said; false: some may, or nothing may be
// said of them.
func (p *Policy) Hidden(key string, a *profile.Attribute) (pattern string, ok bool) {
	s := p.Values(key, a, 0)
	if s.How == Pattern && s.At == nil {
		return s.Text, true
	}
	if s.Other == 0 || s.Other != s.Weight() || !a.Values.All() || p.isFree(key, a) {
		return "", false // words of free text are not said, however many texts have them
	}
	s.Values = nil
	p.pattern(&s, a, 0)
	return s.Text, true
}

// form returns the pattern of those values that are the most of one form.
func (p *Policy) form(kept []*sketch.Value, a *profile.Attribute, draws uint64) string {
	weights := make(map[string]uint64)
	best := ""
	split := make([][]piece, len(kept))
	names := make([]string, len(kept))
	for i, x := range kept {
		split[i] = pieces(x.Text)
		names[i] = signature(split[i])
		weights[names[i]] += weight(x, a, draws)
	}
	for _, name := range names {
		if weights[name] > weights[best] || weights[name] == weights[best] && name < best {
			best = name
		}
	}
	var rows [][]piece
	var of []*sketch.Value
	for i := range kept {
		if names[i] == best {
			rows, of = append(rows, split[i]), append(of, kept[i])
		}
	}
	if len(rows) == 0 || len(rows[0]) == 0 || len(rows[0]) > maxPieces {
		return "{word:8}"
	}
	return p.write(rows, p.shared(of))
}

// shared reports whether what all of the values have in common may be said: many
// different ones have it, in many traces, and they are no addresses or secrets.
func (p *Policy) shared(of []*sketch.Value) bool {
	traces := make(map[uint64]bool)
	for _, x := range of {
		if x.Trace != 0 {
			traces[x.Trace] = true
		}
		switch FormOf(x.Text) {
		case Email, IP, Host, Home, Token, Query:
			return false
		}
	}
	return p.Enough(uint64(len(of))) && p.Enough(uint64(len(traces)))
}

// write writes the pattern of values that have the same pieces.
func (p *Policy) write(rows [][]piece, shared bool) string {
	var b strings.Builder
	last := -1 // word that is said
	random := false
	var parts []string
	for i, first := range rows[0] {
		column := make([]string, len(rows))
		for k, row := range rows {
			column[k] = row[i].text
		}
		switch {
		case first.what == 'u':
			parts, random = append(parts, "{uuid}"), true
		case first.what != 'w':
			parts = append(parts, first.text)
		case p.literal(column, shared):
			parts, last = append(parts, p.rename(first.text)), i
		default:
			parts, random = append(parts, drawn(column)), true
		}
	}
	if !random {
		if last < 0 {
			return "{word:8}"
		}
		parts[last] = "{word:" + strconv.Itoa(clamp(utf8.RuneCountInString(rows[0][last].text))) + "}"
	}
	for _, part := range parts {
		b.WriteString(part)
	}
	return b.String()
}

// literal reports whether a word is the same in all values, and may be said.
func (p *Policy) literal(column []string, shared bool) bool {
	for _, w := range column {
		if w != column[0] {
			return false
		}
	}
	return p.public.Has(column[0]) && strings.ContainsFunc(column[0], unicode.IsLetter) || shared && FormOf(column[0]) == None
}

// drawn returns the placeholder of words.
func drawn(column []string) string {
	digits, hex, some := true, true, false
	lengths := make(map[int]int)
	length := 0
	for _, w := range column {
		for _, r := range w {
			number := '0' <= r && r <= '9'
			digits = digits && number
			some = some || number
			hex = hex && (number || 'a' <= r && r <= 'f')
		}
		n := clamp(utf8.RuneCountInString(w))
		lengths[n]++
		if lengths[n] > lengths[length] || lengths[n] == lengths[length] && n > length {
			length = n
		}
	}
	kind := "word"
	if digits {
		kind = "digits"
	} else if hex && some {
		kind = "hex"
	}
	return "{" + kind + ":" + strconv.Itoa(length) + "}"
}

func clamp(n int) int { return min(max(n, 1), 64) }

// pieces splits a value. Letters and the digits behind them are two words, except of
// what is hex digits.
func pieces(text string) (out []piece) {
	for text != "" && len(out) <= maxPieces {
		if n := uuidAt(text); n > 0 {
			out, text = append(out, piece{text[:n], 'u'}), text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		if !wordy(r) {
			c := byte('-')
			if r < utf8.RuneSelf && r >= ' ' && !strings.ContainsRune("{}\x7f", r) {
				c = byte(r)
			}
			out, text = append(out, piece{string(c), c}), text[n:]
			continue
		}
		end := strings.IndexFunc(text, func(r rune) bool { return !wordy(r) })
		if end < 0 {
			end = len(text)
		}
		if at := numbered(text[:end]); at > 0 {
			out = append(out, piece{text[:at], 'w'}, piece{text[at:end], 'w'})
		} else {
			out = append(out, piece{text[:end], 'w'})
		}
		text = text[end:]
	}
	return out
}

// uuidAt returns the length of the UUID that a text begins with.
func uuidAt(text string) int {
	if len(text) < 36 || FormOf(text[:36]) != UUID {
		return 0
	}
	return 36
}

// numbered returns where the digits of a word begin that is letters with digits behind
// them; 0: it is another one.
func numbered(w string) int {
	at := len(w)
	for at > 0 && '0' <= w[at-1] && w[at-1] <= '9' {
		at--
	}
	hex := len(w) >= 6 && !strings.ContainsFunc(w, func(r rune) bool { return !('0' <= r && r <= '9' || 'a' <= r && r <= 'f') })
	if hex || at == len(w) || strings.ContainsAny(w[:at], "0123456789") {
		return 0
	}
	return at
}

// signature is what values of one form have in common.
func signature(list []piece) string {
	b := make([]byte, len(list))
	for i, p := range list {
		b[i] = p.what
	}
	return string(b)
}

// texts returns how many texts a pattern has.
func texts(pattern string) float64 {
	n := 1.0
	for _, part := range strings.Split(pattern, "{")[1:] {
		part, _, _ = strings.Cut(part, "}")
		kind, size, _ := strings.Cut(part, ":")
		length, _ := strconv.Atoi(size)
		switch kind {
		case "uuid":
			n = float64(n * 1e30)
		case "hex":
			n = float64(n * math.Pow(16, float64(length)))
		case "digits":
			n = float64(n * math.Pow(10, float64(length)))
		case "word":
			n = float64(n * math.Pow(62, float64(length)))
		}
	}
	return n
}

// roomy returns how large a pool must be for so many different texts, since some that
// are drawn are alike; a pattern that has too few texts for it gets longer.
func roomy(s *Spec, pool int64) int64 {
	want := float64(max(pool, 1))
	for texts(s.Text) < float64(want/0.6) {
		longer := lengthen(s.Text)
		if longer == s.Text {
			return pool
		}
		s.Text = longer
	}
	if all := texts(s.Text); pool > 0 && all < 1e9 {
		return min(int64(math.Round(float64(-all*math.Log1p(-want/all)))), maxPool)
	}
	return pool
}

// lengthen makes the longest part that is drawn longer by one.
func lengthen(pattern string) string {
	sizes := []string{"{hex:", "{digits:", "{word:"}
	at, most := -1, 0
	for i := range pattern {
		for _, start := range sizes {
			rest, ok := strings.CutPrefix(pattern[i:], start)
			if !ok {
				continue
			}
			size, _, _ := strings.Cut(rest, "}")
			if n, err := strconv.Atoi(size); err == nil && n > most && n < 64 {
				at, most = i+len(start), n
			}
		}
	}
	if at < 0 {
		return pattern
	}
	end := at + strings.IndexByte(pattern[at:], '}')
	return pattern[:at] + strconv.Itoa(most+1) + pattern[end:]
}
