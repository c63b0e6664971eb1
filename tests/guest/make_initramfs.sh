#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# make_initramfs.sh KERNEL_DIR
# Makes KERNEL_DIR/initramfs.gz: busybox, guest_init.sh, and the modules that
# reach the host's files. Everything else comes from there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
dir=$(cd "$1" && pwd)
root=$dir/initramfs
modules="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev
         virtio_pci netfs fscache 9pnet 9pnet_virtio 9p"

for tool in busybox cpio xz; do
  command -v $tool >/dev/null || {
    echo "make_initramfs.sh: no $tool (Debian: busybox-static cpio xz-utils)" >&2
    exit 77
  }
done

rm -rf "$root"
mkdir -p "$root"/{bin,dev,proc,sys,host,modules}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$here/guest_init.sh" "$root/init"
for module in $modules; do
  file=$(find "$dir/root/lib/modules" -name "$module.ko*" | head -1)
  case $file in
    '') continue ;;  # built in, or not in this version
    *.xz) xz -dc "$file" >"$root/modules/$module.ko" ;;
    *) cp "$file" "$root/modules/$module.ko" ;;
  esac
  echo "$module" >>"$root/modules/order"
done
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) \
  >"$dir/initramfs.gz.new"
mv "$dir/initramfs.gz.new" "$dir/initramfs.gz"
rm -rf "$root"
