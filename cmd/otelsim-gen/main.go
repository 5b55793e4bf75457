// Command otelsim-gen turns scenario definitions into a telemetry corpus: a
// directory of OpenTelemetry records that is the same bytes on every machine.
// Run it with --help, or read the README of the project.
package main

import (
	"context"
	"os"
)

// exitInterrupted is the exit code of a process that a second signal ended, as
// shells count it.
const exitInterrupted = 130

// exitNow ends the process where it is.
func exitNow() { os.Exit(exitInterrupted) }

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
