#!/usr/bin/env bash
# Builds the real parts of the tests from Go modules, into folders outside the checkout, each named by the hash of its recipe.
#
#   build.sh            builds what is missing; a second run does nothing
#   build.sh folders    prints the folders, one a line: what the tests put into their PATH
#
# PARTS_FOLDER: where they lie (default: $XDG_CACHE_HOME or ~/.cache, then cdk8s-observability/parts).
# Go is needed, and a module proxy. go.mod and go.sum of each recipe hold every version and checksum.
set -euo pipefail
cd "$(dirname "$0")"

parts=${PARTS_FOLDER:-${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-observability/parts}
# Static programs, and the same compiler cache wherever the modules lie.
export CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off GOTOOLCHAIN=local

# folder RECIPE: where its programs belong. A recipe is a folder and the function of that name.
folder() {
  local hash
  hash=$({ find "$1" -type f -print0 | sort -z | xargs -0 sha256sum; declare -f program "$1"; go version; } | sha256sum | cut -c1-16)
  echo "$parts/$1-$hash"
}

# program RECIPE NAME PACKAGE FLAGS…: builds a program unless it is there.
program() {
  local recipe=$1 name=$2 package=$3 out
  shift 3
  out=$(folder "$recipe")/$name
  [ ! -x "$out" ] || return 0
  echo "building $name" >&2
  mkdir -p "$(dirname "$out")"
  (cd "$recipe" && go build -buildvcs=false -trimpath "$@" -o "$out.$$" "$package")
  mv "$out.$$" "$out"
}

version() { (cd "$1" && go list -m -f '{{.Version}}' "$2"); }

# directory RECIPE MODULE: where a module lies.
directory() { (cd "$1" && go mod download -json "$2" | sed -n 's/^\s*"Dir": "\(.*\)",$/\1/p'); }

otelcol() {
  local work module
  [ ! -x "$(folder otelcol)/judge" ] || return 0
  work=$(mktemp -d)
  cp otelcol/go.{mod,sum} "$work"
  # Modules that are older than the release, built from copies with the names of now: of what they call in OTTL, and of themselves.
  for module in github.com/open-telemetry/opentelemetry-collector-contrib/{connector/routingconnector,processor/logdedupprocessor,receiver/{tcp,tls}checkreceiver}; do
    cp -r --no-preserve=mode "$(cd otelcol && go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "$work/${module##*/}"
    find "$work/${module##*/}" -name '*.go' -exec sed -i '
      s/NewTransformContextPtr(/NewTransformContext(/; s/NewIsRootSpanFactoryNew(/NewIsRootSpanFactory(/
      s/MustNewType("logdedup")/MustNewType("log_dedup")/; s/MustNewType("\(tcp\|tls\)check")/MustNewType("\1_check")/' {} +
    go mod edit -replace "$module=$work/${module##*/}" "$work/go.mod"
  done
  # Prometheus' discoveries of clouds stay out: 23 MB and most of the build time less.
  local flags=(-modfile="$work/go.mod" -tags remove_all_sd,enable_kubernetes_sd,grpcnotrace -ldflags='-s -w')
  program otelcol otelcol . "${flags[@]}"
  # The same components, in the program that lets them read configurations one by one.
  echo "{\"Replace\": {\"$PWD/otelcol/judge/components.go\": \"$PWD/otelcol/components.go\"}}" >"$work/overlay.json"
  program otelcol judge ./judge -overlay "$work/overlay.json" "${flags[@]}"
  rm -r "$work"
}

kubernetes() {
  local version major minor stamp= module name
  version=$(version kubernetes k8s.io/kubernetes)
  IFS=. read -r major minor _ <<<"${version#v}"
  # Without these the programs call themselves v0.0.0-master, and /version answers so.
  for module in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    stamp+=" -X $module.gitVersion=$version -X $module.gitMajor=$major -X $module.gitMinor=$minor"
  done
  program kubernetes etcd go.etcd.io/etcd/server/v3 -ldflags "-s -w$stamp"
  for name in kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet kube-proxy; do
    program kubernetes "$name" "k8s.io/kubernetes/cmd/$name" -ldflags "-s -w$stamp"
  done
}

node() {
  local name ldflags
  ldflags="-s -w -X github.com/containerd/containerd/v2/version.Version=$(version node github.com/containerd/containerd/v2)"
  for name in containerd containerd-shim-runc-v2 ctr; do
    program node "$name" "github.com/containerd/containerd/v2/cmd/$name" -ldflags "$ldflags"
  done
  program node coredns ./coredns -ldflags "$ldflags"
  program node local-path-provisioner github.com/rancher/local-path-provisioner -ldflags "$ldflags"
  program node kube-network-policies sigs.k8s.io/kube-network-policies/cmd -ldflags "$ldflags"
}

# Built in a copy of its own folder: what it replaces of its modules holds there alone.
keda() {
  local out work name
  out=$(folder keda)
  [ ! -f "$out/keda.yaml" ] || return 0
  echo 'building KEDA' >&2
  mkdir -p "$out"
  work=$(mktemp -d)
  cp -r --no-preserve=mode "$(directory keda github.com/kedacore/keda/v2)/." "$work"
  for name in operator adapter; do
    (cd "$work" && go build -buildvcs=false -trimpath -ldflags '-s -w' -o "$out/keda-$name" "./cmd/$name")
  done
  # Its own manifests: custom resources, account and rights, so that it may do here what it may do there.
  for name in general/namespace crd/bases/* service_account/service_account rbac/role rbac/role_binding metrics-server/role metrics-server/role_binding; do
    echo ---
    cat "$work"/config/${name%.yaml}.yaml
  done >"$out/keda.yaml.$$"
  mv "$out/keda.yaml.$$" "$out/keda.yaml"
  rm -r "$work"
}

# A program with metrics, to be scraped.
exposition() { program exposition exposition . -ldflags '-s -w'; }

# The target allocator, of an older version than the one that ships: of that the module cannot be had.
allocator() { program allocator target-allocator github.com/open-telemetry/opentelemetry-operator/cmd/otel-allocator -ldflags '-s -w'; }

# Custom resources that the library writes, as their own projects declare them. Nothing is compiled.
crds() {
  local out module
  out=$(folder crds)
  [ ! -f "$out/securitycontextconstraints.yaml" ] || return 0
  echo 'copying declarations of custom resources' >&2
  mkdir -p "$out"
  module=$(directory crds sigs.k8s.io/gateway-api)/config/crd/standard
  install -m 644 "$module/gateway.networking.k8s.io_httproutes.yaml" "$out/httproutes.yaml"
  install -m 644 "$module/gateway.networking.k8s.io_grpcroutes.yaml" "$out/grpcroutes.yaml"
  module=$(directory crds github.com/cert-manager/cert-manager)/deploy/crds
  install -m 644 "$module/cert-manager.io_certificates.yaml" "$out/certificates.yaml"
  module=$(directory crds github.com/openshift/api)/payload-manifests/crds
  install -m 644 "$module/0000_03_config-operator_01_securitycontextconstraints.crd.yaml" "$out/securitycontextconstraints.yaml"
}

# And those that it has read: apart, as their project asks for a later Gateway API than the one that is proven.
monitors() {
  local out module name
  out=$(folder monitors)
  [ ! -f "$out/servicemonitors.yaml" ] || return 0
  echo 'copying declarations of monitors' >&2
  mkdir -p "$out"
  module=$(directory monitors github.com/prometheus-operator/prometheus-operator)/example/prometheus-operator-crd
  for name in podmonitors probes scrapeconfigs servicemonitors; do
    install -m 644 "$module/monitoring.coreos.com_$name.yaml" "$out/$name.yaml"
  done
}

# A later engine of ClickHouse than the one of package.json: what ships lies between the two.
engine() {
  local out
  out=$(folder engine)
  [ ! -x "$out/engine" ] || return 0
  echo 'installing the later engine' >&2
  mkdir -p "$out"
  python3 -m venv "$out/python"
  "$out/python/bin/pip" install --quiet --disable-pip-version-check -r engine/requirements.txt
  printf '#!/bin/sh\nexec "%s" "%s"\n' "$out/python/bin/python" "$out/run.py" >"$out/engine.$$"
  cp engine/run.py "$out/"
  chmod +x "$out/engine.$$"
  mv "$out/engine.$$" "$out/engine"
}

case ${1:-} in
  folders) for recipe in otelcol kubernetes node keda exposition allocator engine crds monitors; do folder "$recipe"; done ;;
  '') engine; crds; monitors; exposition; otelcol; kubernetes; node; allocator; keda ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
