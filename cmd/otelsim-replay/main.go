// Command otelsim-replay streams a telemetry corpus, or files that the
// OpenTelemetry Collector wrote, over OTLP at an exact rate and reports what
// happened. Run it with --help, or read the README of the project.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
