// Package config holds the bundled configuration as it is embedded in the
// generator:
//
//	config.yaml    tenants, agents, tool servers, workflows, validation
//	               templates and conversation samples
//	resource.yaml  resource attributes of the control plane and the data plane
//	semconv.yaml   the conventions that the telemetry follows
//
// All of it was written for this project. Contact details in the texts are
// reserved for examples, so that no generated corpus can point at a person.
package config

import "embed"

// FS holds config.yaml, resource.yaml and semconv.yaml.
//
//go:embed config.yaml resource.yaml semconv.yaml
var FS embed.FS
