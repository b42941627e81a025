# Removes all that a daemon left on the machine. Sourced, never run.

# The name of an instance's bridge; the kernel allows 15 bytes.
bridge_of() { printf 'plegd-%s' "$(printf %s "$1" | sha256sum | cut -c1-8)"; }

# Prints the cgroup folders of the instance, leaves first, in every hierarchy: its own one, and those named
# after its containers wherever they are.
cgroups() {
  local patterns
  patterns=$(
    echo "/${cgroup_parent#/}/"
    find "$run/state/io.containerd.runtime.v2.task" -mindepth 2 -maxdepth 2 -type d -printf '/%f/\n' 2> /dev/null || true
  )
  find /sys/fs/cgroup -depth -type d -printf '%p/\n' 2> /dev/null | grep -F "$patterns" || true
}

# A cgroup can be busy for a moment after its last process.
cgroups_removed() {
  cgroups | xargs -r -d '\n' rmdir 2> /dev/null || true
  [[ -z $(cgroups) ]]
}

# kill_all COMMAND...: kills the processes that the command prints until it prints none, since a process may
# fork while it is being counted.
kill_all() {
  local pid pids end=$((SECONDS + 10))
  while pids=$("$@") && [[ -n $pids ]]; do
    ((SECONDS < end)) || die "$id: processes that do not end: ${pids//$'\n'/ }"
    for pid in $pids; do kill -s KILL "$pid" 2> /dev/null || true; done
    sleep 0.05
  done
}

# The processes of all containers. Going by cgroup finds containers in the host's pid namespace whole, and
# cannot hit a process that merely got the id of a dead one.
container_pids() { cgroups | sed 's|$|cgroup.procs|' | xargs -r -d '\n' cat 2> /dev/null | sort -u || true; }

# The shims of the daemon, by the socket in their arguments. containerd 2.1 forgets the shim of a pod whose
# sandbox process was killed, so its own list of them is not enough.
shim_pids() { pids_of "$bin/containerd-shim-runc-v2" "$run/containerd.sock"; }

# Prints the sockets of the shims, which lie in a folder that all containerds of a machine share: those that
# living shims listen on (a forgotten one has no bundle), and those that bundles name (their shim may be dead).
shim_sockets() {
  local pid
  for pid in $(shim_pids); do
    readlink /proc/"$pid"/fd/* 2> /dev/null | sed -n 's/^socket:\[\(.*\)\]$/\1/p' || true
  done | awk 'NR == FNR { mine[$1]; next } $7 in mine && $8 ~ "^/run/containerd/s/" { print $8 }' - /proc/net/unix
  cat "$run"/state/io.containerd.runtime.v2.task/*/*/{address,bootstrap.json} 2> /dev/null |
    grep -oE '/run/containerd/s/[0-9a-f]+' || true
}

unmount_below() {
  awk -v dir="$1/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -d '\n' -n 1 umount -l
}

# For the instance that `select_instance` chose, with its daemon already down.
purge_instance() {
  local bridge sockets
  sockets=$(shim_sockets)
  # Shims last: they reap their containers, where an init that is slow to do it would leave zombies that keep
  # a pod's namespaces alive.
  kill_all container_pids
  kill_all shim_pids
  wait_until 5 cgroups_removed || die "$id: cgroups that do not go: $(cgroups)"
  xargs -r rm -f <<< "$sockets"
  unmount_below "$run"
  unmount_below "$var"
  bridge=$(bridge_of "$id")
  [[ ! -d /sys/class/net/$bridge ]] || "$tools/bin/busybox" ip link delete "$bridge"
  rm -rf --one-file-system "$run" "$var"
}
