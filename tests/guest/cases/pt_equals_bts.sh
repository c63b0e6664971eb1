# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The two PMUs tell the same branches of the same program: the packets, as
# perf's decoder reads them, against records that need no decoding.

in_guest() {
  load_ptsim
  perf record -o pt.data --per-thread -e intel_pt//u true
  perf record -o bts.data --per-thread -e intel_bts//u true
  keep ./*.data
}

on_host() {
  # System calls and signals are no BTS records here.
  perf script -i pt.data --itrace=b -F ip,addr,flags 2>/dev/null |
    grep -vE 'syscall|tr strt|tr end' | awk '{print $(NF-2), $NF}' >pt.rows
  perf script -i bts.data --itrace=b -F ip,addr 2>/dev/null |
    awk '{print $1, $3}' >bts.rows
  count=$(wc -l <bts.rows)
  [ "$count" -gt 5000 ] || fail "only $count branches"
  # perf drops a buffer's last BTS record.
  head -n "$count" pt.rows | cmp - bts.rows
  echo "$count branches are equal"
}
