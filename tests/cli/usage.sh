# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# What the command line answers.

run "$PTCAP" --help; expect_status 0; expect out '^usage: ptcap'; [[ ! -s err ]] || fail "--help on stderr"
run "$PTDEC" --help; expect_status 0; expect out '^usage: ptdec'
run "$PTCAP" --version; expect_status 0; expect out '^ptcap [0-9]'
run "$PTDEC" --version; expect_status 0; expect out '^ptdec [0-9]'
run "$PTDEC" branches --help; expect_status 0; expect out '^usage: ptdec branches'
run "$PTCAP"; expect_status 125; expect err '^ptcap: '
run "$PTCAP" --nonsense -- true; expect_status 125; expect err '\-\-nonsense'
run "$PTCAP" --sourc step -- true; expect_status 125; expect err "did you mean '--source'"
run "$PTCAP" --source moon -- true; expect_status 125; expect err 'step'
run "$PTCAP" --source step --kernel -- true; expect_status 125; expect err 'pt'
run "$PTCAP" --source step --pt wrong=1 -- true; expect_status 125; expect err 'wrong'
run "$PTCAP" --source step --pt psb_period=9 -- true; expect_status 125; expect err '5'
run "$PTDEC"; expect_status 2
run "$PTDEC" branch t.ptz; expect_status 2; expect err 'branches'
run "$PTDEC" branches; expect_status 2
run "$PTDEC" branches --nonsense t.ptz; expect_status 2
run "$PTDEC" branches a.ptz b.ptz; expect_status 2
run "$PTDEC" branches --format xml t.ptz; expect_status 2; expect err 'tsv'
run "$PTDEC" report --limit 3 t.ptz; expect_status 2; expect err "unrecognised option '--limit'"
run "$PTDEC" cmin --by block t.ptz; expect_status 2; expect err "unrecognised option '--by'"
run "$PTDEC" branches --time 5ms..1ms t.ptz; expect_status 2; expect err 'ends at its begin'

# Nothing is overwritten by mistake; devices are no files to overwrite.
cp "$SAMPLES/sample_loop" app
run "$PTCAP" --source step --force -o app -- ./app; expect_status 125; expect err 'it is the program'
cmp app "$SAMPLES/sample_loop" || fail "the program was overwritten"
run "$PTCAP" --source step -o app -- true; expect_status 125; expect err '\-\-force overwrites it'
run "$PTCAP" --source step -q -o t.ptz -- ./app; expect_status 0
cp t.ptz before
for command in branches coverage "timeline --to chrome" report export import; do
  run "$PTDEC" $command t.ptz --force -o t.ptz; expect_status 2; expect err 'it is what is read'
done
cmp t.ptz before || fail "the trace was overwritten"
run "$PTDEC" branches t.ptz -o app; expect_status 1; expect err '\-\-force overwrites it'
run "$PTDEC" branches t.ptz -o /dev/null; expect_status 0
run "$PTDEC" branches t.ptz -o /dev/full; expect_status 1; expect err '/dev/full.*No space left'
run "$PTDEC" branches t.ptz --tid 1; expect_status 0; expect err 'ptdec info'
