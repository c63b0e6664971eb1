# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Coverage: both engines agree, edges are what `ptdec branches` has, and other
# tools read the files.
set -eu

"$PTCAP" -q --source step -o a.ptz -- "$SAMPLES/sample_loop" > /dev/null

for by in block edge function line; do
  "$PTDEC" coverage a.ptz --by $by > fast.tsv
  "$PTDEC" coverage a.ptz --by $by --engine libipt > libipt.tsv
  cmp fast.tsv libipt.tsv
done

# Each branch that was taken or fell through is one count of an edge.
"$PTDEC" branches a.ptz --not-taken --format tsv |
  awk -F'\t' '!/^#/ && $7 != "on" && $7 != "off" && $7 != "gap" &&
              $7 != "async"' | wc -l > rows
"$PTDEC" coverage a.ptz --by edge --format tsv |
  awk -F'\t' '!/^#/ { sum += $5 } END { print sum }' > sum
cmp rows sum

# 499 numbers are not tested: the loop's lines ran as often as its code says.
"$PTDEC" coverage a.ptz --by line --function main --format tsv > lines
grep -q 'loop.c	17	1$' lines

"$PTDEC" coverage a.ptz --to json --by function | head -1 |
  grep -q '^{"module":".*","function":'
"$PTDEC" coverage a.ptz --to drcov | head -1 | grep -q '^DRCOV VERSION: 2'
"$PTDEC" coverage a.ptz --to afl | grep -qE '^[0-9]{6}:[1-8]$'

"$PTDEC" coverage a.ptz --module sample_loop --to lcov -o a.info
if command -v genhtml > /dev/null; then
  genhtml -q -o html a.info
  test -s html/index.html
fi
"$PTDEC" coverage a.ptz --module sample_loop --to sancov -o a.sancov
if command -v sancov > /dev/null; then
  test "$(sancov -print a.sancov | sort -u | wc -l)" = \
    "$("$PTDEC" coverage a.ptz --module sample_loop --by block --format tsv |
       awk -F'\t' '!/^#/ { print $2 }' | sort -u | wc -l)"
fi

# --limit and --last are of the rows of whatever is a list.
for list in "coverage --by block" functions flame; do
  rows() { "$PTDEC" $list a.ptz --format tsv "$@" | grep -v '^#'; }
  rows > all
  diff <(head -3 all) <(rows --limit 3)
  diff <(tail -3 all) <(rows --last 3)
done

# Nothing is new against itself; of two equal traces one is enough.
test -z "$("$PTDEC" coverage a.ptz --only-new a.ptz --by edge)"
test -z "$("$PTDEC" coverage a.ptz --only-new a.ptz --by line)"
test -z "$("$PTDEC" coverage --diff a.ptz a.ptz --by block)"
test "$("$PTDEC" cmin a.ptz a.ptz 2> /dev/null)" = a.ptz

# Of two traces a line ran as often as in both; jobs change nothing.
"$PTDEC" coverage a.ptz a.ptz --by line --function main --format tsv > twice
test "$(awk -F'\t' '!/^#/ { n += $3 } END { print n }' twice)" = \
  "$(awk -F'\t' '!/^#/ { n += 2 * $3 } END { print n }' lines)"
for by in edge block function line; do
  "$PTDEC" coverage -j1 a.ptz a.ptz a.ptz --by $by > one
  "$PTDEC" coverage -j3 a.ptz a.ptz a.ptz --by $by > three
  cmp one three
done
