# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# `ptcap doctor --self-test`: each source that works here, decoded by ptdec,
# gives the flow of the built-in program; what is wrong fails, and is kept.

mkdir bin tmp
export TMPDIR=$PWD/tmp
self_test() { run env PATH="$PWD/bin:$PATH" "$PTCAP" doctor --self-test "$@"; }
field() { python3 -c "import json; report = json.load(open('out'))
print($1)"; }

ln -s "$PTDEC" bin/ptdec
self_test --format json
works=$(field "[s['name'] for s in report['sources'] if s['works']]")
tested=$(field "sorted({r['name'].split(',')[0]
  for r in report['self_test']['results']}) == sorted($works)")
[[ $tested == True ]] || fail "not every source of $works was tested"
[[ $(field "report['self_test']['passed']") == True ]] || {
  fail "the self-test:"
  cat out
}
[[ $(field "min(r['branches'] for r in report['self_test']['results'])") == \
   27501 ]] || fail "branches are missing"
[[ -z $(ls tmp) ]] || fail "files are left behind"

self_test
expect out "^ok     step: 27501 of 27501 branches, 0 gaps"
expect out '^  \$ ptcap --source step$'

# A decoder that leaves one branch out
rm bin/ptdec
cat >bin/ptdec <<END
#!/bin/sh
"$PTDEC" "\$@" | sed 1000d
END
chmod +x bin/ptdec
self_test
expect_status 1
expect out "^FAILED step: 27500 of 27501 branches"
expect out "^  behind branch 0: .*, expected "
folder=$(sed -n 's/^traces are kept in //p' out)
[[ -s $folder/step.ptz ]] || fail "the trace is not in '$folder'"

# None at all
rm bin/ptdec
if ! command -v ptdec >/dev/null && [[ ! -x ${PTCAP%/*}/ptdec ]]; then
  self_test
  expect_status 1
  expect out "not decoded: no ptdec beside ptcap or in PATH"
fi
run env TMPDIR=/nosuch "$PTCAP" doctor --self-test
expect_status 125
expect err "/nosuch"
