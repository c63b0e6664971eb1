# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# What the on_host() of a case may use, after the guest is gone. It runs with
# `set -eu` in the case's folder of results; BUILD is the build folder.

skip() { echo "SKIP: $*"; exit 77; }
fail() { echo "FAIL: $*"; exit 1; }

expect_equal() {  # WHAT ACTUAL EXPECTED
  [ "$2" = "$3" ] || fail "$1 is $2, expected $3"
  echo "$1: $2"
}

# Trace errors that perf's decoder finds in FILE
perf_errors() {
  perf script -i "$1" --itrace=e 2>&1 |
    grep -c 'instruction trace error type' || true
}

# perf_count FILE KIND: b branches, i0ns instructions
perf_count() { perf script -i "$1" "--itrace=$2" -F ip 2>/dev/null | wc -l; }
