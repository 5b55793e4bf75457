package leaks

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// longer is how long texts are that are not looked for, in bytes.
const longer = 4

// maxFile bounds output files, in bytes.
const maxFile = 256 << 20

// Outputs are the texts that are looked for. The zero value has none.
type Outputs struct {
	list  []text
	whole map[string]int32 // index in list
	words map[string]int32
	dates map[string]text // days, as 2026-01-31
}

// text is one that is looked for, and where it stands first.
type text struct {
	text      string
	file      string
	line      int
	generated bool // in data, which is drawn: some of it is in any capture by chance
}

// Dir adds the regular files of a folder and of those below it, and corpora as Data.
func (o *Outputs) Dir(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if _, err := os.Stat(filepath.Join(path, corpus.ManifestFile)); err != nil {
				return nil
			}
			if err := o.telemetry(path); err != nil {
				return err
			}
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		return o.File(path)
	})
}

// File adds a file: a text, or telemetry in one of the forms that captures have.
func (o *Outputs) File(path string) error {
	data, err := foreign.AppendText(nil, path, maxFile)
	if errors.Is(err, foreign.ErrBinary) {
		return o.telemetry(path)
	}
	if err != nil {
		return err
	}
	o.Text(filepath.ToSlash(path), data)
	return nil
}

// telemetry adds a corpus or a capture.
func (o *Outputs) telemetry(path string) error {
	in, err := intake.Open([]string{path}, intake.Options{})
	if err != nil {
		return err
	}
	if err := o.Data(context.Background(), filepath.ToSlash(path), in); err != nil && !errors.Is(err, intake.ErrNothing) {
		return err
	}
	return nil
}

// Text adds a text as the content of a file of a name: YAML, JSON or any other.
func (o *Outputs) Text(name string, data []byte) {
	if o.dates == nil {
		o.dates = make(map[string]text)
	}
	o.scalars(name, data)
	for line, n := data, 1; len(line) > 0; n++ {
		var rest []byte
		if line, rest, _ = bytes.Cut(line, []byte("\n")); len(line) > 0 {
			o.line(name, n, line)
		}
		line = rest
	}
}

var days = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}`)

// line adds a line, what stands in quotes in it and behind #, and its words.
func (o *Outputs) line(name string, n int, line []byte) {
	s := string(line)
	o.add(&o.whole, text{text: strings.TrimSpace(s), file: name, line: n})
	if _, comment, ok := strings.Cut(s, "#"); ok {
		o.add(&o.whole, text{text: strings.TrimSpace(comment), file: name, line: n})
	}
	for _, quote := range []string{`"`, `'`, "`"} {
		for i, part := range strings.Split(s, quote) {
			if i%2 == 1 {
				o.add(&o.whole, text{text: part, file: name, line: n})
			}
		}
	}
	for _, day := range days.FindAllString(s, -1) {
		if _, ok := o.dates[day]; !ok {
			o.dates[day] = text{text: day, file: name, line: n}
		}
	}
	eachWord(line, func(w []byte, at int) {
		if !fraction(line, at, at+len(w)) {
			o.add(&o.words, text{text: string(w), file: name, line: n})
		}
	})
}

// fraction reports whether a word is digits of a number with a point in it.
func fraction(line []byte, from, to int) bool {
	for _, c := range line[from:to] {
		if c < '0' || c > '9' {
			return false
		}
	}
	digit := func(i int) bool { return i >= 0 && i < len(line) && '0' <= line[i] && line[i] <= '9' }
	point := func(i int) bool { return i >= 0 && i < len(line) && line[i] == '.' }
	return point(from-1) && digit(from-2) || point(to) && digit(to+1)
}

// scalars adds the keys and values of YAML, which JSON is too; of what is neither, nothing.
func (o *Outputs) scalars(name string, data []byte) {
	if len(data) > input.MaxBytes {
		return
	}
	var p input.Problems
	root := input.Load(input.File{Name: name, Data: data}, &p)
	if root == nil {
		return
	}
	var walk func(n *input.Node)
	walk = func(n *input.Node) {
		switch n.Kind {
		case input.Mapping:
			m, _ := n.Map(&p)
			for _, e := range m.Entries() {
				o.add(&o.whole, text{text: e.Key, file: name, line: e.Pos.Line})
				walk(e.Value)
			}
		case input.List:
			items, _ := n.List(&p)
			for _, item := range items {
				walk(item)
			}
		default:
			o.add(&o.whole, text{text: n.Text(), file: name, line: n.Pos.Line})
		}
	}
	walk(root)
}

// Data adds everything that telemetry made of what was learnt has in it.
func (o *Outputs) Data(ctx context.Context, name string, data Source) error {
	return data.Each(ctx, newCollector(o, name))
}

// add adds a text, if it is one to look for. One that is a single word is found as one.
func (o *Outputs) add(to *map[string]int32, t text) {
	if !sought(t.text, t.generated) {
		return
	}
	if to == &o.whole && !strings.ContainsFunc(t.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		to = &o.words
	}
	if *to == nil {
		*to = make(map[string]int32)
	}
	if at, ok := (*to)[t.text]; ok {
		if o.list[at].generated && !t.generated {
			o.list[at] = t
		}
		return
	}
	(*to)[t.text] = int32(len(o.list))
	o.list = append(o.list, t)
}

// sought reports whether a text is looked for. Numbers stand everywhere: below 8 digits
// they are none's. Of what is drawn, so are texts of which there are few of a form.
func sought(s string, generated bool) bool {
	if len(s) <= longer {
		return false
	}
	digits, letters, other := 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		default:
			other++
		}
	}
	if letters == 0 && (digits < 8 || other > 0 && strings.Trim(s, "0123456789.-+") == "") {
		return false
	}
	if !generated {
		return true
	}
	if digits == 0 {
		return letters > 5
	}
	// Digits may be of 10 or 16, letters beside them are of what is drawn too where
	// they are few; with few digits behind it a word is a name with a number.
	return digits >= 12 || digits >= 4 && letters >= 9
}

// eachWord calls visit with the words of a text and where they begin: what there is
// between all that is neither letter nor digit.
func eachWord(s []byte, visit func(word []byte, at int)) {
	begin := -1
	for i := 0; i < len(s); {
		c, n := s[i], 1
		in := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if c >= utf8.RuneSelf {
			var r rune
			r, n = utf8.DecodeRune(s[i:])
			in = unicode.IsLetter(r) || unicode.IsDigit(r)
		}
		if in && begin < 0 {
			begin = i
		}
		if !in && begin >= 0 {
			visit(s[begin:i], begin)
			begin = -1
		}
		i += n
	}
	if begin >= 0 {
		visit(s[begin:], begin)
	}
}
