# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Profiles of exact counts: sums are those of the flow itself; BOLT and AutoFDO
# read them, and what they make of them runs as before.

cat >sorts.c <<'END'
#include <stdio.h>
#include <stdlib.h>
static unsigned state = 1;
static unsigned draw(void) { return state = state * 1103515245u + 12345u; }
__attribute__((noinline)) static int rare(int value) { return value / 7; }
__attribute__((noinline)) static long sum(const int *values, int count) {
  long total = 0;
  for (int i = 0; i < count; ++i) {
    if (values[i] % 1000 == 1)
      total += rare(values[i]);
    else if (values[i] & 1)
      total += values[i];
    else
      total -= 1;
  }
  return total;
}
static int order(const void *a, const void *b) {
  return *(const int *)a < *(const int *)b ? -1 : 1;
}
int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 300;
  int *values = malloc(count * sizeof *values);
  for (int i = 0; i < count; ++i) values[i] = draw() >> 8;
  qsort(values, count, sizeof *values, order);
  printf("%ld\n", sum(values, count));
  free(values);
}
END
gcc -O2 -gdwarf-4 -fno-reorder-blocks-and-partition -Wl,--emit-relocs sorts.c -o sorts || skip "no gcc"
"$PTCAP" -q -o t.ptz -- ./sorts >expected
for to in bolt autofdo llvm-sample; do
  run "$PTDEC" profile --to $to --module sorts -o profile.$to t.ptz; expect_status 0
done
"$PTDEC" branches --format tsv --not-taken t.ptz >rows
"$PTDEC" blocks --format tsv t.ptz >blocks

# What the flow's own rows add up to, by addresses in the file.
python3 - <<'END' || fail "the counts are not those of the rows"
import collections, csv, json, re, subprocess
def rows(name):
    return csv.DictReader(open(name), delimiter="\t")
# Where the file is: from the symbol of main, as rows with names have it.
taken, fell = collections.Counter(), collections.Counter()
for line in open("profile.bolt"):
    kind, begin, end, count = line.split()[:4]
    if kind == "B":
        taken[begin, end] += int(count)
inside = {edge: n for edge, n in taken.items() if "X:0" not in edge}
assert inside, "no branches"
# Differences of addresses do not depend on where the file is mapped.
got = collections.Counter()
for (begin, end), n in inside.items():
    got[(int(begin, 16) & 0xfff, int(end, 16) - int(begin, 16))] += n
want = collections.Counter()
for row in rows("rows"):
    if row["kind"] in ("jcc", "jmp", "ijmp", "call", "icall", "ret") and row["to"]:
        begin, end = int(row["from"], 16), int(row["to"], 16)
        want[(begin & 0xfff, end - begin)] += 1
wrong = {k: (n, want[k]) for k, n in got.items() if want[k] < n}
assert not wrong, list(wrong.items())[:5]
ranges = open("profile.autofdo").read().split("\n")
total = sum(int(r.split(":")[1]) for r in ranges[1:1 + int(ranges[0])])
blocks = collections.Counter()
for row in rows("blocks"):
    blocks[int(row["begin"], 16) & 0xfff] += 1
assert 0 < total <= sum(blocks.values()), (total, sum(blocks.values()))
END

run "$PTDEC" profile --to bolt t.ptz; expect_status 0
expect err 'the profile is of .*/sorts;.*--module'
run "$PTDEC" profile --to bolt --module none.so t.ptz; expect_status 1
expect err 'nothing ran there'
run "$PTDEC" profile t.ptz; expect_status 2
run "$PTDEC" profile --to bolt --time +1ms.. t.ptz; expect_status 2

# BOLT: the same output, and a profile that it takes for a good one.
bolt=/usr/lib/llvm-16/bin
if [[ -x $bolt/perf2bolt ]]; then
  run "$bolt/perf2bolt" -pa -p profile.bolt -o sorts.fdata ./sorts
  expect_status 0 "perf2bolt: $(tail -3 err)"
  cat out err >said
  expect_no said 'malformed|[1-9][0-9]* invalid'
  expect sorts.fdata '^1 sum(/1)? [0-9a-f]+ 1 sum'
  run "$bolt/llvm-bolt" ./sorts -o sorts.bolt -data=sorts.fdata \
    -reorder-blocks=ext-tsp -reorder-functions=hfsort -split-functions
  expect_status 0 "llvm-bolt: $(tail -3 err)"
  cat out err >said
  expect said 'BOLT-INFO: .* have non-empty execution profile'
  for count in 1 300 100000; do
    [[ $(./sorts $count) == $(./sorts.bolt $count) ]] ||
      fail "the optimized program prints something else for $count"
  done
else
  echo "no bolt-16: not tried"
fi
if command -v create_llvm_prof >/dev/null; then
  run create_llvm_prof --binary=./sorts --profiler=text --profile=profile.autofdo \
    --out=sorts.prof --format=text
  expect_status 0 "create_llvm_prof: $(tail -3 err)"
  expect sorts.prof '^sum:[1-9][0-9]*:1$'
  expect sorts.prof '^ [0-9.]+: 300$'
fi

# LLVM's own tool, and a compiler that takes what it makes.
if [[ -x $bolt/llvm-profgen && -x $bolt/clang ]]; then
  "$bolt/clang" -O2 -g -fdebug-info-for-profiling sorts.c -o plain
  "$PTCAP" -q -o plain.ptz -- ./plain >/dev/null
  run "$PTDEC" profile --to llvm-sample -o plain.counts plain.ptz; expect_status 0
  expect err 'the profile is of .*/plain;'
  run "$bolt/llvm-profgen" --binary=plain --unsymbolized-profile=plain.counts \
    --use-offset=0 --format=text --output=plain.prof
  expect_status 0 "llvm-profgen: $(tail -3 err)"
  expect plain.prof '^sum:[1-9][0-9]*:1$'
  expect plain.prof '^ [0-9.]+: 300$'
  run "$bolt/llvm-profdata" show --sample plain.prof; expect_status 0
  run "$bolt/clang" -O2 -g -fprofile-sample-use=plain.prof sorts.c -o better
  expect_status 0 "clang: $(tail -3 err)"
  [[ $(./plain 100000) == $(./better 100000) ]] || fail "clang's program differs"
else
  echo "no llvm-16: not tried"
fi
