# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Time in traces: at both ends of system calls, and often enough between them.

# Microseconds between the TSC packets of t.ptz, one a line.
intervals() {
  run "$PTDEC" packets --format tsv t.ptz
  expect_status 0
  while read -r hex; do echo $((16#$hex)); done \
    < <(awk -F'\t' '$5 == "tsc" { print $6 }' out) |
    awk 'NR > 1 { printf "%.0f\n", ($1 - last) / 1000 } { last = $1 }' >spans
}

# No system calls for long. On a busy machine the program sometimes waits.
emulated sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
decodes t.ptz
intervals
! grep -q '^-' spans || fail "the clock goes back"
median=$(sort -n spans | sed -n "$(($(wc -l <spans) / 2 + 1))p")
echo "$(wc -l <spans) packets, every $median us"
[[ $(wc -l <spans) -gt 100 ]] || fail "too few to tell"
[[ $median -le 200 ]] || fail "every $median us is seldom"

# A call's own time is its own: the sleep is between `off` and `on`, and
# nearly nothing else is.
emulated sleep 0.5
decodes t.ptz
awk -F'\t' '
  NR == 1 { next }
  $7 == "off" { left = $4 }
  $7 == "on" && left { outside += $4 - left; if ($4 - left > most) most = $4 - left }
  { if (!first) first = $4; last = $4 }
  END { printf "%.3f %.3f %.3f\n", most / 1e9, outside / 1e9,
               (last - first) / 1e9 }' rows >times
echo "longest call, all calls, all: $(cat times) s"
awk '$1 >= 0.5 && $2 >= $1 && $3 >= $2 && $1 < 1.5 { ok = 1 } END { exit !ok }' times ||
  fail "the sleep took $(cat times) s"
begin=$(sed -n 's/.*"begin_ns": \([0-9]*\),$/\1/p' report | tail -1)
end=$(sed -n 's/.*"end_ns": \([0-9]*\),$/\1/p' report | tail -1)
awk -F'\t' -v a="$begin" -v b="$end" \
  'NR > 1 && ($4 < a || $4 > b) { bad = 1 } END { exit bad }' rows ||
  fail "times before $begin or behind $end"
