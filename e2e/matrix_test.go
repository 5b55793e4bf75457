package e2e

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
)

// link is a way from the replayer to a Collector.
type link struct{ protocol, compression string }

func links() (out []link) {
	for _, p := range []string{"grpc", "http/protobuf", "http/json"} {
		for _, c := range []string{"none", "gzip", "zstd"} {
			out = append(out, link{p, c})
		}
	}
	return out
}

func (l link) String() string { return l.protocol + " " + l.compression }

// flags are the replayer's.
func (l link) flags(c *collector, secure bool) []string {
	return []string{"--protocol", l.protocol, "--compression", l.compression, "--endpoint", c.endpoint(l.protocol, secure)}
}

// format returns the encoding of the records that the protocol sends.
func (l link) format() string {
	if l.protocol == "http/json" {
		return "json"
	}
	return "proto"
}

// TestFormatsAgree has the Collector's unmarshalers read one corpus as protobuf
// and as JSON.
func TestFormatsAgree(t *testing.T) {
	a, b := corpus(t, "proto", "200"), corpus(t, "json", "200")
	for _, signal := range a.signals {
		if d := diff(a.sent[signal], b.sent[signal]); d != (difference{}) || a.records[signal] != b.records[signal] {
			t.Errorf("%s: JSON differs from protobuf: %+v", signal, d)
		}
	}
}

// TestEveryItemArrivesOnceAndUnaltered sends a corpus by each protocol with
// each compression through the Collector into its files of all six forms.
func TestEveryItemArrivesOnceAndUnaltered(t *testing.T) {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "protocol\tcompression\tsignal\trecords sent\treceived\titems sent\treceived\taltered\tmissing\textra\tforms")
	for _, l := range links() {
		t.Run(l.String(), func(t *testing.T) {
			s := corpus(t, l.format(), "200")
			rows := map[string]*row{}
			for _, stream := range []bool{false, true} {
				c := start(t, setup{forms: formsBy(stream)})
				rep := replay(t, append(l.flags(c, false), "--max", s.dir)...).wait(t)
				c.stop(t)
				rep.all(t)
				for _, signal := range s.signals {
					if rows[signal] == nil {
						rows[signal] = &row{least: s.sent[signal].n}
					}
					rows[signal].check(t, c, s, signal, formsBy(stream), rep)
				}
			}
			for _, signal := range s.signals {
				r := rows[signal]
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", l.protocol, l.compression, signal,
					s.records[signal], r.records, s.sent[signal].n, r.least, r.altered, r.missing, r.extra, r.forms)
			}
		})
	}
	w.Flush()
	t.Logf("what was sent and what the Collector wrote:\n%s", table.String())
}

// row adds up what the files of all forms hold of one signal.
type row struct {
	difference
	forms   int
	records int // of the form with the fewest
	least   int // items of the form with the fewest
}

func (r *row) check(t *testing.T, c *collector, s *sample, signal string, forms []form, rep report) {
	t.Helper()
	if got := rep.Signals[signal]; got.Records.Accepted != uint64(s.records[signal]) || got.Items.Accepted != uint64(s.sent[signal].n) {
		t.Errorf("%s: the ledger has %+v, the corpus %d records of %d items", signal, got, s.records[signal], s.sent[signal].n)
	}
	for _, f := range forms {
		received, messages := c.written(t, f, signal)
		d := diff(s.sent[signal], received)
		if d != (difference{}) || messages != s.records[signal] {
			t.Errorf("%s as %s: %+v in %d of %d records", signal, f.name, d, messages, s.records[signal])
		}
		r.missing += d.missing
		r.altered += d.altered
		r.extra += d.extra
		if r.forms++; r.forms == 1 || messages < r.records {
			r.records = messages
		}
		r.least = min(r.least, received.n)
	}
}

// TestTLS sends over TLS, with and without a certificate of the client's.
func TestTLS(t *testing.T) {
	certs := newAuthority(t)
	for _, c := range []struct {
		link
		mutual bool
	}{
		{link{"grpc", "gzip"}, false},
		{link{"http/protobuf", "zstd"}, true},
		{link{"grpc", "none"}, true},
		{link{"http/json", "none"}, false},
	} {
		name := c.String() + " TLS"
		settings := object{"cert_file": certs.server.cert, "key_file": certs.server.key}
		if c.mutual {
			name = c.String() + " mTLS"
			settings["client_ca_file"] = certs.ca
		}
		t.Run(name, func(t *testing.T) {
			s := corpus(t, c.format(), "20")
			co := start(t, setup{forms: []form{protoFrames}, tls: settings})
			flags := append(c.flags(co, true), "--max", "--ca-cert", certs.ca, s.dir)
			if c.mutual {
				// Without its certificate the replayer must not get in.
				rep := replay(t, append([]string{"--retry-max-elapsed", "100ms"}, flags...)...).wait(t)
				if rep.Items.Failed != rep.Items.Due {
					t.Errorf("accepted without a certificate: %+v", rep.Items)
				}
				flags = append(flags, "--cert", certs.client.cert, "--key", certs.client.key)
			}
			rep := replay(t, flags...).wait(t)
			co.stop(t)
			rep.all(t)
			for _, signal := range s.signals {
				if received, _ := co.written(t, protoFrames, signal); diff(s.sent[signal], received) != (difference{}) {
					t.Errorf("%s: %+v", signal, diff(s.sent[signal], received))
				}
			}
		})
	}
}
