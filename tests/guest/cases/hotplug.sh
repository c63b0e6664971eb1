# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# CPUs that are offline, or go offline while they are traced.

cpu1=/sys/devices/system/cpu/cpu1/online

in_guest() {
  load_ptsim
  ptcap="$BUILD/capture/ptcap --source pt"
  echo 0 >$cpu1
  $ptcap -o offline.ptz -a --duration 300ms
  $ptcap -o program.ptz -- "$BUILD/samples/sample_threads"
  status=0
  $ptcap -o no.ptz -a -C 1 --duration 300ms 2>out || status=$?
  cat out
  expect_equal "exit status for a CPU that is offline" $status 125
  grep -q 'CPU 1 is not online' out || fail "the CPU is not named"

  echo 1 >$cpu1
  bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done' &
  pid=$!
  mkfifo control answers
  $ptcap -o goes.ptz -a --control fifo:control,answers 2>goes.log &
  tracer=$!
  for command in ping down ping up ping stop; do
    case $command in
      down) sleep 0.3; echo 0 >$cpu1 ;;
      up) sleep 0.3; echo 1 >$cpu1 ;;
      *)
        echo $command >control
        read -r -t 60 answer <>answers || fail "no answer to $command"
        expect_equal "answer to $command" "$answer" ack
        ;;
    esac
  done
  wait $tracer || fail "ptcap failed"
  cat goes.log
  kill $pid
  grep -q 'CPU 1 went offline: it is not traced' goes.log || fail "it is not told"
  keep ./*.ptz
}

on_host() {
  for name in offline program goes; do
    "$BUILD/decode/ptdec" info $name.ptz >$name.info || fail "$name"
    tail -n 3 $name.info
  done
  gaps=$("$BUILD/decode/ptdec" branches program.ptz --format tsv |
         awk -F'\t' '$7 == "gap"' | wc -l)
  expect_equal "gaps with one CPU" "$gaps" 0
}
