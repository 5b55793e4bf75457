// Command otelsim-gen turns scenario definitions into a telemetry corpus: a
// directory of OpenTelemetry records that is the same bytes on every machine.
// Run it with --help, or read the README of the project.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
