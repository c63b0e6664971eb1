#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# run_cases.sh SERIES BUILD_DIR [CASE...]
# Boots Linux SERIES once and runs the in_guest() of all cases (or of those
# named) in it. Results, for check_case.sh: BUILD_DIR/guest/SERIES/out/CASE
# with log and status. Exit status 77 if the guest cannot be had here.
set -euo pipefail

series=$1
build=$(cd "$2" && pwd)
shift 2
here=$(cd "$(dirname "$0")" && pwd)
kernel_dir=$build/guest/$series
out=$kernel_dir/out
case_timeout=${CASE_TIMEOUT:-900}  # of the guest, whose clock may run fast

if [ $# -eq 0 ]; then
  for file in "$here"/cases/*.sh; do
    name=${file##*/}
    set -- "$@" "${name%.sh}"
  done
fi

"$here/fetch_kernel.sh" "$series" "$kernel_dir"
"$here/build_module.sh" "$kernel_dir"
"$here/make_initramfs.sh" "$kernel_dir"

rm -rf "$out"
mkdir -p "$out"
cat >"$out/guest.sh" <<END
BUILD='$build' KERNEL_DIR='$kernel_dir'
export BUILD KERNEL_DIR
# perf writes the vDSO that it reads to /tmp.
case \$BUILD in /tmp/*) ;; *) mount -t tmpfs tmp /tmp ;; esac
for name in $*; do
  export CASE_OUT=/mnt/out/\$name
  mkdir -p /mnt/tmp/\$name \$CASE_OUT
  cd /mnt/tmp/\$name
  timeout $case_timeout bash -c "set -eu; . '$here/guest_lib.sh'
    . '$here/cases/\$name.sh'; in_guest" >\$CASE_OUT/log 2>&1 </dev/null
  echo \$? >\$CASE_OUT/status
  cd /
  rm -rf /mnt/tmp/\$name
done
dmesg >/mnt/out/dmesg
END

GUEST_TIMEOUT=${GUEST_TIMEOUT:-3500} "$here/run_guest.sh" "$kernel_dir" "$out"
[ -s "$out/dmesg" ] || {
  echo "run_cases.sh: the guest died, see $out/console.log" >&2
  exit 1
}
if grep -E 'BUG:|Oops|\[ptsim\]' "$out/console.log" "$out/dmesg"; then
  echo "run_cases.sh: the kernel complained, see $out/dmesg" >&2
  exit 1
fi
