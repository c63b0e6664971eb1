# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap --source pt: programs, pipes, attaching, the whole system.

in_guest() {
  load_ptsim
  ptcap=$BUILD/capture/ptcap
  $ptcap -v --source pt -o true.ptz --report true.json -- true
  $ptcap --source pt -o pipes.ptz -- sh -c 'ls / | sort | wc'
  $ptcap --source pt --pt cyc,mtc_period=0,psb_period=0,noretcomp \
    -o timing.ptz -- true

  # A shell that has run for a while, and goes on
  bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; (:); done' &
  pid=$!
  $ptcap --source pt -o process.ptz -p $pid --duration 200ms
  $ptcap --source pt -o thread.ptz -t $pid --duration 200ms
  $ptcap --source pt -o cpus.ptz -a --duration 500ms
  kill -0 $pid || fail "the process did not survive"
  kill $pid
  for name in threads fork_wait vfork_exec signals thread_exec; do
    $ptcap --source pt -o $name.ptz -- "$BUILD/samples/sample_$name"
  done
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep ./*.ptz true.json
}

on_host() {
  for name in true pipes timing cpus; do
    # perf reads the stream from a pipe only.
    zstd -dcq $name.ptz | perf script -i - --itrace=i0nse -F ip,event \
      >$name.rows 2>$name.errors
    errors=$(grep -c 'error type' $name.errors || true)
    expect_equal "$name: perf's errors" "$errors" 0
    count=$(wc -l <$name.rows)
    [ "$count" -gt 50000 ] || fail "$name: only $count instructions"
    echo "$name: $count instructions"
  done
  for name in true pipes timing process thread threads fork_wait vfork_exec \
      signals thread_exec; do
    $BUILD/decode/ptdec branches $name.ptz --format tsv >$name.tsv
    gaps=$(awk -F'\t' '$7 == "gap"' $name.tsv | wc -l)
    rows=$(wc -l <$name.tsv)
    expect_equal "$name: $rows rows, gaps" "$gaps" 0
    [ "$rows" -gt 200 ] || fail "$name: only $rows rows"
  done
}
