package findings

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// Case is one rule that something was held to, as a test case.
type Case struct {
	Name     string
	Failures uint64 // 0: it is kept
	Message  string // what is wrong, in one line
	Details  []string
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string  `xml:"name,attr"`
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Cases    []tcase `xml:"testcase"`
}

type tcase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Failure *failure `xml:"failure"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes cases as a report in JUnit's form: one suite, in which a
// case with failures is one failed test, whatever their number.
func WriteJUnit(w io.Writer, name string, cases []Case) error {
	s := suite{Name: text.Clean(name), Tests: len(cases)}
	for _, c := range cases {
		t := tcase{Name: text.Clean(c.Name), Class: s.Name}
		if c.Failures > 0 {
			s.Failures++
			lines := make([]string, len(c.Details))
			for i, d := range c.Details {
				lines[i] = text.Clean(d)
			}
			if more := c.Failures - min(c.Failures, uint64(len(lines))); more > 0 {
				lines = append(lines, fmt.Sprintf("and %s more", text.Grouped(more)))
			}
			t.Failure = &failure{
				Message: text.Counted(c.Failures, "finding") + ": " + text.Clean(c.Message), Type: t.Name,
				Text: strings.Join(lines, "\n"),
			}
		}
		s.Cases = append(s.Cases, t)
	}
	out, err := xml.MarshalIndent(suites{Tests: s.Tests, Failures: s.Failures, Suites: []suite{s}}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, out)
	return err
}
