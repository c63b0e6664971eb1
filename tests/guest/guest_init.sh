#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# /init of the guest. The host's root directory becomes the guest's, read-only;
# /mnt in it is a tmpfs with tmp/ (scratch) and out/ (a folder of the host).
# Runs /mnt/out/guest.sh there, as root, and powers off.
export PATH=/bin:/usr/bin:/sbin:/usr/sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do
  insmod "/modules/$module.ko" || echo "insmod $module failed"
done </modules/order

nine_p() {  # TAG DIR MORE_OPTIONS
  mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$3" "$1" "$2" ||
    echo "mount of $1 failed"
}
nine_p host /host ro,cache=loose
mount -t proc proc /host/proc
mount -t sysfs sys /host/sys
mount -t tracefs tracefs /host/sys/kernel/tracing
mount -t cgroup2 cgroup /host/sys/fs/cgroup
mount -t devtmpfs dev /host/dev
mkdir -p /host/dev/shm /host/dev/pts
mount -t tmpfs shm /host/dev/shm
mount -t tmpfs -o mode=755 mnt /host/mnt
mkdir -m 1777 /host/mnt/tmp
mkdir /host/mnt/out
nine_p out /host/mnt/out rw
# For comparisons between runs
echo 0 >/proc/sys/kernel/randomize_va_space

TMPDIR=/mnt/tmp HOME=/mnt/tmp chroot /host /bin/bash /mnt/out/guest.sh
sync
poweroff -f
