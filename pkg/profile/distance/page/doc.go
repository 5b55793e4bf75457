// Package page draws how far two sets of telemetry are apart as one HTML page: no script,
// no network, every style and picture inside it.
//
//	p := page.Page{Result: result, Program: "otelsim-gen 1.0"}
//	err := p.Write(w)
//
// It shows each measure beside its baseline and limit, and the two side by side: shapes of
// traces, how long operations take, what fails, how many values attributes have, and when
// traces start. Pictures are drawn for wide windows and for narrow ones. Its size is bounded.
package page
