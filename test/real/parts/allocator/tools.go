//go:build tools

// Package build pins the target allocator of the OpenTelemetry operator to its module graph.
package build

import _ "github.com/open-telemetry/opentelemetry-operator/cmd/otel-allocator"
