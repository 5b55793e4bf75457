package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim/otelsimtest"
)

func TestMyReceiverTakesAll(t *testing.T) {
	var requests atomic.Uint64
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			requests.Add(1)
		}
	}))
	defer receiver.Close()
	sent := otelsimtest.Send(t, otelsimtest.Receiver{URL: receiver.URL}, 42, 20)
	if got := requests.Load(); got != sent.Records || sent.Spans == 0 {
		t.Errorf("%d requests came, %d were sent with %d spans", got, sent.Records, sent.Spans)
	}
}
