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
  for chunk in 4096 1048576; do
    for cpus in 0 0-1; do
      ptsim_reset_counts
      ptsim_set chunk $chunk
      $ptcap -q --source pt --aux-size 1M --level 1 -a -C $cpus \
        --duration 500ms -o $chunk.$cpus.ptz --report report.json
      expect_equal "$chunk B/ms on CPUs $cpus: produced bytes" \
        "$(ledger report.json "report['produced_bytes']")" \
        "$(ptsim_get produced)"
      expect_equal "written bytes" \
        "$(ledger report.json "report['written_bytes']")" \
        "$(ptsim_get produced)"
      # An area that is full at the end of a piece stops without a word, so
      # there may be more losses than overruns.
      losses=$(ledger report.json "sum(loss['cause'] == 'aux truncated'
        for loss in report['losses'])")
      [ "$losses" -ge "$(ptsim_get overruns)" ] ||
        fail "$losses losses, but $(ptsim_get overruns) overruns"
      echo "$losses losses, $(ptsim_get dropped) bytes dropped"
    done
  done
  rm ./*.ptz

  load_ptsim
  $ptcap --source pt --aux-size 16K -o small.ptz --report small.json -- \
    bash -c 'for ((i = 0; i < 5000; i++)); do :; done'
  [ "$(ptsim_get overruns)" -gt 0 ] || fail "nothing was lost"
  # Where tracing goes on it says nothing of the mode: 32-bit code needs ours.
  for name in collatz collatz_32; do
    program=$BUILD/tests/guest/programs/$name
    [ ! -x "$program" ] || $ptcap --source pt --aux-size 4K -o cut_$name.ptz \
      --report cut_$name.json -- "$program"
  done
  load_ptsim overflow_every=5000
  $ptcap --source pt -o overflow.ptz --report overflow.json -- \
    "$BUILD/samples/sample_loop"
  keep ./*.ptz ./*.json
}

on_host() {
  for name in small overflow; do
    $BUILD/decode/ptdec branches $name.ptz --format tsv >$name.tsv
    awk -F'\t' '$7 == "gap" {print $8}' $name.tsv | sort | uniq -c >$name.gaps
    cat $name.gaps
  done
  # Where tracing was off at a loss there is no gap.
  losses=$(grep -c '"cause": "aux truncated"' small.json)
  gaps=$(awk '$2 == "lost" {print $1}' small.gaps)
  [ "${gaps:-0}" -gt 0 ] || fail "no gap for $losses losses"
  [ "$gaps" -le "$losses" ] || fail "$gaps gaps of $losses losses"
  ! grep -qvE ' lost$' small.gaps || fail "gaps other than losses"
  ! grep -qvE ' overflow$' overflow.gaps || fail "gaps other than overflows"
  expect_equal "overflows in the ledger" "$(ledger overflow.json \
    "sum(int(loss['detail'].split()[0]) for loss in report['losses']
         if loss['cause'] == 'pt overflow')")" \
    "$("$BUILD/decode/ptdec" packets overflow.ptz --format tsv |
       awk -F'\t' '$5 == "ovf"' | wc -l)"
  for file in cut_*.ptz; do
    name=${file%.ptz}
    $BUILD/decode/ptdec branches $file --format tsv >$name.tsv
    gaps=$(awk -F'\t' '$7 == "gap"' $name.tsv | wc -l)
    lost=$(awk -F'\t' '$7 == "gap" && $8 == "lost"' $name.tsv | wc -l)
    expect_equal "$name: gaps other than losses" $((gaps - lost)) 0
    # It is read behind the inserted PSBs as in front of them.
    behind=$(awk -F'\t' '$7 == "gap" {on = 1} on && $7 == "jcc"' $name.tsv |
             wc -l)
    [ "$behind" -gt 100 ] || fail "$name: only $behind branches behind losses"
    ! grep -q '"synthetic_bytes": 0,' $name.json || fail "$name: no PSB"
    echo "$name: $lost gaps, $behind branches behind the first"
  done
  rows=$(wc -l <small.tsv)
  [ "$rows" -gt 500 ] || fail "only $rows rows"
  # Each loss was followed by a PSB of ptcap's, so that decoding goes on there.
  ! grep -q '"synthetic_bytes": 0,' small.json || fail "no PSB was inserted"
}
