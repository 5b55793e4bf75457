package damage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// lateness is by how much late messages are later than the others.
const lateness = time.Hour

// Message is one message as it arrived.
type Message struct {
	Signal  otlp.Signal
	Format  otlp.Format
	Payload []byte
	Arrived int64 // ns since the epoch
}

// Result is what arrived, and what was done to it.
type Result struct {
	Messages []Message // in order of arrival
	List     []Did     // in the order of what was sent
	Requests int       // that came, those that came again once

	messages []*message
	requests []*request
}

// Finish returns what arrived. The error is that of requests that could not be read.
func (p *Proxy) Finish() (*Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	r := &Result{List: p.list, Requests: len(p.requests), messages: slices.Clone(p.messages), requests: p.requests}
	if p.o.Shuffle {
		rnd := p.o.Seed
		for i := len(r.messages) - 1; i > 0; i-- {
			rnd = mix(rnd + uint64(i))
			j := int(rnd % uint64(i+1))
			r.messages[i], r.messages[j] = r.messages[j], r.messages[i]
		}
	}
	slices.SortStableFunc(r.messages, func(a, b *message) int {
		switch {
		case a.late == b.late:
			return 0
		case a.late:
			return 1
		}
		return -1
	})
	if p.o.Merge {
		r.messages = merge(r.messages, p.o.Seed)
	}
	latest := int64(0)
	for _, m := range r.messages {
		payload, err := encode(p.o.Format, join(m.signal, m.pieces))
		if err != nil {
			return nil, fmt.Errorf("encode what arrived: %w", err)
		}
		if m.late {
			m.arrived += int64(lateness)
		}
		latest = max(latest, m.arrived) // the order is that of arrival
		r.Messages = append(r.Messages, Message{m.signal, p.o.Format, payload, latest})
	}
	return r, nil
}

// merge makes one message of some neighbours.
func merge(messages []*message, seed uint64) (merged []*message) {
	for i, m := range messages {
		if i > 0 && mix(seed^uint64(i))%3 == 0 {
			last := merged[len(merged)-1]
			if last.signal == m.signal && last.late == m.late {
				last.pieces = append(slices.Clip(last.pieces), m.pieces...)
				continue
			}
		}
		c := *m
		merged = append(merged, &c)
	}
	return merged
}

// WriteFiles writes what arrived into dir, a file a signal, in the plain forms of the
// Collector's file exporter, with the times of arrival beside each when asked for: a
// line of nanoseconds since the epoch for each message.
func (r *Result) WriteFiles(dir string, arrivals bool) error {
	var files, times [otlp.NumSignals][]byte
	suffix := ".pb"
	for _, m := range r.Messages {
		f := &files[m.Signal]
		times[m.Signal] = fmt.Appendf(times[m.Signal], "%d\n", m.Arrived)
		*f = otlp.AppendFrame(*f, m.Payload, m.Format)
		if m.Format == otlp.FormatJSON {
			suffix = ".jsonl"
		}
	}
	for sig, data := range files {
		if len(data) == 0 {
			continue
		}
		name := filepath.Join(dir, otlp.Signal(sig).String()+suffix)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err
		}
		if !arrivals {
			continue
		}
		if err := os.WriteFile(name+".arrivals", times[sig], 0o600); err != nil {
			return err
		}
	}
	return nil
}
