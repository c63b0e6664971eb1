# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Bytes that the PMU produced = bytes in the trace, and what did not fit is in
# the ledger; after a loss decoding goes on at once.

ledger() { python3 -c "import json, sys
report = json.load(open('$1'))
print($2)"; }

in_guest() {
  ptcap=$BUILD/capture/ptcap
  head -c 3000000 "$BUILD/capture/ptcap" >canned.bytes
  load_ptsim mode=canned canned="$PWD/canned.bytes"
  # From 4 MB/s up to more than a ring that small can pass on
  for chunk in 4096 65536 1048576 16777216; do
    for cpus in 0 0-1; do
      ptsim_reset_counts
      ptsim_set chunk $chunk
      $ptcap -q --source pt --aux-size 1M --level 1 -a -C $cpus \
        --duration 300ms -o $chunk.$cpus.ptz --report report.json
      expect_equal "$chunk B/ms on CPUs $cpus: produced bytes" \
        "$(ledger report.json "report['produced_bytes']")" \
        "$(ptsim_get produced)"
      expect_equal "written bytes" \
        "$(ledger report.json "report['written_bytes']")" \
        "$(ptsim_get produced)"
      overruns=$(ptsim_get overruns)
      losses=$(ledger report.json "len(report['losses'])")
      expect_equal "losses in the ledger" "$losses" "$overruns"
    done
  done
  rm ./*.ptz

  load_ptsim
  $ptcap --source pt --aux-size 8K -o small.ptz --report small.json -- \
    "$BUILD/samples/sample_loop"
  [ "$(ptsim_get overruns)" -gt 0 ] || fail "nothing was lost"
  load_ptsim overflow_every=5000
  $ptcap --source pt -o overflow.ptz -- "$BUILD/samples/sample_loop"
  keep ./*.ptz small.json
}

on_host() {
  for name in small overflow; do
    $BUILD/decode/ptdec branches $name.ptz --format tsv >$name.tsv
    awk -F'\t' '$7 == "gap" {print $8}' $name.tsv | sort | uniq -c >$name.gaps
    cat $name.gaps
  done
  ! grep -qvE 'lost' small.gaps || fail "gaps other than lost"
  ! grep -qvE 'overflow' overflow.gaps || fail "gaps other than overflows"
  rows=$(wc -l <small.tsv)
  [ "$rows" -gt 500 ] || fail "only $rows rows after losses"
  grep -q synthetic small.json
}
