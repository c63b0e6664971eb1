# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Commands through FIFOs, delay and filters: what is traced is what was asked.

command() {  # COMMAND: sends it, and waits for the answer
  echo "$1" >control
  read -r -t 20 answer <>answers || fail "no answer to $1"
  expect_equal "answer to $1" "$answer" "$2"
}

in_guest() {
  load_ptsim
  ptcap=$BUILD/capture/ptcap
  mkfifo control answers
  bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done' &
  pid=$!
  $ptcap --source pt -o control.ptz -p $pid \
    --control fifo:control,answers 2>ptcap.log &
  tracer=$!
  command ping ack
  command disable ack
  before=$(ptsim_get steps)
  sleep 0.5
  expect_equal "steps while disabled" "$(ptsim_get steps)" "$before"
  command enable ack
  sleep 0.5
  [ "$(ptsim_get steps)" -gt "$before" ] || fail "nothing after enable"
  command nonsense unknown
  command stop ack
  wait $tracer || fail "ptcap failed"
  cat ptcap.log
  kill $pid

  program=$BUILD/samples/sample_loop_pie
  $ptcap --source pt -o filter.ptz --filter "filter main @ $program" -- \
    "$program"
  $ptcap --source pt -o stop.ptz --filter "tracestop main @ $program" -- \
    "$program"
  keep ./*.ptz
}

on_host() {
  for name in control filter stop; do
    $BUILD/decode/ptdec branches $name.ptz --format tsv >$name.tsv
    gaps=$(awk -F'\t' '$7 == "gap"' $name.tsv | wc -l)
    expect_equal "$name: gaps" "$gaps" 0
  done
  $BUILD/decode/ptdec insns filter.ptz --no-text --format tsv |
    awk -F'\t' 'NR > 1 {print substr($5, 1, length($5) - 3)}' |
    sort | uniq -c
  # main() of the sample is one page, at a PIE's usual address.
  pages=$($BUILD/decode/ptdec insns filter.ptz --no-text --format tsv |
          awk -F'\t' 'NR > 1 {print substr($5, 1, length($5) - 3)}' | sort -u)
  expect_equal "pages traced" "$pages" 555555555
}
