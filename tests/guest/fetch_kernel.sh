#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# fetch_kernel.sh SERIES DIR
# Unpacks the newest Debian kernel of a series (6.1, 6.12) and what a module
# needs to be built for it into DIR. Nothing is installed. Prints the release
# (6.1.0-56-amd64). A DIR that is complete is left as it is; without apt or a
# network the exit status is 77 and stderr says what is missing.
set -euo pipefail

series=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

skip() { echo "fetch_kernel.sh: $*" >&2; exit 77; }

if [ -s "$dir/release" ]; then
  cat "$dir/release"
  exit 0
fi
for tool in apt-get apt-cache dpkg; do
  command -v "$tool" >/dev/null || skip "no $tool: this needs Debian"
done

# The newest kernel of the series for which everything has a candidate:
# headers of dropped versions stay listed, without one.
has_candidate() {
  case $(apt-cache policy "$1") in *'Candidate: '[0-9]*) true ;; *) false ;; esac
}
versions=$(apt-cache search --names-only "^linux-headers-$series[.].*-common\$" |
           sed 's/^linux-headers-//; s/-common .*//' | sort -rV)
release=
for version in $versions; do
  if has_candidate "linux-image-$version-amd64" &&
     has_candidate "linux-headers-$version-amd64"; then
    release=$version
    break
  fi
done
[ -n "$release" ] || skip "apt knows no linux-image-$series.*-amd64"

# 6.1 has one kbuild package for the series, 6.12 one for each version.
kbuild=$(apt-cache depends "linux-headers-$release-amd64" |
         sed -n 's/.*Depends: \(linux-kbuild-.*\)/\1/p' | head -1)

mkdir -p "$dir/deb" "$dir/root"
(cd "$dir/deb" && apt-get download -q "linux-image-$release-amd64" \
    "linux-headers-$release-amd64" "linux-headers-$release-common" \
    "$kbuild" >&2) || skip "apt-get download of Linux $release failed"
for package in "$dir"/deb/*.deb; do dpkg -x "$package" "$dir/root"; done
rm -r "$dir/deb"
# Modules of a test boot: the rest of 400 MB is not needed.
find "$dir/root/lib/modules" -mindepth 3 -maxdepth 3 -type d \
  ! -name drivers ! -name net ! -name fs | xargs -r rm -r

echo "$release-amd64" >"$dir/release.new"
mv "$dir/release.new" "$dir/release"
cat "$dir/release"
