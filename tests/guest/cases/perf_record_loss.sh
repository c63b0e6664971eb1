# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Overflows, overruns and flags reach perf as what they are.

in_guest() {
  load_ptsim overflow_every=20000
  perf record -o overflow.data -e intel_pt//u ls /
  ptsim_set overflow_every 0

  ptsim_set truncate_every 5
  perf record -o truncated.data -m,64 -e intel_pt//u ls /
  ptsim_set truncate_every 0

  ptsim_set flag_every 3
  perf record -o partial.data -m,64 -e intel_pt//u ls /
  keep ./*.data
}

on_host() {
  perf script -i overflow.data --itrace=e 2>&1 |
    grep -q 'code 7: Overflow packet' || fail "no overflow seen"
  # Not one other kind of error: OVF and the FUP after it are well formed.
  others=$(perf script -i overflow.data --itrace=e 2>&1 |
           grep 'error type' | grep -vc 'Overflow packet' || true)
  expect_equal "errors other than overflows" "$others" 0
  for flag in 0x1 0x4; do
    name=$([ $flag = 0x1 ] && echo truncated || echo partial)
    perf script -i $name.data -D 2>/dev/null |
      grep -q "PERF_RECORD_AUX.*flags: $flag " ||
      fail "$name: no AUX record has flag $flag"
  done
}
