# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# --around F#N is the time of a call; a name that nothing has is answered with
# the closest one.

"$PTCAP" -q --source step -o t.ptz -- "$SAMPLES/sample_word_count" >/dev/null
"$PTDEC" calls --format tsv t.ptz >calls
python3 - <<'END' >ranges || fail "no calls of next_word"
import csv
rows = [r for r in csv.DictReader(open("calls"), delimiter="\t")
        if r["function"] == "next_word"]
begin, end = "time_ns", "end_ns"
rows.sort(key=lambda r: (int(r[begin]), int(r[end])))
for number in (1, 3, len(rows), -1, -2):
    row = rows[number - 1 if number > 0 else number]
    print(number, row[begin], int(row[end]) + 1)
END
[[ $(wc -l <ranges) -eq 5 ]] || fail "no ranges: $(cat ranges)"
while read -r number begin end; do
  run "$PTDEC" branches --format tsv --around "next_word#$number" t.ptz
  expect_status 0
  mv out around
  run "$PTDEC" branches --format tsv --time "$begin..$end" t.ptz
  [[ $(wc -l <around) -gt 2 ]] || fail "call $number has no rows"
  cmp -s out around || fail "call $number is not $begin..$end"
done <ranges
run "$PTDEC" functions --format tsv --around next_word t.ptz; expect_status 0
expect out 'next_word'
run "$PTDEC" skim --format tsv --around next_word#1 t.ptz; expect_status 0
run "$PTDEC" calls --around next_word#1 --function next_word t.ptz
expect out 'next_word'

run "$PTDEC" branches --around next_wird t.ptz; expect_status 1
expect err "next_wird was not called; did you mean 'next_word'\?"
run "$PTDEC" branches --around main#2 t.ptz; expect_status 1
expect err 'main was called 1 time only'
for wrong in '#1' 'main#0' 'main#x'; do
  run "$PTDEC" branches --around "$wrong" t.ptz; expect_status 2
done
run "$PTDEC" branches --around main --time +1ms.. t.ptz; expect_status 2
run "$PTDEC" coverage --around main t.ptz; expect_status 2
expect err '^ptdec: .*--around'

# The same for --function, whatever looks for it.
for command in branches insns blocks calls functions flame; do
  run "$PTDEC" $command --function next_wird t.ptz; expect_status 0 $command
  expect err "next_wird: no such function ran; did you mean 'next_word'\?"
  run "$PTDEC" $command --function next_word t.ptz; expect_status 0 $command
  expect_no err 'no such function'
done
run "$PTCAP" --source pt --filter 'filter mian' -o f.ptz -- "$SAMPLES/sample_word_count"
[[ $status == 125 ]] || fail "status $status for a filter of nothing"
grep -q 'has no function' err && { expect err "did you mean 'main'\?"; }
