# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# What the in_guest() of a case may use. It runs with `set -eu` in a scratch
# folder of its own, as root; CASE_OUT is its folder for results, BUILD the
# build folder with the programs under test, KERNEL_DIR as in run_guest.sh.

ptsim_parameters=/sys/module/ptsim/parameters

# load_ptsim [PARAMETER=VALUE...]: a fresh one, whatever was there before
load_ptsim() {
  [ ! -d "$ptsim_parameters" ] || rmmod ptsim
  insmod "$KERNEL_DIR/ptsim/ptsim.ko" "$@"
}

ptsim_get() { cat "$ptsim_parameters/$1"; }
ptsim_set() { echo "$2" >"$ptsim_parameters/$1"; }
ptsim_reset_counts() {
  for count in produced dropped steps unexplained overruns; do
    ptsim_set $count 0
  done
}

# perf fails to mmap its output on 9p, so results are copied.
keep() { cp -r "$@" "$CASE_OUT/"; }

# like_perf COMMAND...: with the environment that perf gives to what it runs,
# while it traces, which the loader's flow depends on
like_perf() {
  perf record -q -o environment.data -e intel_pt//u -- env -0 >environment
  mapfile -d '' -t variables <environment
  env -i "${variables[@]}" "$@"
}

as_user() { setpriv --reuid=1000 --regid=1000 --clear-groups "$@"; }

skip() { echo "SKIP: $*"; exit 77; }
fail() { echo "FAIL: $*"; exit 1; }

expect_equal() {  # WHAT ACTUAL EXPECTED
  [ "$2" = "$3" ] || fail "$1 is $2, expected $3"
  echo "$1: $2"
}
