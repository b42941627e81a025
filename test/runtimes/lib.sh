# Names, folders and messages that the scripts here share. Sourced, never run.

# Where packages, the image and the daemons' data live. Nothing is written into the repository.
test_dir=$(realpath -m "${PLEGD_TEST_DIR:-/var/lib/plegd-test}")
# Sockets, and what containerd keeps only while the machine is up.
run_dir=/run/plegd-test

packages_dir=$test_dir/packages
image_tar=$test_dir/image/busybox.tar
tools=$packages_dir/tools

# The workload and the sandbox are the same image under two names.
workload_image=localhost/busybox:1
sandbox_image=localhost/pause:1

runtimes=(containerd-1.6 containerd-1.7 containerd-2.1)

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "${exit_code:-1}"
}

# Bad input: one line that names the value and what was expected, exit 2.
reject() { exit_code=2 die "$*"; }

is_installed() { [[ -x $packages_dir/$1/usr/bin/containerd && -x $tools/usr/sbin/runc && -f $image_tar ]]; }

# pids_of EXECUTABLE ARGUMENT: prints the processes that run it with that text in their arguments.
pids_of() {
  local file process
  for file in $(grep -lsF -- "$2" /proc/[0-9]*/cmdline || true); do
    process=${file%/cmdline}
    [[ $(readlink "$process/exe") != "$1" ]] || echo "${process#/proc/}"
  done
}

# wait_until SECONDS COMMAND...
wait_until() {
  local end=$((SECONDS + $1))
  until "${@:2}"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# A command that nobody expected to fail never ends a script in silence.
set -E
trap 'die "line $LINENO failed: $BASH_COMMAND"' ERR
