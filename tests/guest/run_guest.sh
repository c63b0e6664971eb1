#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# run_guest.sh KERNEL_DIR OUT_DIR
# Boots the kernel in KERNEL_DIR under QEMU's emulator, runs OUT_DIR/guest.sh in
# it (see guest_init.sh), and leaves the console in OUT_DIR/console.log. Takes
# GUEST_TIMEOUT (300 s), GUEST_CPUS (2), GUEST_MEMORY (2048 MB) from the
# environment. Exit status 77 without QEMU, 124 after the timeout.
set -euo pipefail

dir=$(cd "$1" && pwd)
out=$(cd "$2" && pwd)
command -v qemu-system-x86_64 >/dev/null || {
  echo "run_guest.sh: no qemu-system-x86_64 (Debian: qemu-system-x86)" >&2
  exit 77
}

# The host may stall the guest for seconds: that says nothing about its TSC or
# RCU. perf wants a GenuineIntel. The emulator has neither PT nor BTS. One host thread
# for all CPUs: with several, a CPU may run code that the other has patched long
# ago, and the kernel dies of the int3 that it used for patching.
status=0
timeout "${GUEST_TIMEOUT:-300}" nice qemu-system-x86_64 \
  -accel tcg,thread=single -M q35 -cpu Skylake-Client \
  -smp "${GUEST_CPUS:-2}" -m "${GUEST_MEMORY:-2048}" \
  -no-reboot -nodefaults -display none -serial stdio \
  -kernel "$dir"/root/boot/vmlinuz-* -initrd "$dir/initramfs.gz" \
  -append "console=ttyS0 panic=-1 oops=panic quiet mitigations=off
           tsc=reliable no_timer_check rcupdate.rcu_cpu_stall_suppress=1
           cryptomgr.notests" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$out,mount_tag=out,security_model=none" \
  </dev/null >"$out/console.log" 2>&1 || status=$?
[ $status -ne 124 ] || echo "run_guest.sh: still running after" \
  "${GUEST_TIMEOUT:-300} s; see $out/console.log" >&2
exit $status
