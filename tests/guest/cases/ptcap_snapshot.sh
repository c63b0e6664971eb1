# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# --snapshot keeps the last bytes of each thread: what it writes is the end of
# what a whole trace has, and it is written when asked for.

command() {  # COMMAND ANSWER
  echo "$1" >control
  read -r -t 60 answer <>answers || fail "no answer to $1"
  expect_equal "answer to $1" "$answer" "$2"
}

in_guest() {
  load_ptsim
  ptcap="$BUILD/capture/ptcap --source pt"
  program=$BUILD/samples/sample_loop_pie
  $ptcap -o whole.ptz -- "$program"
  $ptcap -o small.ptz --snapshot=32K -- "$program"
  $ptcap -o large.ptz --snapshot=4M -- "$program"
  $ptcap -o threads.ptz --snapshot=32K -- "$BUILD/samples/sample_threads"

  # On the way, several times, and not at the end
  mkfifo control answers
  bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done' &
  pid=$!
  $ptcap -o several.ptz --snapshot=32K --trigger signal -p $pid \
    --control fifo:control,answers --report several.json 2>several.log &
  tracer=$!
  for i in 1 2 3; do
    command ping ack
    sleep 0.5
    command snapshot ack
  done
  kill -USR2 $tracer
  until grep -q 'SIGUSR2' several.log; do sleep 0.1; done
  command stop ack
  wait $tracer || fail "ptcap failed"
  cat several.log
  expect_equal "snapshots" "$(grep -c 'ptcap: snapshot' several.log)" 4

  # One thread by its own buffer, and BTS
  $ptcap -o thread.ptz --snapshot=32K -t $pid --duration 1s
  "$BUILD/capture/ptcap" --source bts -o bts.ptz --snapshot=32K -t $pid \
    --duration 1s
  kill -0 $pid || fail "the process did not survive"
  kill $pid

  # A function that another thread than the first reaches
  # (on a tmpfs: the kernel has no probes in files of 9p)
  cp "$BUILD/tests/guest/programs/migrate" .
  program=$PWD/migrate
  $ptcap -o function.ptz --snapshot=64K --trigger sym:work_of_second -- \
    "$program" >function.threads 2>function.log
  cat function.log
  expect_equal "lines of the program" "$(wc -l <function.threads)" 2
  grep -q 'a function was reached' function.log || fail "no trigger"
  ! grep -q 'the end' function.log || fail "a snapshot at the end"
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep ./*.ptz several.json function.threads
}

rows_of() {  # TRACE: flow and gaps, without times, threads, and interrupts
  "$BUILD/decode/ptdec" branches "$1" --format tsv 2>"$1.messages" |
    awk -F'\t' '$7 ~ /^(jcc|jmp|ijmp|call|icall|ret|gap)$/ {
      print $5, $6, $7, $8}'
}

on_host() {
  for name in whole small large; do
    rows_of $name.ptz >$name.rows
    echo "$name: $(wc -l <$name.rows) rows"
  done
  cmp whole.rows large.rows
  # Its buffers are of CPUs: behind the last move to another one, it is all
  # there.
  awk '/ gap lost$/ {n = 0; next} {rows[n++] = $0}
    END {for (i = 0; i < n; i++) print rows[i]}' small.rows >small.end
  mv small.end small.rows
  count=$(wc -l <small.rows)
  [ "$count" -gt 500 ] || fail "only $count rows in a snapshot"
  [ "$count" -lt "$(wc -l <whole.rows)" ] || fail "nothing was overwritten"
  tail -n "$count" whole.rows | cmp - small.rows

  # Of a thread that goes from CPU to CPU, what is overwritten may be in the
  # middle; of others, it is in front of all.
  for name in threads thread bts several function; do
    rows_of $name.ptz >$name.rows
    gaps=$(grep -cw gap $name.rows || true)
    lost=$(grep -c ' gap lost$' $name.rows || true)
    expect_equal "$name: $(wc -l <$name.rows) rows, gaps other than losses" \
      $((gaps - lost)) 0
    [ "$(wc -l <$name.rows)" -gt 200 ] || fail "$name has too few"
    case $name in
      thread|bts) expect_equal "$name: losses" "$lost" 0 ;;
    esac
  done
  "$BUILD/decode/ptdec" branches threads.ptz --format tsv |
    awk -F'\t' 'NR > 1 {print $2}' | sort -u >threads.tids
  [ "$(wc -l <threads.tids)" -ge 2 ] || fail "only one thread"

  [ "$(wc -l <several.rows)" -gt 2000 ] || fail "too few rows of 4 snapshots"
  grep -q '"aux overwritten"' several.json || fail "no loss is told"

  second=$(awk '$2 == "work_of_second" {print $1}' function.threads)
  mkdir -p root/mnt/tmp/ptcap_snapshot
  cp "$BUILD/tests/guest/programs/migrate" root/mnt/tmp/ptcap_snapshot/
  "$BUILD/decode/ptdec" functions --tid "$second" --sysroot root \
    function.ptz >function.list
  grep -q work_of_second function.list || fail "it does not have the function"
  ! grep -q work_of_first function.list || fail "it has another thread's"
}
