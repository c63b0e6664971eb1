# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# viewer.sh PROGRAM: speedscope shows the timeline.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"
run "$PTCAP" -q --source emu -o t.ptz -- "$2" log
run "$PTDEC" timeline --to speedscope -o t.json t.ptz
expect_status 0
"$BROWSER_TEST" "$BROWSER_MODULES" "${COMPARE%/*}/speedscope_test.mjs" \
  t.json MODULES "$(basename "$2" | cut -c1-15)" >out 2>&1
status=$?
[[ $status != 77 ]] || skip "$(cat out)"
[[ $status == 0 ]] || { fail "speedscope"; cat out; }
