package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oldNames is a system in the words of older conventions, with slips.
const oldNames = `name: old
services:
  web:
    protocol: none
    metrics:
      http.server.duration: {instrument: histogram, from: GET /items, unit: ms, dimensions: [http.method], buckets: [1, 10, 100]}
      http.server.slips: {instrument: gauge, base: 3, unit: "1"}
    operations:
      GET /items:
        kind: server
        error: {rate: 5%, types: ["500"]}
        attributes: {http.method: GET, http.status_code: 200, http.rout: /items, net.host.name: shop.example, http.response.body.size: small, http.request.method: PSOT}
        calls: [api.list, db.SELECT items]
        events: [{name: cached, attributes: {http.flavor: "1.1"}}]
        logs: [{body: done, attributes: {http.scheme: https}}]
  api: {protocol: none, operations: {list: {kind: server, attributes: {rpc.system: grpc, rpc.service: Items, rpc.grpc.status_code: 0}}}}
  db: {protocol: none, operations: {SELECT items: {kind: client, attributes: {db.system: postgresql, db.name: items, db.operation: SELECT}}}}
`

// TestLearnsOlderConventions: what is learnt from what no registry has today is accepted, and so is
// what is made of it; the same without its registry is not.
func TestLearnsOlderConventions(t *testing.T) {
	dir := scratch(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("old.yaml"), []byte(oldNames), 0o666); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "--definitions", in("old.yaml"), "-n", "200", "--quiet", "-o", in("a"))
	mustRun(t, "learn", "--quiet", in("a"), "-o", in("m"))
	mustRun(t, "validate", "--strict", "--project", in("m/project.yaml"))
	mustRun(t, "--project", in("m/project.yaml"), "-n", "200", "--seed", "2", "--quiet", "-o", in("b"))
	mustRun(t, "verify", "--quiet", in("b"), "--registry", in("m/registry.yaml"))
	if code, _, stderr := command("validate", "--strict", "--definitions", in("m/scenarios")); code != exitUsage || strings.Count(stderr, "it is deprecated") < 9 {
		t.Errorf("exit %d: %s", code, stderr)
	}
	mustRun(t, "--scenario", "shop", "-n", "40", "--quiet", "--force", "-o", in("a"))
	mustRun(t, "learn", "--quiet", "--force", in("a"), "-o", in("m"))
	if _, err := os.Stat(in("m/registry.yaml")); err == nil {
		t.Error("the registry of another model")
	}
}
