# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# calls_truth.sh PROGRAM SOURCE: the calls that ptdec finds in the program's
# trace are those that the program logged itself, and the instructions of all
# calls are those of the trace.

program=$2 source=$3
[[ $source != emu ]] || command -v qemu-x86_64 >/dev/null ||
  skip "qemu-user is not installed"

run "$PTCAP" -q --source "$source" -o t.ptz -- "$program" log
expect_status 0
run "$PTDEC" calls --format tsv t.ptz
expect_status 0
mv out calls
"$COMPARE" calls log || fail "calls differ"

insns=$("$PTDEC" insns --no-text --format tsv t.ptz | tail -n +2 | wc -l)
sum=$(awk -F'\t' 'NR > 1 { sum += $15 } END { print sum }' calls)
[[ $insns == "$sum" ]] || fail "$insns instructions, $sum in calls"
sum=$("$PTDEC" functions --format tsv t.ptz |
  awk -F'\t' 'NR > 1 { sum += $3 } END { print sum }')
[[ $insns == "$sum" ]] || fail "$insns instructions, $sum in functions"
# Every begin has its end, and they nest.
"$PTDEC" calls t.ptz | awk '
  / {$/ { ++open[$1] }
  /^[^ ]+ +[0-9.]+ +} / { --open[$1] }
  { if (open[$1] < 0) exit 1 }
  END { for (thread in open) if (open[thread] != 0) exit 1 }' ||
  fail "the text does not nest"
