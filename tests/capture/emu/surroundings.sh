# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Surroundings that are unusual: the program finds them as untraced.

# A megabyte of arguments, from ptcap and from an exec inside.
argument=$(head -c 100000 /dev/zero | tr '\0' a)
arguments=()
for i in 0 1 2 3 4 5 6 7 8 9; do arguments+=("$i$argument"); done
as_untraced env x=y /bin/echo "${arguments[@]}"
[[ $(wc -c <untraced_out) -gt 1000000 ]] || fail "the arguments are short"

# A working directory that was deleted, before ptcap starts.
mkdir gone
run sh -c 'cd gone && rmdir "$0" && exec "$@"' "$PWD/gone" \
  sh -c 'pwd -P; ls; /bin/true && echo went'
cp out untraced_out
mkdir gone
run sh -c 'cd gone && rmdir "$0" && exec "$@"' "$PWD/gone" \
  "$PTCAP" -q --source emu --force -o "$PWD/t.ptz" -- \
  sh -c 'pwd -P; ls; /bin/true && echo went'
expect_status 0
cmp out untraced_out || fail "deleted working directory"
expect out '^went$'
decodes t.ptz

# Loader variables with commas reach the program, and it alone.
mkdir with,comma
cat >preloaded.c <<'C'
#include <stdio.h>
__attribute__((constructor)) static void tell(void) { fputs("loaded\n", stderr); }
C
cc -shared -fPIC -o with,comma/preloaded.so preloaded.c
as_untraced env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-ERMS \
  LD_PRELOAD="$PWD/with,comma/preloaded.so" \
  sh -c 'echo "$GLIBC_TUNABLES $LD_PRELOAD"; exec /bin/echo once more'
[[ $(grep -c loaded untraced_err) == 2 ]] || fail "not preloaded"
