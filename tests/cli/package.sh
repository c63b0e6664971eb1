# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The Debian package: installs in a clean Debian 12, runs, goes without a trace.

command -v cpack >/dev/null || skip "no cpack"
command -v mmdebstrap >/dev/null || skip "no mmdebstrap"
[[ $(id -u) == 0 ]] || skip "a chroot takes root"

(cd "$BUILD" && cpack -B "$OLDPWD/packages" >cpack.log 2>&1) ||
  { tail -20 "$BUILD/cpack.log"; fail "cpack"; exit 1; }
package=$(echo packages/ptcap_*.deb)
[[ -f $package ]] || { fail "no package: $(ls packages)"; exit 1; }
dpkg-deb -c "$package" | awk '{print $6}' >content
for file in usr/bin/ptcap usr/bin/ptdec usr/lib/ptcap/ usr/share/man/man1/ptcap.1 \
            usr/share/man/man1/ptdec.1 usr/share/man/man5/ptz.5 \
            usr/share/bash-completion/completions/ptdec usr/share/ptcap/magic \
            usr/share/mime/packages/ptcap.xml usr/share/doc/ptcap/copyright; do
  grep -q "^\./$file" content || fail "the package lacks $file"
done
! grep -vE '^\./(usr/|$)' content || fail "the package has files outside of /usr"

mmdebstrap --quiet --variant=minbase bookworm root >bootstrap.log 2>&1 ||
  skip "no Debian mirror in reach: $(tail -1 bootstrap.log)"
trap 'umount root/proc 2>/dev/null; rm -rf "$folder"' EXIT
mount -t proc proc root/proc
cp "$package" root/tmp/
inside() { chroot root /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin "$@"; }
inside apt-get update -qq >install.log 2>&1
inside sh -c 'apt-get install -y -qq --no-install-recommends /tmp/ptcap_*.deb' \
  >>install.log 2>&1 || { tail -5 install.log; fail "does not install"; }
inside sh -c 'cd /tmp && ptcap -q --source step -o t.ptz -- /bin/true' ||
  fail "ptcap in a clean Debian"
inside ptdec branches --format tsv /tmp/t.ptz >rows || fail "ptdec in a clean Debian"
[[ $(wc -l <rows) -gt 100 ]] || fail "only $(wc -l <rows) rows"
inside sh -c 'apt-get install -y -qq --no-install-recommends qemu-user' >>install.log 2>&1
inside sh -c 'cd /tmp && ptcap -q --source emu -o e.ptz -- /bin/true' ||
  fail "the plugin in a clean Debian"
# The first things that a newcomer of README types.
inside sh -c 'cd /tmp && ptcap -- /bin/ls / && ptdec info ls.ptz &&
  ptdec skim ls.ptz && ptdec functions --limit 5 ls.ptz &&
  ptdec report -o ls.html ls.ptz' >first 2>&1 || { fail "first steps"; cat first; }
grep -q '^source  *emu' first || fail "not by the emulator: $(cat first)"
grep -q '100 %  *\|function (module)' first || fail "no functions: $(cat first)"
[[ $(stat -c %s root/tmp/ls.html) -gt 50000 ]] || fail "the report is empty"
grep -q '</html>' root/tmp/ls.html || fail "the report is no page"
inside apt-get purge -y -qq ptcap >purge.log 2>&1 || fail "does not uninstall"
inside sh -c 'find /usr /etc -name "*ptcap*" -o -name "*ptdec*" -o -name "ptz*"' >left
[[ ! -s left ]] || fail "left behind: $(cat left)"
