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
  $ptcap --source pt -o cpus.ptz -a --duration 200ms
  "$BUILD/samples/sample_threads" & pid=$!
  $ptcap --source pt -o attached.ptz -p $pid || true
  wait
  sleep 1 & pid=$!
  $ptcap --source pt -o thread.ptz -t $pid --duration 100ms
  kill $pid
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
}
