# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The program keeps its streams, its place and its exit status.

step() { run "$PTCAP" -q --source step "$@"; }

step -- true; expect_status 0
step -- false; expect_status 1
step -- sh -c 'exit 42'; expect_status 42
step -- sh -c 'kill -TERM $$'; expect_status 143
step -- sh -c 'kill -SEGV $$'; expect_status 139

echo 'in' | timeout 60 "$PTCAP" -q --source step -- cat >out 2>err
[[ $(cat out) == in ]] || fail "stdin does not reach the program"
[[ ! -s err ]] || { fail "-q is not quiet"; cat err; }

run env -i HOME=/x "$PTCAP" -q --source step -- /usr/bin/env
[[ $(cat out) == HOME=/x ]] || { fail "environment changed:"; cat out; }

mkdir there && cd there && run "$PTCAP" -q --source step -- /bin/pwd
[[ $(cat out) == */there ]] || fail "working directory changed"
cd ..

step -- sh -c 'echo to-stderr >&2'; expect err '^to-stderr$'

step -- /nonexistent; expect_status 127
expect err '^ptcap: .*/nonexistent.*No such file'
step -- no-such-program-anywhere; expect_status 127
touch plain; step -- ./plain; expect_status 126
expect err '^ptcap: .*plain.*Permission denied'
step -- /; expect_status 126
printf '\177ELF\002\001\001%09d' 0 | tr 0 '\000' >arm
printf '\002\000\267\000\001\000\000\000%0100d' 0 | tr 0 '\000' >>arm
chmod +x arm; step -- ./arm; expect_status 126
expect err 'x86'
