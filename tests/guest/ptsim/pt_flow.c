// SPDX-License-Identifier: GPL-2.0
/*
 * From executed instructions to packets: what the packet generator does while
 * TriggerEn is set (SDM vol. 3, 33.2.5 to 33.2.7 and table 33-1).
 */
#include "ptsim.h"

static bool any_filter(struct sim_unit *unit, bool stop, u64 ip, bool *exists)
{
	const struct pt_filters *filters = unit->event->hw.addr_filters;
	bool found = false;
	int i;

	*exists = false;
	for (i = 0; i < filters->count; i++) {
		const struct pt_filter *filter = &filters->filter[i];

		if (filter->stop != stop)
			continue;
		*exists = true;
		if (ip - filter->start < filter->size)
			found = true;
	}
	return found;
}

static bool filter_enables(struct sim_unit *unit, u64 ip)
{
	bool exists, found = any_filter(unit, false, ip, &exists);

	return found || !exists;
}

static bool filter_stops(struct sim_unit *unit, u64 ip)
{
	bool exists;

	return any_filter(unit, true, ip, &exists);
}

static u64 psb_period(struct sim_unit *unit)
{
	return 2048ull << PT_CTL_PSB_FREQ(unit->event->attr.config);
}

static bool branches_enabled(struct sim_unit *unit)
{
	u64 config = unit->event->attr.config;

	return !(config & PT_CTL_TRACE_EN) || (config & PT_CTL_BRANCH_EN);
}

void pt_first_start(struct sim_unit *unit)
{
	memset(&unit->pt, 0, sizeof(unit->pt));
	pt_packet_psb(unit, false, 0, false);
}

void pt_start(struct sim_unit *unit)
{
	unit->pt.stopped = false;
	unit->pt.overflowing = 0;
	pt_packet_restart(unit);
}

void pt_enter(struct sim_unit *unit)
{
	u64 ip = unit->insn.ip;

	if (unit->pt.stopped || unit->pt.packets_on)
		return;
	if (filter_stops(unit, ip)) {
		unit->pt.stopped = true;
		pt_packet_stop(unit);
		return;
	}
	if (branches_enabled(unit) && filter_enables(unit, ip))
		pt_packet_on(unit, ip, unit->insn.mode64);
}

void pt_leave(struct sim_unit *unit, bool executed)
{
	if (!unit->pt.packets_on)
		return;
	/* Nothing more comes that the packets could be behind of. */
	if (unit->pt.overflowing) {
		unit->pt.overflowing = 0;
		pt_packet_overflow(unit, unit->insn.ip);
	}
	if (executed)
		pt_packet_off(unit);
	else
		pt_packet_async_off(unit, unit->insn.ip);
}

static void push_return(struct pt_encoder *pt, u64 ip)
{
	pt->retstack_top = (pt->retstack_top + 1) % PT_RETSTACK_DEPTH;
	pt->retstack[pt->retstack_top] = ip;
	if (pt->retstack_depth < PT_RETSTACK_DEPTH)
		pt->retstack_depth++;
}

static bool pop_return(struct pt_encoder *pt, u64 to)
{
	if (!pt->retstack_depth)
		return false;
	if (pt->retstack[pt->retstack_top] != to) {
		pt->retstack_depth = 0;
		return false;
	}
	pt->retstack_top = (pt->retstack_top - 1) % PT_RETSTACK_DEPTH;
	pt->retstack_depth--;
	return true;
}

static void push_call(struct sim_unit *unit, const struct insn_info *info)
{
	u64 next = unit->insn.ip + info->size;

	/* CALL +0 reads the program counter: no RET will match it */
	if (info->class == INSN_CALL && info->target == next)
		return;
	push_return(&unit->pt, next);
}

static void pt_return(struct sim_unit *unit, u64 to)
{
	bool matched = pop_return(&unit->pt, to);

	if (matched && !(unit->event->attr.config & PT_CTL_DIS_RETC))
		pt_packet_branch(unit, true);
	else
		pt_packet_indirect(unit, to);
}

/* false: the instruction does not explain how control came to `to` */
static bool pt_branch(struct sim_unit *unit, const struct insn_info *info,
		      u64 to)
{
	u64 ip = unit->insn.ip;

	switch (info->class) {
	case INSN_PLAIN:
		/* to == ip: one more iteration of a REP instruction */
		return to - ip <= PT_MAX_INSN;
	case INSN_COND:
		if (to != info->target && to != ip + info->size)
			return false;
		pt_packet_branch(unit, to == info->target);
		return true;
	case INSN_CALL:
		push_call(unit, info);
		return to == info->target;
	case INSN_JUMP:
		return to == info->target;
	case INSN_INDIRECT_CALL:
		pt_packet_indirect(unit, to);
		push_call(unit, info);
		return true;
	case INSN_INDIRECT_JUMP:
	case INSN_FAR:
		pt_packet_indirect(unit, to);
		return true;
	case INSN_RETURN:
		pt_return(unit, to);
		return true;
	}
	return false;
}

/* Internal buffer overflow: some packets are dropped, then there is an OVF */
static void pt_overflow(struct sim_unit *unit, u64 to)
{
	struct pt_encoder *pt = &unit->pt;

	if (pt->overflowing) {
		if (--pt->overflowing == 0)
			pt_packet_overflow(unit, to);
		return;
	}
	if (!sim_overflow_every)
		return;
	if (++pt->since_overflow < sim_overflow_every)
		return;
	pt->since_overflow = 0;
	pt->overflowing = max(sim_overflow_length, 1);
}

static void pt_unexplained(struct sim_unit *unit)
{
	atomic64_inc(&stat_unexplained);
	pt_packet_async_off(unit, unit->insn.ip);
}

void pt_step(struct sim_unit *unit, u64 to)
{
	struct pt_encoder *pt = &unit->pt;
	struct insn_info info;

	pt->cycles++;
	if (!pt->packets_on)
		return;	/* pt_enter() at `to` follows */
	if (!filter_enables(unit, to) || filter_stops(unit, to)) {
		pt_packet_off_at(unit, to);
		return;
	}
	info = insn_classify(&unit->insn);
	if (!pt_branch(unit, &info, to)) {
		pt_unexplained(unit);
		return;
	}
	pt_packet_time(unit);
	pt_overflow(unit, to);
	if (pt->packets_on && pt->bytes_since_psb >= psb_period(unit))
		pt_packet_psb(unit, true, to, unit->insn.mode64);
}
