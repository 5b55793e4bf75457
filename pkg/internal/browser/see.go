package browser

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ForTest returns a browser for a test, which is skipped where there is none.
func ForTest(t *testing.T) *Browser {
	t.Helper()
	b, err := find(t.TempDir())
	if errors.Is(err, errNone) {
		t.Skip(err)
	}
	return b
}

// See checks a page as Check does, and what is wrong with it is an error of the test.
// With OTELSIM_SCREENSHOTS set to a folder it leaves a picture there.
func (b *Browser) See(t *testing.T, name string, page []byte, width, height int, steps string) *Report {
	t.Helper()
	r, err := b.Check(page, width, height, steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range r.Problems {
		t.Errorf("%s, %d wide: %s", name, width, problem)
	}
	if dir := os.Getenv("OTELSIM_SCREENSHOTS"); dir != "" {
		if err := b.Screenshot(page, width, height, filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width))); err != nil {
			t.Error(err)
		}
	}
	return r
}

// SeeCharts is See for a page of charts, each of which is there wide and narrow: one
// of the two is to be seen, and some texts.
func (b *Browser) SeeCharts(t *testing.T, name string, page []byte, width, height, texts int) {
	t.Helper()
	r := b.See(t, name, page, width, height,
		`fact("charts", [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().width > 0).length)`)
	if want := bytes.Count(page, []byte(`<svg class="wide"`)); r.Facts["charts"] != fmt.Sprint(want) || r.Texts < texts {
		t.Errorf("%s, %d wide: %s charts of %d and %d texts are seen", name, width, r.Facts["charts"], want, r.Texts)
	}
}

const maxPage = 2e6 // bytes

var (
	// A number that is none, or one that a picture cannot hold.
	badNumber = regexp.MustCompile(`NaN|Inf|\d{7}\.\d|e\+\d`)
	outside   = regexp.MustCompile(`(?i)url\(|@import|<link|src=|href=`)
)

// Words reads a page of charts as XML, which it is written as, looks into what a
// browser would not complain about, and returns what is to be read on it.
func Words(t *testing.T, page []byte) string {
	t.Helper()
	if len(page) > maxPage {
		t.Errorf("the page has %d bytes", len(page))
	}
	if m := outside.Find(page); m != nil {
		t.Errorf("%s: the page refers to something outside of it", m)
	}
	d := xml.NewDecoder(bytes.NewReader(page)) // which sees to it that what is opened is ended
	var open []string
	var words strings.Builder
	pictures := map[string]int{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("parse page: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			open = append(open, tok.Name.Local)
			for _, a := range tok.Attr {
				if badNumber.MatchString(a.Value) {
					t.Errorf("<%s %s=%.80q>", tok.Name.Local, a.Name.Local, a.Value)
				}
				if tok.Name.Local == "svg" && a.Name.Local == "class" {
					pictures[a.Value]++
				}
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && open[len(open)-1] != "style" {
				words.Write(tok)
				words.WriteByte(' ')
			}
		}
	}
	if pictures["wide"] != pictures["narrow"] {
		t.Errorf("pictures %v", pictures)
	}
	return words.String()
}
