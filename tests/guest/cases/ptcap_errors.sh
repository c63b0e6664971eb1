# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# What goes wrong is told with its cause and what to do, as exit status 125, and
# leaves nothing behind.

refused() {  # PATTERN COMMAND...
  pattern=$1; shift
  status=0
  "$@" >out 2>&1 || status=$?
  cat out
  [ $status = 125 ] || fail "exit status $status of $*"
  grep -qE -- "$pattern" out || fail "no '$pattern' from $*"
  [ ! -e x.ptz ] || fail "$* left a trace behind"
}

in_guest() {
  load_ptsim
  ptcap=$BUILD/capture/ptcap
  program=$BUILD/samples/sample_loop_pie
  run="$ptcap --source pt -o x.ptz"
  refused 'no such term' $run --pt foo -- true
  refused 'this CPU has 0, 3, 6, 9' $run --pt mtc_period=1 -- true
  refused 'has no PTWRITE' $run --pt ptw -- true
  refused 'largest value is 15' $run --pt psb_period=16 -- true
  refused 'no function nosuch' $run --filter "filter nosuch @ $program" -- true
  refused 'is no action' $run --filter "trace main @ $program" -- true
  refused 'ranges only' $run --filter "start main @ $program" -- true
  refused 'No such file' $run --filter "filter main @ /nosuch" -- true
  refused 'No such process' $run -p 99999
  refused 'CPU 7 is not online' $run -a -C 7
  refused 'has 2 functions' $run --filter \
    "filter twice @ $BUILD/tests/guest/programs/twice" -- true
  refused 'twice#1 at 0x[0-9a-f]+, twice#2 at' $run --filter \
    "filter twice @ $BUILD/tests/guest/programs/twice" -- true
  refused 'Cannot allocate memory' $run --aux-size 512G -- true
  refused 'goes with --snapshot' $run --trigger exit -- true
  refused 'no --aux-size beside' $run --snapshot=1M --aux-size 1M -- true
  refused 'no function nosuch' $run --snapshot --trigger sym:nosuch -- \
    "$program"
  refused 'sym:main@FILE' $run --snapshot --trigger sym:main -a
  refused 'a size such as|a time such as' $run --switch-output 10 -- true
  refused '-t TID takes' $ptcap --source bts -o x.ptz --snapshot -- true
  refused 'no such file|No such file' $run --control fifo:nosuch -- true
  refused 'bts cannot|cannot' $ptcap --source bts -o x.ptz --filter \
    "filter main @ $program" -- true

  # Exclusive: one tracer at a time
  ptsim_reset_counts
  perf record -q -o busy.data -a -e intel_pt//u sleep 60 & busy=$!
  until [ "$(ptsim_get steps)" -gt 0 ]; do sleep 0.1; done
  refused 'busy|Busy' $run -a --duration 1s
  kill -TERM $busy
  wait $busy || true

  # As an ordinary user
  chmod 777 .
  for level in 2 3; do
    echo $level >/proc/sys/kernel/perf_event_paranoid
    if [ $level = 3 ] || ! as_user $run -- true; then
      refused 'perf_event_paranoid' as_user $run -- true
    fi
    [ ! -e x.ptz ] || mv x.ptz user.ptz
    refused 'perf_event_paranoid' as_user $run -a
  done
  echo 2 >/proc/sys/kernel/perf_event_paranoid
  refused 'probes need CAP_PERFMON' as_user $run --snapshot \
    --trigger sym:main -- "$program"
  refused 'mlock|locked' as_user $run --aux-size 64M -- true
  as_user $run --aux-size 100000 -- true 2>out
  cat out
  grep -q 'rounded to 128 KiB' out || fail "the size was not told"
  ! pgrep -f sample_loop_pie || fail "something is left running"
  keep user.ptz
}

on_host() {
  $BUILD/decode/ptdec branches user.ptz --format tsv >user.tsv
  expect_equal "gaps" "$(awk -F'\t' '$7 == "gap"' user.tsv | wc -l)" 0
  rows=$(wc -l <user.tsv)
  [ "$rows" -gt 5000 ] || fail "only $rows rows as an ordinary user"
  echo "$rows rows as an ordinary user"
}
