// Package config holds the bundled configuration as it is embedded in the
// generator:
//
//	config.yaml    tenants, agents, tool servers, workflows, validation
//	               templates and conversation samples
//	resource.yaml  resource attributes of the control plane and the data plane
//	semconv.yaml   the conventions that the telemetry follows: the vendor's
//	semconv-genai.yaml  the same in the words of OpenTelemetry
//	registry/*.yaml     facts of OpenTelemetry's registries of conventions, and their
//	                    packed form
//
// The registries say where they come from; all else was written for this project. Contact details in the texts are
// reserved for examples, so that no generated corpus can point at a person.
package config

import "embed"

// Registries are the registries in the form that the program reads, packed from
// their YAML files by a test of pkg/build/registry.
//
//go:embed registry/registries.bin
var Registries string

// FS holds the files.
//
//go:embed config.yaml resource.yaml semconv.yaml semconv-genai.yaml
var FS embed.FS
