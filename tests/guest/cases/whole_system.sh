# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# -a: a buffer per CPU holds the threads of the whole system, and threads that
# go from CPU to CPU are in several. What each of two ran is told apart.

in_guest() {
  load_ptsim
  program=$BUILD/tests/guest/programs/migrate
  mkfifo control answers
  "$BUILD/capture/ptcap" --source pt -o ptcap.ptz -a --aux-size 32M \
    --control fifo:control,answers &
  tracer=$!
  echo ping >control
  read -r -t 60 answer <>answers || fail "no answer"
  "$program" >ptcap.threads
  echo stop >control
  wait $tracer || fail "ptcap failed"
  perf record -q -o perf.data -a -m,32M -e intel_pt//u "$program" >perf.threads
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep perf.data ptcap.ptz ./*.threads
}

# Functions of `migrate` that thread TID ran, as "NAME..." in order of name
functions_of() {  # TRACE TID
  "$BUILD/decode/ptdec" functions --tid "$2" --module migrate \
    --format tsv "$1" | grep -o 'work_of_[a-z]*' | sort -u | xargs
}

on_host() {
  for trace in ptcap.ptz perf.data; do
    # ptcap itself is stepped, too, which may be too slow for its own trace.
    gaps=$("$BUILD/decode/ptdec" branches $trace --format tsv |
           awk -F'\t' '$7 == "gap" && $8 != "lost"' | wc -l)
    expect_equal "$trace: gaps other than losses" "$gaps" 0
    while read -r tid name; do
      expect_equal "$trace: functions of $tid" \
        "$(functions_of $trace "$tid")" "$name"
    done <${trace%.*}.threads
  done
}
