package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/otelsim/otelsim/internal/text"
)

// reportStart is how a report begins, however it is indented: by who wrote it.
var reportStart = regexp.MustCompile(`\{\s*"tool":\s*"otelsim-replay[" ]`)

// ReadReports returns the reports in the content of a file of that name: one that
// WriteJSON wrote, several, or the lines of a log that are one among others,
// whatever stands before and behind them on the line. None at all is ErrInput, as
// is one that cannot be read to its end.
func ReadReports(name string, data []byte) ([]Named, error) {
	var all []Named
	line, lineAt, counted := 1, 0, 0 // counted on: a log of many pods has many reports
	for at := 0; ; {
		found := reportStart.FindIndex(data[at:])
		if found == nil {
			break
		}
		begin := at + found[0]
		since := data[counted:begin]
		if last := bytes.LastIndexByte(since, '\n'); last >= 0 {
			line, lineAt = line+bytes.Count(since, []byte{'\n'}), counted+last+1
		}
		counted = begin
		column := begin - lineAt + 1 // in bytes
		d := json.NewDecoder(bytes.NewReader(data[begin:]))
		r := new(Report)
		if err := d.Decode(r); err != nil {
			return nil, badInput(fmt.Errorf("%s:%d:%d: a report that cannot be read to its end: %s", text.Clean(name), line, column, text.Line(err.Error(), 200)))
		}
		all = append(all, Named{fmt.Sprintf("%s:%d:%d", name, line, column), r})
		at = begin + int(d.InputOffset())
	}
	if len(all) == 0 {
		return nil, badInput(fmt.Errorf("%s: no report is in it: want what --report-json wrote", text.Clean(name)))
	}
	return all, nil
}
