package otelsimtest_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/otelsim/otelsimtest"
)

func TestReceiver(t *testing.T) {
	var requests atomic.Uint64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer server.Close()

	// 20 sessions of seed 42: the same requests in every run of this test.
	sent := otelsimtest.Send(t, otelsimtest.Receiver{URL: server.URL}, 42, 20)
	if got := requests.Load(); got != sent.Records {
		t.Errorf("%d requests arrived, want %d with %d spans", got, sent.Records, sent.Spans)
	}

	// Another pick: traces only, as JSON, of the sessions in which a tool is called again.
	sent = otelsimtest.SendPlan(t, otelsimtest.Receiver{URL: server.URL, Protocol: otelsimtest.HTTPJSON}, otelsim.Options{
		Seed: 7, Count: 5, Scenarios: []string{"tool_retry"}, Signals: []otelsim.Signal{otelsim.Traces},
	})
	if sent.Spans == 0 || sent.Points != 0 {
		t.Errorf("sent: %+v", sent.Counts)
	}
}
