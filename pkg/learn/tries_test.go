package learn

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// trying is a profile of requests that call something again when it has failed: of 1000, so many
// succeed at the second attempt, and 40 of the others fail with that, too.
func trying(again uint64) *hand {
	h, web := asking()
	web.Spans, web.Traces, web.Roots = 960, 960, 960
	does(web, 960-again, 5, []uint64{20})
	if again > 0 {
		does(web, again, 105, []uint64{21}, []uint64{20})
	}
	bad := h.class(11, "web", "POST /ask", web.Kind, "503", 40, 105)
	bad.Roots = 40
	does(bad, 40, 105, []uint64{21})
	for _, p := range bad.Productions { // order-free: there is one
		p.Groups[0][0].Counts = &sketch.Numbers{}
		p.Groups[0][0].Counts.AddN(2, 40)
	}
	h.calls(20, "charge", "pay", "", 960)
	h.calls(21, "charge", "pay", "UNAVAILABLE", again+80)
	return h
}

// TestAttemptsAreTold: how many attempts of a call succeed that is made again when it has failed.
func TestAttemptsAreTold(t *testing.T) {
	says(t, "again", learntOf(t, trying(160)), []string{"# Attempts of charge that are ok: 1st 800 of 1,000, 2nd 160 of 200.\n"}, nil)

	h := trying(160)
	for _, p := range h.Classes[10].Productions { // order-free: one of them
		if len(p.Groups) == 1 {
			p.Groups = append(p.Groups, p.Groups[0])
		}
	}
	says(t, "again after success", learntOf(t, h), []string{"charge"}, []string{"Attempts"})

	h = trying(0)
	delete(h.Classes, profile.ClassID(11))
	says(t, "once", learntOf(t, h), []string{"charge"}, []string{"Attempts"})
}
