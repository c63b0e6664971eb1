# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The tours in samples/ show what their commands print.

PATH=$(dirname "$PTCAP"):$(dirname "$PTDEC"):$PATH
for tour in "$SOURCE"/samples/tours/*/; do
  [[ $(grep -c '^```console' "$tour/README.md") -ge 2 ]] || fail "$tour shows nothing"
  missing=
  for tool in $(sed -n 's/^<!-- needs \(.*\) -->$/\1/p' "$tour/README.md"); do
    command -v "$tool" >/dev/null || missing+=" $tool"
  done
  [[ -z $missing ]] || { echo "not taken, without$missing: $tour"; continue; }
  "$SOURCE/samples/tours/run" "$tour" || fail "$tour"
done
