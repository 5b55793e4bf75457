// Package page draws a stats.Report as one HTML page: no script, no network, every
// style and picture inside it.
//
//	p := page.Page{Report: report, Title: "corpus", Program: "otelsim-gen 1.0"}
//	err := p.Write(w)
//
// It shows who calls whom, when traces start, how long operations take, which shapes
// traces have, where errors begin, and how many values attributes have. Pictures are
// drawn for wide windows and for narrow ones. Its size is bounded: of long lists it
// has what comes first, and says how much more there is.
package page
