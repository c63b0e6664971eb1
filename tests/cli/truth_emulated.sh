# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# truth_emulated.sh SAMPLE [FUNCTION...]: under --source emu the program
# behaves as untraced, there is no gap, and perf finds the same branches. The
# FUNCTIONs, which are the sample's own, execute what they do under step: the
# C library takes other paths on the CPU that the emulator shows.

sample=$SAMPLES/sample_$2
shift 2
[[ -x $sample ]] || skip "$sample is not built: 32-bit needs gcc-multilib"
command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"

run "$sample"
mv out untraced
untraced_status=$status
run "$PTCAP" -q --source emu -o emu.ptz -- "$sample"
expect_status "$untraced_status"
cmp -s out untraced || fail "output differs"
decodes emu.ptz
# perf cannot know code that no file holds.
if [[ $sample != *_jit* && $sample != *_patch_text ]]; then
  zstd -dcq emu.ptz | timeout 100 perf script -i - --itrace=be \
    -F tid,ip,addr,flags >perf_rows 2>perf_err
  "$TRUTH/compare_branches" rows perf_rows || fail "perf differs"
fi

[[ $# -eq 0 ]] || run "$PTCAP" -q --source step -o step.ptz -- "$sample"
for function in "$@"; do
  for source in emu step; do
    "$PTDEC" insns --no-text --format tsv --function "$function" \
      $source.ptz | cut -f5 >$source.ips
  done
  [[ $(wc -l <step.ips) -gt 10 ]] || fail "step: $function did not run"
  cmp step.ips emu.ips || fail "$function: emu differs from step"
done
