// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes into the AUX area, with the bookkeeping of arch/x86/events/intel/pt.c:
 * the position in snapshot mode, the records, the flags.
 */
#include <linux/slab.h>

#include "ptsim.h"

void *aux_setup(struct perf_event *event, void **pages, int nr_pages,
		bool overwrite)
{
	struct sim_buffer *buf;

	if (!nr_pages)
		return NULL;
	buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	if (!buf)
		return NULL;
	buf->pages = pages;
	buf->size = (unsigned long)nr_pages << PAGE_SHIFT;
	buf->limit = buf->size;
	/* bts_buffer_setup_aux(): a record never wraps */
	if (event->pmu == &bts_pmu)
		buf->limit -= buf->size % BTS_RECORD_SIZE;
	buf->snapshot = overwrite;
	return buf;
}

void aux_free(void *aux)
{
	kfree(aux);
}

bool aux_begin(struct sim_unit *unit)
{
	struct sim_buffer *buf;

	buf = perf_aux_output_begin(&unit->handle, unit->event);
	if (!buf)
		return false;
	if (!buf->snapshot)
		buf->data_size = 0;
	else if (unit->event->pmu == &pt_pmu)
		buf->position = unit->handle.head & (buf->size - 1);
	/* BTS goes on where this buffer stands, whatever the head. */
	return true;
}

static void set_test_flags(struct sim_unit *unit)
{
	unsigned long nr = ++unit->event->hw.event_base;

	if (sim_truncate_every && nr % sim_truncate_every == 0)
		perf_aux_output_flag(&unit->handle, PERF_AUX_FLAG_TRUNCATED);
	if (sim_flag_every && nr % sim_flag_every == 0)
		perf_aux_output_flag(&unit->handle, sim_flag_bits);
}

void aux_end(struct sim_unit *unit)
{
	struct sim_buffer *buf = perf_get_aux(&unit->handle);

	if (!buf)
		return;
	set_test_flags(unit);
	if (buf->snapshot) {
		/* pt_event_stop(): the position as head, the size as size */
		unit->handle.head = buf->position;
		perf_aux_output_end(&unit->handle, buf->size);
	} else {
		perf_aux_output_end(&unit->handle, buf->data_size);
		buf->data_size = 0;
	}
}

unsigned long aux_room(struct sim_unit *unit)
{
	struct sim_buffer *buf = perf_get_aux(&unit->handle);

	if (!buf)
		return 0;
	if (buf->snapshot)
		return buf->size;
	return unit->handle.size - buf->data_size;
}

static void copy_to_pages(struct sim_buffer *buf, unsigned long offset,
			  const void *data, unsigned long size)
{
	while (size) {
		unsigned long at = offset & (buf->size - 1);
		unsigned long in_page = at & (PAGE_SIZE - 1);
		unsigned long part = min(size, PAGE_SIZE - in_page);

		memcpy(buf->pages[at >> PAGE_SHIFT] + in_page, data, part);
		data += part;
		offset += part;
		size -= part;
	}
}

/* pt_interrupt(): end this piece, begin the next */
static void next_piece(struct sim_unit *unit)
{
	aux_end(unit);
	if (unit->event->hw.state)
		return;
	if (!aux_begin(unit))
		unit->event->hw.state = PERF_HES_STOPPED;
}

/* The perf core disables an event whose record says TRUNCATED, a bit later. */
void aux_overrun(struct sim_unit *unit, unsigned long lost)
{
	atomic64_add(lost, &stat_dropped);
	atomic64_inc(&stat_overruns);
	perf_aux_output_flag(&unit->handle, PERF_AUX_FLAG_TRUNCATED);
	aux_end(unit);
	unit->event->hw.state = PERF_HES_STOPPED;
}

bool aux_write(struct sim_unit *unit, const void *data, unsigned long size)
{
	struct sim_buffer *buf = perf_get_aux(&unit->handle);

	if (!buf || unit->event->hw.state)
		return false;
	if (buf->snapshot) {
		copy_to_pages(buf, buf->position, data, size);
		buf->position = (buf->position + size) % buf->limit;
	} else {
		if (size > aux_room(unit)) {
			aux_overrun(unit, size);
			return false;
		}
		copy_to_pages(buf, unit->handle.head + buf->data_size, data,
			      size);
		buf->data_size += size;
	}
	atomic64_add(size, &stat_produced);
	aux_wake_if_due(unit);
	return true;
}

void aux_wake_if_due(struct sim_unit *unit)
{
	struct sim_buffer *buf = perf_get_aux(&unit->handle);

	if (!buf || buf->snapshot)
		return;
	if (unit->handle.head + buf->data_size >= unit->handle.wakeup)
		next_piece(unit);
}
