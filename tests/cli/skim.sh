# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptdec skim gives every byte to the thread that made it, and names functions
# that ran.

"$PTCAP" -q --source step -o t.ptz -- "$SAMPLES/sample_threads" >/dev/null
"$PTDEC" info --format json t.ptz >info
for buckets in 1 7 100 3000; do
  run "$PTDEC" skim --buckets $buckets --format tsv t.ptz; expect_status 0
  [[ ! -s err ]] || fail "skim says: $(cat err)"
  mv out skim.$buckets
  python3 - skim.$buckets <<'END' || fail "with $buckets buckets"
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1]), delimiter="\t"))
info = json.load(open("info"))
got = {}
for row in rows:
    tid = int(row["tid"])
    got[tid] = got.get(tid, 0) + int(row["bytes"])
    assert row["unit"] == "ns"
    assert info["first_ns"] <= int(row["begin"]) <= int(row["end"]), row
    assert int(row["function_bytes"] or 0) <= int(row["seen_bytes"]), row
want = {s["tid"]: s["aux_bytes"] for s in info["streams"] if s["aux_bytes"]}
assert got == want, (got, want)
END
done

# A function that was seen did run.
"$PTDEC" coverage --by function --format tsv t.ptz | cut -f1,2 | tail -n +2 | sort -u >ran
run "$PTDEC" skim --format json t.ptz; expect_status 0
python3 -c '
import json, sys
for line in open("out"):
    for f in json.loads(line)["functions"]:
        print(f["module"] + "\t" + f["function"])
' | sort -u >seen
[[ $(wc -l <seen) -gt 20 ]] || fail "few functions were seen: $(cat seen)"
comm -23 seen ran >wrong
[[ ! -s wrong ]] || fail "seen, but they did not run: $(cat wrong)"

# The picture: as wide as the screen, a line a thread; ASCII where that is all.
run env LC_ALL=C.UTF-8 "$PTDEC" skim t.ptz; expect_status 0
[[ $(LC_ALL=C.UTF-8 wc -L <out) -le 80 ]] || fail "wider than 80 columns"
[[ $(grep -c '^sample_threads [0-9]' out) -eq 5 ]] || fail "not 5 threads: $(cat out)"
expect out '█'
run env LC_ALL=C "$PTDEC" skim --limit 2 t.ptz; expect_status 0
LC_ALL=C grep -q '[^ -~]' out && fail "not ASCII: $(cat out)"
expect out '^and 3 threads with .*--limit'

# Without time, by bytes.
"$PTCAP" -q --source step --pt tsc=0 -o u.ptz -- "$SAMPLES/sample_loop_static_pie" >/dev/null
run "$PTDEC" skim --format tsv u.ptz; expect_status 0
[[ $(tail -n +2 out | cut -f6 | sort -u) == bytes ]] || fail "not by bytes"
[[ $(awk '{ sum += $7 } END { print sum }' FS='\t' out) == \
   $("$PTDEC" info --format json u.ptz | python3 -c \
     'import json; print(json.loads(input())["streams"][0]["aux_bytes"])') ]] ||
  fail "bytes are missing"
run "$PTDEC" skim --time +1ms..+2ms u.ptz; expect_status 1

# A perf.data, whose pieces do not begin at PSBs: the same, and no losses.
if command -v qemu-x86_64 >/dev/null; then
  "$PTCAP" -q --source emu -o long.ptz -- bash -c 'for i in {1..20000}; do :; done'
  "$PTDEC" export -o perf.data long.ptz
  for trace in long.ptz perf.data; do
    run "$PTDEC" skim --format tsv $trace; expect_status 0 $trace
    awk -F'\t' '{ bytes += $7; losses += $9 } END { print bytes, losses }' out
  done >sums
  { read -r whole none; read -r exported losses; } <sums
  [[ $whole -gt 2000000 ]] || fail "only $whole bytes: no pieces"
  # Pieces are padded to 8 bytes there.
  [[ $losses == 0 && $exported -ge $whole && $exported -lt $((whole + 1000)) ]] ||
    fail "of $whole bytes $exported, with $losses losses"
fi

run "$PTDEC" skim --buckets 0 t.ptz; expect_status 2
run "$PTDEC" skim nowhere.ptz; expect_status 1
