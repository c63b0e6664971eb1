# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# A program cannot see that it is stepped: signals, masks, dispositions, its
# own trap flag, affinity; and its flow is recorded to the last instruction.

for program in self_view self_view_32 vsyscall; do
  [[ -x $PROGRAMS/$program ]] || { echo "no $program here"; continue; }
  "$PROGRAMS/$program" >native || { echo "$program does not run here"; continue; }
  traced "$PROGRAMS/$program"
  expect_status 0 "$program"
  diff native out || fail "$program sees that it is stepped"
done
