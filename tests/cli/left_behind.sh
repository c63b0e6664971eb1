# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Programs that the traced one leaves running go on, untraced, when ptcap ends,
# and may start others.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"

run "$PTCAP" --source emu -q -o t.ptz -- \
  sh -c '(while [ ! -e done ]; do sleep 0.1; done
          sh -c "echo went on" >later 2>errors) & exit 5'
expect_status 5
touch done
for _ in {1..100}; do [[ -s later ]] && break; sleep 0.1; done
[[ $(<later) == "went on" ]] || fail "what was left behind ended"
[[ ! -s errors ]] || fail "it said: $(<errors)"

# The same when ptcap ends between the exec and the emulator's start.
run qemu-x86_64 \
  -plugin "$(dirname "$PTCAP")/ptcap_emu.so,arena=$PWD/gone,name=echo,program=/bin/echo" \
  /bin/echo ran
expect_status 0
expect out '^ran$'
[[ ! -s err ]] || fail "the emulator said: $(<err)"
