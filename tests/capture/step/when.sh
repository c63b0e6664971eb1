# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# --delay, --duration, --max-size: what is recorded, not what is run.

script='echo a | wc -c; exit 5'
for options in '--delay 300ms' '--duration 200ms' '--max-size 300K'; do
  traced_by $options --report report -- sh -c "sleep 0.5; $script"
  expect_status 5 "$options"
  [[ $(cat out) == 2 ]] || fail "$options: output $(cat out)"
done
expect report '"ended_by": "max-size"'

# A program that ends before its recording begins.
run "$PTCAP" --source step --force -o t.ptz --delay 1m -- true
expect_status 0
