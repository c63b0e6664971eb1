# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# --switch-output: each file is a trace of its own, and a piece of what the
# program did. --delay, --duration and --max-size keep to what they say.

report() { python3 -c "import json
report = json.load(open('$1'))
print($2)"; }

in_guest() {
  load_ptsim
  ptcap="$BUILD/capture/ptcap --source pt"
  program=$BUILD/tests/guest/programs/collatz
  $ptcap -o whole.ptz -- "$program"
  $ptcap -o pieces.ptz --switch-output 100ms --report pieces.json -- "$program"
  expect_equal "files" "$(report pieces.json "len(report['files'])")" \
    "$(ls pieces*.ptz | wc -l)"

  loop='for ((i = 0; i < 3000; i++)); do :; done'
  $ptcap -o size.ptz --switch-output 500K --level none --report size.json -- \
    bash -c "$loop"

  # What was there is left alone.
  echo mine >pieces.kept
  touch other.1.ptz
  $ptcap -q -o other.ptz --switch-output 100ms -- "$program"
  [ ! -s other.1.ptz ] || fail "a file was overwritten"

  bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done' &
  pid=$!
  $ptcap -q -o duration.ptz -p $pid --duration 500ms --delay 300ms \
    --report duration.json
  expect_equal "ended by" "$(report duration.json "report['ended_by']")" \
    duration
  $ptcap -q -o max.ptz -p $pid --max-size 1600K --report max.json
  expect_equal "ended by" "$(report max.json "report['ended_by']")" max-size
  [ "$(stat -c %s max.ptz)" -ge $((1600 * 1024)) ] || fail "max.ptz is short"
  kill -0 $pid || fail "the process did not survive"
  kill $pid
  keep ./*.ptz ./*.json
}

rows_of() {
  "$BUILD/decode/ptdec" branches "$1" --format tsv |
    awk -F'\t' '$7 ~ /^(jcc|jmp|ijmp|call|icall|ret|gap)$/ {
      print $5, $6, $7, $8}'
}

on_host() {
  rows_of whole.ptz >whole.rows
  for file in pieces*.ptz; do rows_of $file >${file%.ptz}.rows; done
  # In order, each is some of what the whole trace has.
  python3 - whole.rows pieces.rows $(ls pieces.*.rows | sort -t. -k2n) <<'END'
import sys
whole, *pieces = [open(name).read() for name in sys.argv[1:]]
at = covered = 0
for name, piece in zip(sys.argv[2:], pieces):
    found = whole.find(piece, at)
    if found < 0:
        sys.exit(f"FAIL: {name} is no part of the whole trace")
    at = found + len(piece)
    covered += piece.count("\n")
print(f"{len(pieces)} files with {covered} of {whole.count(chr(10))} branches")
if len(pieces) < 2 or covered < whole.count("\n") / 2:
    sys.exit("FAIL: too few")
END
  # The files' own ledgers add up.
  produced=0 files=0
  for file in size.ptz size.*.ptz; do
    gaps=$("$BUILD/decode/ptdec" branches $file --format tsv |
           awk -F'\t' '$7 == "gap"' | wc -l)
    expect_equal "$file: gaps" "$gaps" 0
    produced=$((produced + $("$BUILD/decode/ptdec" info --format json $file |
      python3 -c "import json, sys
print(json.load(sys.stdin)['ledger']['produced_bytes'])")))
    files=$((files + 1))
  done
  [ $files -gt 1 ] || fail "only one file"
  expect_equal "bytes of $files files" $produced \
    "$(report size.json "report['produced_bytes']")"
  # The first packets are from behind the delay.
  first=$("$BUILD/decode/ptdec" branches duration.ptz --format tsv --limit 1 |
          awk -F'\t' 'NR == 2 {print $4}')
  waited=$(report duration.json "$first - report['begin_ns']")
  [ "$waited" -ge 290000000 ] || fail "traced after $waited ns already"
}
