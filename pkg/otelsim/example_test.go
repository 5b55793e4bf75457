package otelsim_test

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
)

// Generate two sessions of seed 42 and post them to a receiver.
func Example() {
	received := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received[r.URL.Path]++ }))
	defer server.Close()
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 2, Signals: []otelsim.Signal{otelsim.Traces, otelsim.Logs}})
	check(err)
	for record, err := range plan.Records() {
		check(err)
		_, err = http.Post(server.URL+"/v1/"+record.Signal.String(), "application/x-protobuf", bytes.NewReader(record.Payload))
		check(err)
	}
	fmt.Println(received)
	// Output: map[/v1/logs:2 /v1/traces:2]
}

// check ends an example that cannot go on.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Write a corpus, open it, and walk its records.
func ExamplePlan_Write() {
	dir, err := os.MkdirTemp("", "example-")
	check(err)
	defer os.RemoveAll(dir)
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 10})
	check(err)
	manifest, err := plan.Write(ctx, otelsim.WriteOptions{Dir: dir})
	check(err)

	c, err := corpus.Open(dir)
	check(err)
	data, err := c.ReadSegment(0, otelsim.Traces)
	check(err)
	records := 0
	for ; len(data) > 0; records++ {
		payload, rest, err := otlp.NextFrame(data, otelsim.Proto)
		check(err)
		_ = payload // TracesData
		data = rest
	}
	fmt.Println(uint64(records) == manifest.Totals[0].Records)
	// Output: true
}

// Replay a corpus at a rate, and report what happened. The transport of this
// example takes everything; those of otlphttp and otlpgrpc send.
func ExamplePlan_Memory_replay() {
	plan, err := otelsim.New(otelsim.Options{Seed: 42, Count: 5})
	check(err)
	c, err := plan.Memory()
	check(err)
	src, err := replay.NewCorpus(ctx, c, "seed 42", replay.CorpusOptions{})
	check(err)
	defer src.Close()
	report, err := replay.Run(ctx, src, replay.Options{
		Pacer:     replay.Constant{Rate: replay.PerSecond(500), Of: replay.UnitRecords},
		Transport: takesAll{},
	})
	check(err)
	fmt.Println(report.Records.Due == report.Records.Accepted, report.LostItems)
	// Output: true 0
}
