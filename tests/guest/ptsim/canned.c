// SPDX-License-Identifier: GPL-2.0
/*
 * Mode "canned": a file's bytes, repeated, `chunk` of them every `tick_us`.
 * An event's stream begins with the first byte of the file; bytes that find no
 * room are lost and counted, and the stream goes on behind them.
 */
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/vmalloc.h>

#include "ptsim.h"

#define CANNED_MAX_SIZE		(64 << 20)

static u8 *canned_data;
static size_t canned_size;

int canned_load(const char *path)
{
	void *data = NULL;
	int ret;

	ret = kernel_read_file_from_path(path, 0, &data, CANNED_MAX_SIZE, NULL,
					 READING_FIRMWARE);
	if (ret < 0)
		return ret;
	if (!ret)
		return -ENODATA;
	canned_data = data;
	canned_size = ret;
	return 0;
}

void canned_unload(void)
{
	vfree(canned_data);
}

static bool write_part(struct sim_unit *unit, unsigned long size)
{
	unsigned long at = unit->event->hw.config_base;

	if (!aux_write(unit, canned_data + at, size))
		return false;
	unit->event->hw.config_base = (at + size) % canned_size;
	return true;
}

/* Fills up what room there is, as the hardware would, then overruns. */
static void feed(struct sim_unit *unit)
{
	unsigned long left = sim_chunk;

	while (left && unit_is_live(unit)) {
		unsigned long at = unit->event->hw.config_base;
		unsigned long part = min(left, canned_size - at);
		unsigned long room = aux_room(unit);

		if (!room) {
			aux_overrun(unit, left);
			unit->event->hw.config_base = (at + left) % canned_size;
			return;
		}
		part = min(part, room);
		if (!write_part(unit, part))
			return;
		left -= part;
	}
}

static ktime_t tick_length(void)
{
	return ns_to_ktime((u64)max(sim_tick_us, 1) * NSEC_PER_USEC);
}

static enum hrtimer_restart on_tick(struct hrtimer *timer)
{
	struct sim_unit *unit = container_of(timer, struct sim_unit, timer);

	if (!unit_is_live(unit))
		return HRTIMER_NORESTART;
	feed(unit);
	hrtimer_forward_now(timer, tick_length());
	return HRTIMER_RESTART;
}

void canned_init_unit(struct sim_unit *unit)
{
	hrtimer_init(&unit->timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	unit->timer.function = on_tick;
}

void canned_start(struct sim_unit *unit)
{
	hrtimer_start(&unit->timer, tick_length(),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

void canned_stop(struct sim_unit *unit)
{
	hrtimer_try_to_cancel(&unit->timer);
}
