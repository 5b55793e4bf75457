package show

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// bus is a request with messages, a call that went on and work after the end.
func bus() request {
	r := newRequest()
	ms := second / 1000
	span := func(trace, id, parent byte, kind uint8, name string, start, end uint64, links ...otlp.Link) {
		s := r.span(trace, id, parent, name, second+start*ms, second+end*ms, r.text("a", "b"))
		s.Kind = kind
		s.Links.Start = uint32(len(r.t.Links))
		r.t.Links = append(r.t.Links, links...)
		s.Links.End = uint32(len(r.t.Links))
	}
	link := func(trace, id byte) otlp.Link {
		return otlp.Link{TraceID: otlp.TraceID{trace}, SpanID: otlp.SpanID{id}}
	}
	span(2, 1, 0, otlp.SpanKindServer, "POST /order", 0, 100)
	span(2, 2, 1, otlp.SpanKindClient, "GET", 10, 30)
	span(2, 3, 2, otlp.SpanKindServer, "GET /stock", 12, 42)
	span(2, 4, 1, otlp.SpanKindProducer, "send orders", 40, 50)
	span(2, 5, 1, otlp.SpanKindProducer, "send orders", 50, 60)
	span(2, 6, 5, otlp.SpanKindConsumer, "process orders", 70, 170)
	span(2, 7, 1, otlp.SpanKindInternal, "refresh", 90, 103)
	span(2, 8, 1, otlp.SpanKindInternal, "tidy", 100, 101)
	span(3, 9, 0, otlp.SpanKindConsumer, "process orders", 80, 90, link(2, 4), link(2, 5))
	span(3, 10, 0, otlp.SpanKindConsumer, "process orders", 85, 90, link(2, 4), link(9, 9))
	return r.request("-")
}

// asides of the bus, as text and page have them.
var busAsides = []string{
	"GET /stock  server  (goes on for 12ms after its client)",
	"process orders  consumer  (10ms after send orders)",
	"refresh  internal  (goes on for 3ms after its parent)",
	"tidy  internal  (begins when its parent has ended)",
	"process orders  consumer  (20ms after the last of 2 messages, send orders of trace 02000000000000000000000000000000)",
	"process orders  consumer  (35ms after send orders of trace 02000000000000000000000000000000, " +
		"link to span 0900000000000000 of trace 09000000000000000000000000000000, which is not here)",
}

func TestWhatGoesOnIsSaid(t *testing.T) {
	r := bus()
	inOrder(r.traces.Spans)
	printed := string(AppendRequest(nil, &r.traces, &r.logs, false))
	page := string(write(t, page{[]request{r}}))
	for _, want := range busAsides {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in\n%s", want, printed)
		}
		_, aside, _ := strings.Cut(want, "(")
		if aside = strings.TrimSuffix(aside, ")"); !strings.Contains(page, `<small class="aside">`+aside+`</small>`) || !strings.Contains(page, `<p class="text">`+aside+`</p>`) {
			t.Errorf("no %q on the page", aside)
		}
	}
	if n := strings.Count(printed, "("); n != len(busAsides) {
		t.Errorf("%d asides, want %d, in\n%s", n, len(busAsides), printed)
	}
	if strings.Contains(page, "request -") {
		t.Error("a request without an id has one on the page")
	}
}
