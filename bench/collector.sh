#!/usr/bin/env bash
# The tested collector with the `batch` processor in it, which peers use and this library does not. Prints the program's path; it lies beside the real parts.
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/../test/real/parts"

parts=$(dirname "$(./build.sh folders | head -1)")
recipe=$(cat "$self" otelcol/go.mod otelcol/components.go | sha256sum | cut -c1-16)
program=$parts/bench-$recipe/otelcol
if [ ! -x "$program" ]; then
  echo 'building the collector of the benchmark' >&2
  work=$(mktemp -d)
  trap 'rm -r "$work"' EXIT
  cp otelcol/go.{mod,sum} "$work"
  # Modules that build only from copies with other names are left out: nothing here uses them. The limiter's lines are those of a processor of the same repository and version.
  sed -E '/(routingconnector|logdedupprocessor|tcpcheckreceiver|tlscheckreceiver)/d; /memorylimiterprocessor/{p;s/memorylimiter/batch/g}' \
    otelcol/components.go >"$work/components.go"
  sed -i -E '/memorylimiterprocessor v/{p;s/memorylimiter/batch/}' "$work/go.mod"
  cat >>"$work/go.sum" <<'SUM'
go.opentelemetry.io/collector/processor/batchprocessor v0.161.0 h1:niTg37YOtath9JyZJAplNazeROSbwuwYhUIjjb4v2qU=
go.opentelemetry.io/collector/processor/batchprocessor v0.161.0/go.mod h1:7AEcjwIjdRy10m8FuOoqxn8gqvzl9nAKpmaooBvhoHU=
SUM
  echo "{\"Replace\": {\"$PWD/otelcol/components.go\": \"$work/components.go\"}}" >"$work/overlay.json"
  mkdir -p "$(dirname "$program")"
  (
    cd otelcol
    CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off GOTOOLCHAIN=local go build -buildvcs=false -trimpath -modfile="$work/go.mod" \
      -overlay="$work/overlay.json" -tags remove_all_sd,enable_kubernetes_sd,grpcnotrace -ldflags='-s -w' -o "$program.$$" .
  )
  mv "$program.$$" "$program"
fi
echo "$program"
