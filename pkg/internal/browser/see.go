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

// See checks pages as Check does, and what is wrong with one is an error of the test.
// With OTELSIM_SCREENSHOTS set to a folder it leaves pictures there.
func (b *Browser) See(t *testing.T, views ...View) []Report {
	t.Helper()
	reports, err := b.Check(views...)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range views {
		for _, problem := range reports[i].Problems {
			t.Errorf("%s, %d wide: %s", v.Name, v.Width, problem)
		}
		if dir := os.Getenv("OTELSIM_SCREENSHOTS"); dir != "" {
			if err := b.Screenshot(v.Page, v.Width, v.Height, filepath.Join(dir, fmt.Sprintf("%s-%d.png", v.Name, v.Width))); err != nil {
				t.Error(err)
			}
		}
	}
	return reports
}

// SeeCharts is See for pages of charts, each of which is there wide and narrow: one
// of the two is to be seen, and some texts.
func (b *Browser) SeeCharts(t *testing.T, texts int, views ...View) {
	t.Helper()
	for i := range views {
		views[i].Steps = `fact("charts", [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().width > 0).length)`
	}
	for i, r := range b.See(t, views...) {
		v := &views[i]
		if want := bytes.Count(v.Page, []byte(`<svg class="wide"`)); r.Facts["charts"] != fmt.Sprint(want) || r.Texts < texts {
			t.Errorf("%s, %d wide: %s charts of %d and %d texts are seen", v.Name, v.Width, r.Facts["charts"], want, r.Texts)
		}
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
