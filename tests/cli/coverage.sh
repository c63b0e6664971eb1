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

# The map as bytes is the map as text: bits of classes, or hits.
"$PTDEC" coverage a.ptz --to afl > classes
"$PTDEC" coverage a.ptz --to afl --raw > hits
"$PTDEC" coverage a.ptz --to afl-map -o a.map
"$PTDEC" coverage a.ptz --to afl-map --raw -o a.raw
python3 - << 'END'
bits, raw = open("a.map", "rb").read(), open("a.raw", "rb").read()
assert len(bits) == len(raw) == 65536
lines = lambda name: [tuple(map(int, line.split(":"))) for line in open(name)]
assert lines("hits") == [(i, n) for i, n in enumerate(raw) if n]
assert lines("classes") == [(i, n.bit_length()) for i, n in enumerate(bits) if n]
assert all(n & (n - 1) == 0 for n in bits)
END
# As AFL prints its own.
if command -v afl-showmap > /dev/null && command -v afl-cc > /dev/null; then
  printf '#include <stdio.h>\nint main(void) { return getchar() == 97; }\n' > t.c
  AFL_QUIET=1 afl-cc -o t t.c > /dev/null 2>&1
  echo a | afl-showmap -q -o theirs -- ./t || true
  for file in theirs classes; do
    ! grep -vE '^[0-9]{6}:[1-8]$' $file
    sort -c $file
  done
fi

# drcov as Lighthouse reads it (DrcovData): lines, then 8 bytes for each block.
"$PTDEC" coverage a.ptz --to drcov -o a.drcov
"$PTDEC" coverage a.ptz --by block --format tsv | grep -v '^#' > blocks
python3 - << 'END'
import struct
file = open("a.drcov", "rb")
line = lambda: file.readline().decode().strip()
assert line().split(":")[1].strip() == "2"
assert line().startswith("DRCOV FLAVOR:")
version, count = line().split(": ")[1].split(", ")
assert version == "version 2"
assert line() == "Columns: id, base, end, entry, checksum, timestamp, path"
modules = {}
for _ in range(int(count.split(" ")[1])):
    fields = line().split(", ")
    assert len(fields) == 7 and int(fields[1], 16) < int(fields[2], 16)
    modules[int(fields[0])] = fields[-1]
count, name = line().split(": ")[1].split(" ")
assert name == "bbs"
got = sorted((modules[m], at, size) for at, size, m in
             struct.iter_unpack("<IHH", file.read()))
want = sorted((f[0], int(f[1], 16), int(f[2])) for f in
              (row.rstrip("\n").split("\t") for row in open("blocks")))
assert len(got) == int(count) and got == want
END

# How much of a module ran: at most all of it, and no less with more traces.
"$PTDEC" coverage a.ptz --by module --format tsv > modules
awk -F'\t' '!/^#/ && ($2 > $3 || $4 > $5 || $4 == 0 ||
             $6 - 100 * $4 / $5 > 0.06) { exit 1 }' modules
"$PTDEC" coverage a.ptz a.ptz --by module --format tsv | cmp - modules

# Threads add up.
"$PTCAP" -q --source step -o t.ptz -- "$SAMPLES/sample_threads" > /dev/null
"$PTDEC" coverage t.ptz --by edge --format tsv |
  awk -F'\t' '!/^#/ { print $1, $2, $4, $5 }' | sort > together
"$PTDEC" coverage t.ptz --by edge --per-thread --format tsv |
  awk -F'\t' '!/^#/ { n[$3 " " $4 " " $6] += $7; thread[$2] = 1 }
    END { for (i in thread) ++threads
          if (threads < 2) exit 1
          for (edge in n) print edge, n[edge] }' | sort > apart
cmp together apart

# One thread and several decode the same; so do those of one trace.
"$PTDEC" coverage -j1 t.ptz --by block > one
"$PTDEC" coverage -j4 t.ptz --by block > four
cmp one four
