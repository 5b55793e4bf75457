package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
)

// setup says how a Collector is to run.
type setup struct {
	forms []form         // of the files that it writes, each beside the others
	names []string       // of its processors, in their order
	procs map[string]any // their settings

	only       map[string][]string // processors of a signal alone, after the others
	connectors map[string]any      // that make metrics of spans, by the name of the file for these

	forward string // the URL of a receiver that gets everything over HTTP
	queue   string // the folder of a queue on disk for that; "": in memory
	own     string // the URL of a receiver that is told over HTTP what it does itself

	tls    map[string]any // of the receiver
	rotate bool           // files of a megabyte
	shared bool           // one file exporter a form for all signals
	keep   bool           // append to the files of an earlier run
	from   *collector     // take its addresses and its folder
}

// collector is a running OpenTelemetry Collector.
type collector struct {
	grpc, http string // addresses
	dir        string // of the files, by form
	process
}

type object = map[string]any

var nextPort atomic.Int32

// freeAddress returns an address on which nothing listens. Its port is below
// those that the system gives to outgoing connections: one of these could take
// it while a Collector is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 12000 + (os.Getpid()*100+int(nextPort.Add(1)))%18000
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// start runs a Collector until the test ends or stop is called.
func start(t *testing.T, s setup) *collector {
	t.Helper()
	c := &collector{}
	if s.from != nil {
		c.grpc, c.http, c.dir = s.from.grpc, s.from.http, s.from.dir
	} else {
		c.grpc, c.http, c.dir = freeAddress(t), freeAddress(t), t.TempDir()
	}
	config, err := json.Marshal(s.config(c)) // which is YAML too
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, config, 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"--config", "file:" + path}
	if slices.ContainsFunc(s.forms, func(f form) bool { return f.stream }) {
		args = append(args, "--feature-gates=exporter.file.nativeCompression")
	}
	c.run(t, exec.Command(program(t, "collector"), args...))
	return c
}

// run starts a program and waits until it listens.
func (c *collector) run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	t.Cleanup(func() { // when it has ended
		if t.Failed() && c.out.Len() > 0 {
			t.Logf("the Collector said: %.4000s", c.out.Bytes())
		}
	})
	c.launch(t, cmd)
	for _, address := range []string{c.grpc, c.http} {
		c.await(t, address)
	}
}

// stop ends the Collector, which then writes what it still holds.
func (c *collector) stop(t *testing.T) {
	t.Helper()
	c.end(t, syscall.SIGTERM)
	if c.err != nil {
		t.Fatalf("the Collector: %v", c.err)
	}
}

// config returns the Collector's configuration.
func (s *setup) config(c *collector) object {
	grpc := object{"endpoint": c.grpc}
	http := object{"endpoint": c.http}
	if s.tls != nil {
		grpc["tls"], http["tls"] = s.tls, s.tls
	}
	exporters, connectors, pipelines := object{}, object{}, object{}
	for _, signal := range signals {
		var names []string
		for _, f := range s.forms {
			name, file := "file/"+f.name+"-"+signal, signal+".data"
			if s.shared {
				name, file = "file/"+f.name, "all.data"
			}
			e := object{
				"path": filepath.Join(c.dir, f.name, file), "create_directory": true,
				"format": f.format, "append": s.keep,
			}
			if f.zstd {
				e["compression"] = "zstd"
			}
			if s.rotate {
				e["rotation"] = object{"max_megabytes": 1}
			}
			exporters[name] = e
			names = append(names, name)
		}
		if s.forward != "" {
			names = append(names, "otlp_http")
		}
		if signal == "traces" {
			names = append(names, s.connect(c, exporters, connectors, pipelines)...)
		}
		if len(names) == 0 {
			continue // nobody is sent it
		}
		processors := slices.Concat(s.names, s.only[signal])
		pipelines[signal] = object{"receivers": []string{"otlp"}, "processors": processors, "exporters": names}
	}
	procs := maps.Clone(s.procs)
	if procs == nil {
		procs = object{}
	}
	service := object{
		"pipelines": pipelines,
		"telemetry": object{"metrics": object{"level": "none"}, "logs": object{"level": "error"}},
	}
	if s.own != "" {
		service["telemetry"].(object)["traces"] = tellingTo(s.own)
	}
	extensions := object{}
	if s.forward != "" {
		queue := object{"queue_size": 100_000, "num_consumers": 4}
		if s.queue != "" {
			extensions["file_storage"] = object{"directory": s.queue, "fsync": false}
			service["extensions"] = []string{"file_storage"}
			queue["storage"] = "file_storage"
		}
		exporters["otlp_http"] = object{
			"endpoint": s.forward, "sending_queue": queue,
			"retry_on_failure": object{"initial_interval": "100ms", "max_interval": "300ms", "max_elapsed_time": "5m"},
		}
	}
	return object{
		"receivers":  object{"otlp": object{"protocols": object{"grpc": grpc, "http": http}}},
		"processors": procs,
		"exporters":  exporters,
		"connectors": connectors,
		"extensions": extensions,
		"service":    service,
	}
}

// tellingTo has a Collector, or what is built like one, trace its own work.
func tellingTo(endpoint string) object {
	exporter := object{"otlp": object{"protocol": "http/protobuf", "endpoint": endpoint}}
	return object{"processors": []object{{"batch": object{"exporter": exporter, "schedule_delay": 500, "max_queue_size": 100_000}}}}
}

// connect has connectors make metrics of spans, each for a file of its own, and returns
// what the pipeline of traces calls them.
func (s *setup) connect(c *collector, exporters, connectors, pipelines object) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(s.connectors)) {
		connector, file := "spanmetrics/"+name, "file/"+name
		connectors[connector] = s.connectors[name]
		exporters[file] = object{"path": filepath.Join(c.dir, name+".data"), "format": "json", "flush_interval": "100ms"}
		pipelines["metrics/"+name] = object{"receivers": []string{connector}, "exporters": []string{file}}
		names = append(names, connector)
	}
	return names
}

// endpoint returns the URL for a protocol.
func (c *collector) endpoint(protocol string, secure bool) string {
	scheme, address := "http", c.http
	if secure {
		scheme = "https"
	}
	if protocol == "grpc" {
		address = c.grpc
	}
	return fmt.Sprintf("%s://%s", scheme, address)
}
