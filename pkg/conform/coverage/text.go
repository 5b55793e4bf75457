package coverage

import (
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// shown is how many names of what was not seen stand in a line.
const shown = 5

// Lines returns the report as lines of text, a line for each kind
// of definitions that the registry has, and one for the levels.
func (r *Report) Lines() []string {
	lines := []string{"registry coverage:"}
	for _, x := range []struct {
		what string
		part *Part
	}{
		{"span types", &r.Spans}, {"metrics", &r.Metrics}, {"events", &r.Events}, {"entity types", &r.Entities},
		{"attributes", &r.Attributes}, {"members of enumerations", &r.Members},
	} {
		if x.part.Defined > 0 {
			lines = append(lines, "  "+x.what+": "+x.part.String())
		}
	}
	var levels []string
	for _, x := range []struct {
		level string
		part  *Part
	}{
		{"required", &r.Levels.Required}, {"conditionally required", &r.Levels.ConditionallyRequired},
		{"recommended", &r.Levels.Recommended}, {"opt-in", &r.Levels.OptIn},
	} {
		if x.part.Defined > 0 {
			levels = append(levels, x.level+" "+x.part.share())
		}
	}
	if len(levels) > 0 {
		lines = append(lines, "  attributes of what was seen: "+strings.Join(levels, ", "))
	}
	return lines
}

func (p *Part) share() string {
	return fmt.Sprintf("%s of %s", text.Grouped(uint64(p.Seen)), text.Grouped(uint64(p.Defined)))
}

// String returns how many were seen, and the first of those that were not.
func (p *Part) String() string {
	s := p.share()
	for i, name := range p.Unseen {
		switch {
		case i == 0:
			s += "; not " + name
		case i < shown:
			s += ", " + name
		case i == shown:
			s += fmt.Sprintf(" and %s more", text.Grouped(uint64(len(p.Unseen)-shown)))
		}
	}
	return s
}
