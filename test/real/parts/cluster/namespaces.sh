#!/usr/bin/env bash
# Holds the namespaces of a one-node cluster open: mounts, network, processes, host name, control groups. The end of this process ends everything in them.
#
#   namespaces.sh STATE GROUP    STATE: an empty folder, not below /run, /var/lib or /var/log. GROUP: the name of a control group that does not exist
#
# Writes STATE/ready when it holds.
set -euo pipefail
node=node-a address=192.168.99.1 dns=10.96.0.10

# A control group of our own in every hierarchy becomes the cluster's root: figures about the node then count the cluster alone.
outside() {
  local hierarchy
  [ -d /sys/fs/cgroup/memory ] || { echo 'the harness knows version 1 of control groups only: there is no /sys/fs/cgroup/memory' >&2; exit 1; }
  for hierarchy in /sys/fs/cgroup/*/; do
    mkdir "$hierarchy$group"
    if [ -e "$hierarchy/cpuset.cpus" ]; then
      cat "$hierarchy/cpuset.cpus" >"$hierarchy$group/cpuset.cpus"
      cat "$hierarchy/cpuset.mems" >"$hierarchy$group/cpuset.mems"
    fi
    echo $$ >"$hierarchy$group/cgroup.procs"
  done
  exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child --mount-proc bash "$0" "$state" "$group" inside
}

inside() {
  mount --make-rprivate /
  own_folders
  own_control_groups
  mount --make-rshared /
  own_kernel_settings
  more_processors
  network
  hostname $node
  touch "$state/ready"
  exec sleep infinity
}

# What hostPath volumes commonly name is the cluster's own. The rest of the machine's files is shared.
own_folders() {
  mkdir -p "$state/var-lib" "$state/kubelet" "$state/volumes" "$state/cni"
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs /var/log
  mount --bind "$state/var-lib" /var/lib
}

own_control_groups() {
  local hierarchy
  mkdir /run/cgroup
  mount -t tmpfs -o mode=755 cgroup /run/cgroup
  for hierarchy in /sys/fs/cgroup/*/; do
    mkdir "/run/cgroup/$(basename "$hierarchy")"
    mount --bind "$hierarchy$group" "/run/cgroup/$(basename "$hierarchy")"
  done
  mount -t sysfs sysfs /sys
  mount --move /run/cgroup /sys/fs/cgroup
}

# The kubelet insists on these; it gets files to write to instead of the machine's settings.
own_kernel_settings() {
  local setting file
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=/run/sysctl/${setting%=*}
    mkdir -p "$(dirname "$file")"
    echo "${setting#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
  done
}

# The stack asks for more processors than a small machine has; asking is no use of them, so the kubelet counts some that are not there, without a place in a socket.
more_processors() {
  local processors=/sys/devices/system/cpu
  mkdir /run/processors
  cp -r --parents $processors/cpu[0-9]*/topology $processors/online $processors/possible $processors/present /run/processors 2>/dev/null || true
  mkdir -p /run/processors$processors/cpu{0..7}
  mount -t tmpfs tmpfs /sys/devices/system/node
  mount --bind /run/processors$processors $processors
}

# Not every kernel has a dummy device: one end of a veth pair carries the node's address. The default route leads nowhere.
# Names are asked of the cluster's DNS, and no other resolves: a pull of an image that was not imported fails at once.
network() {
  ip link set lo up
  ip link add eth0 type veth peer name uplink
  ip link set uplink up
  ip addr add $address/24 dev eth0
  ip link set eth0 up
  ip route add default via 192.168.99.2
  printf 'nameserver %s\nsearch svc.cluster.local cluster.local\n' $dns >"$state/node-resolv.conf"
  local file
  file=$(realpath /etc/resolv.conf)
  mkdir -p "$(dirname "$file")"
  [ -e "$file" ] || touch "$file"
  mount --bind "$state/node-resolv.conf" "$file"
}

state=$1 group=$2
"${3:-outside}"
