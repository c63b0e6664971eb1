# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# truth.sh SAMPLE PT_TERMS...: for each of the PT_TERMS ("default" is none),
# the decoded instructions are the steps that ptcap itself logged, perf finds
# the same branches, there is no gap, and the program behaves as untraced.

sample=$SAMPLES/sample_$2
shift 2
[[ -x $sample ]] || skip "$sample is not built: 32-bit needs gcc-multilib"

run "$sample"
mv out untraced
untraced_status=$status

for terms in "$@"; do
  options=(-q --source step --force -o t.ptz)
  [[ $terms == default ]] || options+=(--pt "$terms")
  PTCAP_STEP_LOG=$PWD/steps timeout 100 "$PTCAP" "${options[@]}" -- \
    "$sample" >out 2>err
  status=$?
  expect_status "$untraced_status" "traced with $terms"
  cmp -s out untraced || fail "$terms: output differs"
  decodes t.ptz
  timeout 100 "$PTDEC" insns --format tsv t.ptz >insns
  "$TRUTH/compare_steps" insns steps || fail "$terms: instructions differ"

  # perf cannot know code that no file holds.
  [[ $sample == *_jit* || $sample == *_patch_text ]] && continue
  zstd -dcq t.ptz | timeout 100 perf script -i - --itrace=be \
    -F tid,ip,addr,flags >perf_rows 2>perf_err
  "$TRUTH/compare_branches" rows perf_rows || fail "$terms: perf differs"
done
