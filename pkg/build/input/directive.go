package input

import (
	"bytes"
	"slices"
)

// readDirectives returns the file without what the library does not read: it
// takes %YAML 1.1 alone, and the difference to 1.2 is one that it ignores. The
// line becomes a comment of the same length, so that positions stay. Another
// version is a problem, as is a second such line.
func readDirectives(f File, p *Problems) (data []byte, ok bool) {
	data, found := f.Data, false
	for start := 0; start < len(data); {
		end := len(data)
		if n := bytes.IndexByte(data[start:], '\n'); n >= 0 {
			end = start + n
		}
		line := bytes.TrimRight(bytes.TrimPrefix(data[start:end], []byte("\ufeff")), " \t\r")
		words := bytes.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case line[0] != '%':
			return data, true // directives come before all else
		case string(words[0]) == "%YAML":
			if !versionIsRead(words[1:]) {
				p.Errorf(position(f, start), "YAML directive %s: want %%YAML 1.1 or %%YAML 1.2, or no such line", Quote(string(line)))
				return nil, false
			}
			if found {
				p.Errorf(position(f, start), "second %%YAML directive; a file has one")
				return nil, false
			}
			found, data = true, slices.Clone(data)
			data[start+bytes.IndexByte(data[start:end], '%')] = '#'
		}
		start = end + 1
	}
	return data, true
}

// versionIsRead reports whether the words after %YAML are a version that is
// read, with or without a comment.
func versionIsRead(words [][]byte) bool {
	if len(words) == 0 || len(words) > 1 && words[1][0] != '#' {
		return false
	}
	return string(words[0]) == "1.1" || string(words[0]) == "1.2"
}
