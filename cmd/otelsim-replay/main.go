// Command otelsim-replay streams a telemetry corpus, or files that the
// OpenTelemetry Collector wrote, over OTLP at an exact rate and reports what
// happened. Run it with --help, or read the README of the project.
package main

import (
	"context"
	"io"
	"log"
	"os"
)

// exitInterrupted is the exit code of a process that a second signal ended, as
// shells count it.
const exitInterrupted = 130

// exitNow ends the process where it is.
func exitNow() { os.Exit(exitInterrupted) }

// stdin returns where a file of the name - is read from.
func stdin() io.Reader { return os.Stdin }

func main() {
	// net/http writes there when a receiver says something odd, which the
	// report says too.
	log.SetOutput(io.Discard)
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
