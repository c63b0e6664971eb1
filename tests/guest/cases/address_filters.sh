# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Filter and tracestop ranges keep to the addresses that perf asked for.

in_guest() {
  load_ptsim
  program=$BUILD/samples/sample_loop_pie
  perf record -o filter.data -e intel_pt//u \
    --filter "filter main @ $program" "$program"
  perf record -o stop.data -e intel_pt//u \
    --filter "tracestop main @ $program" "$program"
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep ./*.data
}

on_host() {
  for name in filter stop; do
    expect_equal "$name: perf's errors" "$(perf_errors $name.data)" 0
    perf script -i $name.data --itrace=i0ns -F ip,sym 2>/dev/null |
      awk '{print $2}' | sort | uniq -c >$name.functions
  done
  outside=$(grep -cvE ' (main|is_prime)$' filter.functions || true)
  head -3 filter.functions
  expect_equal "functions outside of main" "$outside" 0
  grep -q ' main$' filter.functions || fail "main was not traced"
  grep -q ' _dl_start$' stop.functions || fail "nothing traced before main"
  ! grep -q ' main$' stop.functions || fail "traced after the stop"
}
