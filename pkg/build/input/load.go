package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Limits of one input file. They are far above what people write, and low
// enough that hostile input cannot take the machine's memory or time.
const (
	MaxBytes = 4 << 20
	MaxNodes = 200_000 // keys and values, after aliases are expanded
	MaxDepth = 100     // nested lists and mappings
)

// Limits say how large a file may be.
type Limits struct {
	Bytes int
	Nodes int // keys and values, after aliases are expanded
}

// Load decodes a file that holds one YAML document. It returns nil when there
// is no usable document, with the reason added to p; a document with duplicate
// keys or foreign tags is returned without them, and p has errors. A file with a
// base may be laid over it.
func Load(f File, p *Problems) *Node { return LoadWithin(f, Limits{MaxBytes, MaxNodes}, p) }

// LoadWithin is Load with other limits than those of files that people write.
// A node takes about half a kilobyte of memory while the file is read.
func LoadWithin(f File, limits Limits, p *Problems) *Node {
	if f.Err != nil {
		p.Errorf(Pos{File: f.Name}, "%v", f.Err)
		return nil
	}
	if len(f.Data) > limits.Bytes {
		p.Errorf(Pos{File: f.Name}, "file of %d bytes is larger than the limit of %d", len(f.Data), limits.Bytes)
		return nil
	}
	if !checkText(f, p) {
		return nil
	}
	data, ok := readDirectives(f, p)
	if !ok {
		return nil
	}
	documents, err := decode(data)
	if err != nil {
		pos, text := syntaxError(f, err)
		p.Errorf(pos, "%s", text)
		return nil
	}
	if len(documents) == 0 || len(documents[0].Content) == 0 {
		p.Errorf(Pos{File: f.Name, Line: 1, Column: 1}, "empty document")
		return nil
	}
	if len(documents) > 1 {
		second := documents[1]
		p.Errorf(Pos{File: f.Name, Line: second.Line, Column: second.Column}, "second document; a file holds one")
		return nil
	}
	x := expander{p: p, file: f.Name, limit: limits.Nodes}
	root := x.node(documents[0].Content[0], nil, "", 0)
	if x.stopped {
		return nil
	}
	return layered(f, root, p)
}

// checkText reports the first byte that is not UTF-8 or not allowed in YAML.
// The library would do neither with a position.
func checkText(f File, p *Problems) bool {
	for i := 0; i < len(f.Data); {
		r, size := utf8.DecodeRune(f.Data[i:])
		if r == utf8.RuneError && size == 1 {
			p.Errorf(position(f, i), "byte 0x%02x is not UTF-8", f.Data[i])
			return false
		}
		control := r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85
		if control || r == 0xfffe || r == 0xffff || r == 0xfeff && i > 0 {
			p.Errorf(position(f, i), "character %U is not allowed", r)
			return false
		}
		i += size
	}
	return true
}

// position returns the line and column of a byte offset.
func position(f File, offset int) Pos {
	before := f.Data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return Pos{
		File:   f.Name,
		Line:   bytes.Count(before, []byte{'\n'}) + 1,
		Column: utf8.RuneCount(before[start:]) + 1,
	}
}

// decode returns the first two documents of data.
func decode(data []byte) (documents []*yaml.Node, err error) {
	err = guard(func() error {
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		for len(documents) < 2 {
			var document yaml.Node
			err := decoder.Decode(&document)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			documents = append(documents, &document)
		}
		return nil
	})
	return documents, err
}

// guard turns a panic of the library, which is not trusted with foreign input,
// into an error.
func guard(parse func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML parser gave up: %v", r)
		}
	}()
	return parse()
}

var (
	errorLine = regexp.MustCompile(`^line (\d+): `)
	// braceInText matches a text such as /items/{id}.
	braceInText = regexp.MustCompile(`[^\s,:"'\[{]\{`)
	errorAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// syntaxError finds the position that an error of the library is about. The
// library knows the line at best (and leaves out the first one); the column is
// that of the line's first character.
func syntaxError(f File, err error) (Pos, string) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := errorAnchor.FindStringSubmatch(text); m != nil {
		offset := max(bytes.Index(f.Data, []byte("*"+m[1])), 0)
		return position(f, offset), fmt.Sprintf("unknown anchor %s", Quote(m[1]))
	}
	line := 1
	if m := errorLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
		if strings.HasPrefix(text, "did not find expected ") {
			line++ // the library counts from 0 in these, and from 1 in others
		}
	}
	lines := bytes.Split(f.Data, []byte{'\n'})
	line = min(max(line, 1), len(lines))
	for at := line; at <= min(line+1, len(lines)); at++ { // the library may count the line before
		if tab := bytes.IndexByte(lines[at-1][:indent(lines[at-1])], '\t'); tab >= 0 {
			return Pos{File: f.Name, Line: at, Column: tab + 1}, "broken YAML: a tab in the indentation; indent with spaces"
		}
	}
	if strings.HasPrefix(text, "mapping values are not allowed") {
		text += ": indented deeper than the line before, or a text with a colon, which needs quotes"
	}
	if strings.HasPrefix(text, "did not find expected ','") && braceInText.Match(lines[line-1]) {
		text += ": between brackets or braces, a text with a brace in it needs quotes"
	}
	return Pos{File: f.Name, Line: line, Column: indent(lines[line-1]) + 1}, "broken YAML: " + text
}

// indent returns how many spaces and tabs a line begins with.
func indent(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
