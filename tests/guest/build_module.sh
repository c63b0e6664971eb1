#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# build_module.sh KERNEL_DIR
# Builds ptsim.ko for the kernel that fetch_kernel.sh put into KERNEL_DIR.
# Prints its path. Rebuilds only what changed.
set -euo pipefail

source_dir=$(cd "$(dirname "$0")" && pwd)/ptsim
dir=$(cd "$1" && pwd)
release=$(cat "$dir/release")
headers=$dir/root/usr/src/linux-headers-$release

mkdir -p "$dir/ptsim"
for file in "$source_dir"/*; do
  cmp -s "$file" "$dir/ptsim/${file##*/}" || cp "$file" "$dir/ptsim/"
done
# O= because the Makefile of the headers includes /usr/src by its full path.
common=$(echo "$dir"/root/usr/src/linux-headers-*-common)
make -s -j2 -C "$common" O="$headers" M="$dir/ptsim" \
  KERNELRELEASE="$release" ARCH=x86 CONFIG_DEBUG_INFO_BTF_MODULES= modules >&2
echo "$dir/ptsim/ptsim.ko"
