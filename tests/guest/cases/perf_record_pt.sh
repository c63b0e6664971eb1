# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The simulated PMUs are what stock perf expects, and their packets decode.

in_guest() {
  load_ptsim
  perf record -o default.data -e intel_pt//u true
  perf record -o timing.data \
    -e intel_pt/cyc,mtc_period=0,psb_period=0,noretcomp/u true
  perf record -o pipes.data -e intel_pt//u sh -c 'ls / | sort | wc'
  perf record -o cpus.data -a -e intel_pt//u ls /
  perf record -o bts.data --per-thread -e intel_bts//u true
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep ./*.data
}

on_host() {
  for name in default timing pipes cpus bts; do
    expect_equal "$name: perf's errors" "$(perf_errors $name.data)" 0
  done
  for name in default timing pipes cpus; do
    count=$(perf_count $name.data i0ns)
    [ "$count" -gt 50000 ] || fail "$name: only $count instructions"
    echo "$name: $count instructions"
  done
  # Every taken branch of the program itself, by BTS as by PT
  bts=$(perf_count bts.data b)
  [ "$bts" -gt 5000 ] || fail "only $bts BTS branches"
}
