# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# timeline.sh PROGRAM: the spans of each timeline are the calls, in each of the
# split files too, and the weights of the folded stacks are the instructions.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"
run "$PTCAP" -q --source emu -o t.ptz -- "$2" log
expect_status 0
"$PTDEC" calls --format tsv t.ptz >calls
for to in chrome fxt speedscope; do
  run "$PTDEC" timeline --to $to -o all.$to t.ptz
  expect_status 0
done
run "$PTDEC" timeline --to chrome --split 1M -o split.chrome t.ptz
expect_status 0
[[ -e split.3.chrome ]] || fail "it was not split"

"$CHECK" calls all.* || fail "spans differ from calls"
for file in split.*; do
  [[ $(stat -c %s "$file") -lt 1200000 ]] || fail "$file is too large"
  "$CHECK" - "$file" || fail "$file does not nest"
done

insns=$("$PTDEC" insns --no-text --format tsv t.ptz | tail -n +2 | wc -l)
run "$PTDEC" flame t.ptz
expect_status 0
expect out '^logged_calls[^;]*;.*;main;.*::run\(\);.*::fibonacci\(int\) [0-9]+$'
sum=$(awk '{ sum += $NF } END { print sum }' out)
[[ $insns == "$sum" ]] || fail "$insns instructions, $sum in stacks"

# What --function shows is within it; --depth counts from it.
run "$PTDEC" flame --function '(anonymous namespace)::catcher' t.ptz
expect_no out '^[^;]*;(\(anonymous namespace\)::run|main)'
expect out ';.*catcher\(int\);.*thrower'
run "$PTDEC" calls --format tsv --function '(anonymous namespace)::fibonacci' \
  --depth 1 t.ptz
[[ $(tail -n +2 out | cut -f9 | sort -u) == *fibonacci* ]] || fail "--depth 1"
[[ $(tail -n +2 out | cut -f9 | sort -u | wc -l) == 1 ]] || fail "--depth 1"
run "$PTDEC" calls --format tsv --min-duration 100us t.ptz
[[ $(tail -n +2 out | wc -l) -gt 5 ]] || fail "--min-duration leaves nothing"
awk -F'\t' 'NR > 1 && $5 - $4 < 100000' out >short
[[ ! -s short ]] || fail "--min-duration: shorter calls"

run "$PTDEC" timeline t.ptz
expect_status 2
expect err '\-\-to is missing'
run "$PTDEC" timeline --to chrome --split 1M t.ptz
expect_status 2
run "$PTDEC" timeline --to chrome -o all.chrome t.ptz
expect_status 1 "an output that exists"
