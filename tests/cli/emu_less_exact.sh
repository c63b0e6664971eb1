# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# What leans on the emulator's inside checks itself. Where a check fails, the
# program still behaves, its trace has no gap, and ptcap says what is less
# exact. PTCAP_EMU_FAILING_CHECKS: 1 the CPU state, 2 the plugin interface's
# registers, 4 the emulator's way to die.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"

# less_exact CHECKS SAMPLE STATUS
less_exact() {
  run env PTCAP_EMU_FAILING_CHECKS="$1" \
    "$PTCAP" --source emu --force -o t.ptz -- "$SAMPLES/sample_$2"
  expect_status "$3" "$2 with failing checks $1"
  cp err said
  "$SAMPLES/sample_$2" >expected 2>/dev/null
  cmp -s out expected || fail "the output of $2 differs"
  decodes t.ptz
}

for sample in signals faults exceptions thread_signals; do
  less_exact 0 $sample 0
  expect_no said "less exact"
  less_exact 3 $sample 0
  expect said "less exact than usual: the emulator's CPU state is not where"
  expect said "what a signal interrupts or ends appears up to the last block"
  [[ $(grep -c "less exact" said) == 1 ]] || fail "said more than once"
done

less_exact 4 crash 139
expect said "less exact than usual: the emulator's way to die was not found"
expect said "less exact than usual: the emulator's way to print was not found"
expect rows $'\toff\tasync'
less_exact 7 crash 139
expect rows $'\toff\tasync'
