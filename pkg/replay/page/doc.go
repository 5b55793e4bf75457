// Package page draws the report of a replay as one HTML page: no script, no
// network, every style and picture inside it.
//
//	p := page.Page{Report: report, Unit: replay.UnitRecords, Failures: report.Failures(nil)}
//	err := p.Write(w)
//
// Each chart is drawn twice, for wide windows and for narrow ones, and the
// style sheet shows the one that fits: the text of a picture that is merely
// scaled down cannot be read. The size of a page does not depend on the length
// of the run, since that of a replay.Series does not.
package page
