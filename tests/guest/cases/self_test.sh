# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# `ptcap doctor --self-test` on a machine with PT and BTS: every mode gives the
# program's flow, also where the buffer is too small.

in_guest() {
  load_ptsim
  export PATH=$BUILD/decode:$PATH
  "$BUILD/capture/ptcap" doctor --self-test || fail "something failed"
  "$BUILD/capture/ptcap" doctor --self-test --format json >report.json || {
    cat report.json
    fail "something failed the second time"
  }
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep report.json
}

on_host() {
  python3 - <<'END'
import json, sys
results = json.load(open("report.json"))["self_test"]["results"]
for r in results:
    print(r["name"], r["branches"], "of", r["expected_branches"], r["losses"])
names = {r["name"].split(",")[0] for r in results}
if not {"pt", "bts", "step"} <= names:
    sys.exit(f"FAIL: only {names}")
small = [r for r in results if "small" in r["name"]][0]
if not small["losses"] or small["branches"] == small["expected_branches"]:
    sys.exit("FAIL: the small buffer lost nothing")
END
}
