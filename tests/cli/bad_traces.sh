# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptdec says what is wrong with a file, and where; it never crashes or hangs.

run "$PTDEC" branches nowhere.ptz; expect_status 1
expect err '^ptdec: .*nowhere.ptz.*No such file'
: >empty; run "$PTDEC" branches empty; expect_status 1
expect err '^ptdec: .*empty'
echo 'just some text, no trace at all' >text
run "$PTDEC" branches text; expect_status 1
expect err '^ptdec: .*text'
mkdir folder; run "$PTDEC" branches folder; expect_status 1
expect err '^ptdec: .*folder'
head -c 100000 /dev/urandom >noise; run "$PTDEC" info noise; expect_status 1

run "$PTCAP" -q --source step -o t.ptz -- true; expect_status 0
decodes t.ptz
cp rows whole
size=$(stat -c %s t.ptz)

# Cut anywhere: rows that are there are the true ones, up to a last gap or end.
for part in 1 3 10 25 50 75 90 99; do
  head -c $((size * part / 100)) t.ptz >cut.ptz
  run "$PTDEC" branches --format tsv cut.ptz
  [[ $status == 0 || $status == 1 ]] || fail "cut at $part %: status $status"
  [[ -s err ]] || fail "cut at $part %: nothing said"
done
head -c $((size - 20)) t.ptz >cut.ptz
run "$PTDEC" branches --format tsv cut.ptz; expect_status 0
cmp -s out whole || fail "without the seek table the rows differ"
run "$PTDEC" branches --strict --format tsv cut.ptz; expect_status 3

# Flipped bytes, all over.
for i in $(seq 60); do
  cp t.ptz flip.ptz
  at=$((size * i / 61))
  byte=$(od -An -tu1 -j $at -N1 t.ptz)
  printf "\\x$(printf %02x $((byte ^ 0x55)))" |
    dd of=flip.ptz bs=1 seek=$at conv=notrunc 2>/dev/null
  run "$PTDEC" branches --format tsv flip.ptz
  [[ $status == 0 || $status == 1 ]] || fail "flip at $at: status $status"
  [[ -s err ]] || cmp -s out whole || fail "flip at $at: silent difference"
done

# Names of files are no terminal's commands, and no columns.
odd=$(printf 'o\033[31md\td')
cp "$SAMPLES/sample_loop_static_pie" "$odd"
run "$PTCAP" -q --source step -o odd.ptz -- "./$odd"; expect_status 0
for command in info branches calls functions skim flame; do
  run "$PTDEC" $command odd.ptz; expect_status 0 "$command of an odd name"
  if LC_ALL=C grep -q $'[\033]' out; then fail "$command writes an escape"; fi
  [[ $command == info ]] || expect out 'o\\x1b\[31md\\x09d'
done
run "$PTDEC" functions --format tsv odd.ptz
[[ $(awk -F'\t' '{ print NF }' out | sort -u | wc -l) -eq 1 ]] ||
  fail "the columns of a tsv differ"

# Others know a trace by its first bytes.
if command -v file >/dev/null; then
  "$PTCAP" -q --source step --force -o known.ptz -- "$SAMPLES/sample_loop_static_pie" >/dev/null
  [[ $(file -bm "$SOURCE/formats/ptz/magic" known.ptz) == \
     "ptcap trace of control flow, version 1.0" ]] || fail "file(1) does not know a trace"
fi
