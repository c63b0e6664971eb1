#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# check_case.sh SERIES BUILD_DIR CASE
# Shows what the guest said about a case, then runs its on_host().
set -eu

build=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
out=$build/guest/$1/out/$3

[ -d "$out" ] || { echo "SKIP: no guest ran, see guest.$1"; exit 77; }
cat "$out/log"
status=$(cat "$out/status" 2>/dev/null || echo "none: the guest died in it")
[ "$status" != 77 ] || exit 77
[ "$status" = 0 ] || { echo "in the guest: exit status $status"; exit 1; }

. "$here/host_lib.sh"
. "$here/cases/$3.sh"
export BUILD=$build
cd "$out"
on_host
