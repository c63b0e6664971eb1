# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# truth_apart.sh SAMPLE: a run under ptcap executes what a run under steptrace
# does, which shares no code with it. For programs that do the same in every
# run, where addresses are not random.

sample=$SAMPLES/sample_$2
[[ -x $sample ]] || skip "$sample is not built: 32-bit needs gcc-multilib"
setarch -R true 2>err || skip "address randomisation stays on: $(cat err)"

run env -i setarch -R "$PTCAP" -q --source step -o t.ptz -- "$sample"
traced_status=$status
decodes t.ptz
timeout 100 "$PTDEC" insns --format tsv t.ptz >insns
run env -i "$STEPTRACE" steps "$sample"
expect_status "$traced_status"
"$TRUTH/compare_steps" --by-order insns steps || fail "instructions differ"
