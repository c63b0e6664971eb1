# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Where the emulator cannot be used, `auto` steps and says in one line what to
# install; `--source emu` fails with the same reason.

! "$PTCAP" doctor >/dev/null || skip "hardware comes first here"
mkdir bin

limited() { run env PATH="$PWD/bin" "$PTCAP" --force -o t.ptz "$@"; }

# falls_back TEXT: why not emu. The choice is told before the program is looked
# for, and steps take their time.
falls_back() {
  limited -- ./none
  expect_status 127
  expect err "^ptcap: source step \(.*; emu: $1.*\)$"
  limited --source emu -- /bin/echo ran
  expect_status 125
  expect err "^ptcap: source emu: $1"
  [[ ! -s out ]] || fail "the program ran"
}

# fake TEXT: an emulator that says so and ends.
fake() {
  printf '#!/bin/sh\necho "%s" >&2\nexit 1\n' "$1" >bin/qemu-x86_64
  chmod +x bin/qemu-x86_64
}

falls_back "qemu-x86_64 is not installed"
expect err "apt-get install qemu-user"
fake "qemu: unknown option 'plugin'"
falls_back "$PWD/bin/qemu-x86_64 has no plugin interface"
expect err "Debian 12's package qemu-user has it"
fake "plugin requires API version 1, but this QEMU supports only up to version 0"
falls_back "$PWD/bin/qemu-x86_64 does not load .*only up to version 0"
expect err "it takes versions 1 to 6"

rm bin/qemu-x86_64
limited -- "$SAMPLES/sample_crash"
expect_status 139
expect err "^ptcap: source step"
decodes t.ptz

loop_32=$SAMPLES/sample_loop_32
if [[ -x $loop_32 ]]; then
  cp "$(command -v true)" bin/qemu-x86_64
  limited --source emu -- "$loop_32"
  expect_status 125
  expect err "^ptcap: source emu: qemu-i386 is not installed"
fi
