# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap --source bts: the same records as perf's, threads included.

in_guest() {
  load_ptsim
  ptcap=$BUILD/capture/ptcap
  perf record -q -o perf.data --per-thread -e intel_bts//u true
  $ptcap --source bts -o true.ptz -- true
  $ptcap --source bts -o threads.ptz -- "$BUILD/samples/sample_threads"
  keep perf.data ./*.ptz
}

rows_of() { awk '{print $1, $3}'; }

on_host() {
  perf script -i perf.data --itrace=b -F ip,addr 2>/dev/null |
    rows_of >perf.rows
  zstd -dcq true.ptz | perf script -i - --itrace=b -F ip,addr 2>/dev/null |
    rows_of >ptcap.rows
  count=$(wc -l <perf.rows)
  [ "$count" -gt 5000 ] || fail "only $count branches"
  # The program's environment and arguments differ a little, and the loader
  # looks at all of them.
  common=$(diff perf.rows ptcap.rows | grep -c '^<' || true)
  echo "$count branches with perf, $(wc -l <ptcap.rows) with ptcap," \
    "$common of perf's not in ptcap's"
  [ $((common * 20)) -lt "$count" ] || fail "too many differ"
}
