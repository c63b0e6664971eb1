# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# PROGRAM.ptz, then PROGRAM.1.ptz: nothing is overwritten without --force.

run "$PTCAP" --source step -- true; expect_status 0
run "$PTCAP" --source step -- true; expect_status 0
run "$PTCAP" --source step -- /bin/true; expect_status 0
for name in true.ptz true.1.ptz true.2.ptz; do
  [[ -s $name ]] || fail "$name is missing: $(ls)"
done

echo precious >mine
run "$PTCAP" --source step -o mine -- true; expect_status 125
expect err '^ptcap: .*mine'
[[ $(cat mine) == precious ]] || fail "overwrote a file without --force"
run "$PTCAP" --source step --force -o mine -- true; expect_status 0
decodes mine

# To a pipe: the program's stdout goes to stderr then.
"$PTCAP" -q --source step -o - -- echo hello 2>err | cat >piped.ptz
expect err '^hello$'
decodes piped.ptz
cat piped.ptz | timeout 60 "$PTDEC" branches --format tsv - >rows2
cmp -s rows rows2 || fail "a piped trace decodes differently"
zstd -qt piped.ptz || fail "zstd -t refuses the file"

run "$PTCAP" --source step -o no/such/folder/t.ptz -- touch ran
expect_status 125
expect err '^ptcap: .*no/such/folder/t.ptz.*No such file'
[[ ! -e ran ]] || fail "ran the program though the output is unwritable"
