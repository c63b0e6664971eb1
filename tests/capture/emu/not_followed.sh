# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Children that cannot be emulated run natively and are named in the ledger.

# For another architecture: executed natively, the kernel refuses it, too.
head -c 64 /bin/true >foreign
printf '\xb7' | dd of=foreign bs=1 seek=18 conv=notrunc status=none
head -c 4096 /dev/zero >>foreign
chmod +x foreign
as_untraced bash -c './foreign; echo "status $?"; exec ./foreign'
expect report 'foreign: it is for another architecture'

[[ $(id -u) == 0 ]] || skip "the rest needs root"

# In a chroot without /proc and the emulator.
mkdir -p jail
cp "$SAMPLES/sample_loop" jail/loop
as_untraced chroot jail /loop
expect report '/loop: the emulator cannot be reached from here \(chroot\?\)'

# setuid, for somebody else: with its rights.
chmod 755 .
cp "$(command -v id)" setuid_id
chmod 4755 setuid_id
mkdir -m 777 open
[[ $(runuser -u nobody -- ./setuid_id -u) == 0 ]] || skip "nosuid here"
run runuser -u nobody -- "$PTCAP" -q --source emu -o open/t.ptz \
  --report open/report -- sh -c './setuid_id -u; id -un'
expect_status 0 "as nobody"
[[ $(tr '\n' ' ' <out) == "0 nobody " ]] || { fail "setuid:"; cat out err; }
expect open/report 'setuid_id: it is setuid or setgid'
decodes open/t.ptz
