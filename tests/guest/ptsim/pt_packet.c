// SPDX-License-Identifier: GPL-2.0
/*
 * The packets of SDM vol. 3, 33.4.2. A group that belongs together is put
 * together first and written as a whole, so that no piece of the AUX stream
 * ends inside a packet.
 */
#include <asm/tsc.h>

#include "ptsim.h"

/* Largest group: PSB+ with everything, and a CYC before each packet */
#define GROUP_MAX	96

struct group {
	struct sim_unit	*unit;
	u8		size;
	u8		bytes[GROUP_MAX];
};

static u64 config_of(struct sim_unit *unit)
{
	return unit->event->attr.config;
}

static void put(struct group *group, const void *bytes, u8 size)
{
	if (WARN_ON_ONCE(group->size + size > GROUP_MAX))
		return;
	memcpy(group->bytes + group->size, bytes, size);
	group->size += size;
}

static void put_value(struct group *group, u64 value, u8 size)
{
	put(group, &value, size);
}

/* What is lost at an overrun: everything that the decoder cannot know. */
static void forget(struct pt_encoder *pt)
{
	pt->packets_on = false;
	pt->tnt_count = 0;
	pt->tnt_bits = 0;
	pt->last_ip = 0;
	pt->retstack_depth = 0;
}

static bool write_group(struct group *group)
{
	struct pt_encoder *pt = &group->unit->pt;

	if (!group->size)
		return true;
	if (pt->overflowing)
		return true;
	if (!aux_write(group->unit, group->bytes, group->size)) {
		forget(pt);
		return false;
	}
	pt->bytes_since_psb += group->size;
	return true;
}

/* CYC goes in front of the packets that it times. */
static void put_cyc(struct group *group)
{
	struct pt_encoder *pt = &group->unit->pt;
	u64 config = config_of(group->unit);
	u32 threshold = PT_CTL_CYC_THRESH(config);
	u32 cycles = pt->cycles;
	u8 byte;

	if (!(config & PT_CTL_CYC_EN))
		return;
	if (!cycles || (threshold && cycles < 1u << (threshold - 1)))
		return;
	pt->cycles = 0;
	byte = 0x03 | (cycles & 0x1f) << 3;
	cycles >>= 5;
	if (cycles)
		byte |= 0x04;
	put(group, &byte, 1);
	while (cycles) {
		byte = (cycles & 0x7f) << 1;
		cycles >>= 7;
		if (cycles)
			byte |= 0x01;
		put(group, &byte, 1);
	}
}

static void put_tnt(struct group *group)
{
	struct pt_encoder *pt = &group->unit->pt;

	if (!pt->tnt_count)
		return;
	put_cyc(group);
	put_value(group, 1u << (pt->tnt_count + 1) | pt->tnt_bits << 1, 1);
	pt->tnt_count = 0;
	pt->tnt_bits = 0;
}

static u64 crystal_ticks(u64 tsc)
{
	return tsc * SIM_ART_DEN / SIM_ART_NUM;
}

static void put_tsc(struct group *group)
{
	struct pt_encoder *pt = &group->unit->pt;
	u64 config = config_of(group->unit);
	u64 tsc = rdtsc();

	if (!(config & PT_CTL_TSC_EN))
		return;
	put_value(group, 0x19, 1);
	put_value(group, tsc, 7);
	if (!(config & PT_CTL_MTC_EN))
		return;
	/* TMA: the crystal clock's low 16 bits, and TSC ticks since its tick */
	pt->ctc = crystal_ticks(tsc);
	put_value(group, 0x7302, 2);
	put_value(group, pt->ctc & 0xffff, 2);
	put_value(group, 0, 1);
	put_value(group, tsc - pt->ctc * SIM_ART_NUM / SIM_ART_DEN, 2);
}

static void put_cbr(struct group *group)
{
	put_value(group, 0x0302, 2);
	put_value(group, SIM_NONTURBO_RATIO, 2);
}

static void put_mode(struct group *group, bool mode64)
{
	struct pt_encoder *pt = &group->unit->pt;

	/* MODE.Exec: CS.L for 64-bit, CS.D for 32-bit code */
	put_value(group, mode64 ? 0x0199 : 0x0299, 2);
	pt->mode_known = true;
	pt->mode64 = mode64;
}

static void put_mode_if_new(struct group *group, bool mode64)
{
	struct pt_encoder *pt = &group->unit->pt;

	if (!pt->mode_known || pt->mode64 != mode64)
		put_mode(group, mode64);
}

enum ip_packet {
	TIP	= 0x0d,
	TIP_PGE	= 0x11,
	TIP_PGD	= 0x01,
	FUP	= 0x1d,
};

/* IPBytes: 1 and 2 replace the low bits of the last IP, 3 is sign-extended */
static void put_ip(struct group *group, enum ip_packet opcode, u64 ip)
{
	u64 changed = ip ^ group->unit->pt.last_ip;
	u8 form = 3, size = 6;

	if (group->unit->pt.last_ip && !(changed >> 16)) {
		form = 1;
		size = 2;
	} else if (group->unit->pt.last_ip && !(changed >> 32)) {
		form = 2;
		size = 4;
	}
	put_value(group, opcode | form << 5, 1);
	put_value(group, ip, size);
	group->unit->pt.last_ip = ip;
}

void pt_packet_psb(struct sim_unit *unit, bool with_ip, u64 ip, bool mode64)
{
	struct group group = { .unit = unit };
	struct pt_encoder *pt = &unit->pt;
	int i;

	put_tnt(&group);
	for (i = 0; i < 8; i++)
		put_value(&group, 0x8202, 2);
	pt->last_ip = 0;
	pt->retstack_depth = 0;
	put_tsc(&group);
	put_cbr(&group);
	if (with_ip) {
		put_mode(&group, mode64);
		put_ip(&group, FUP, ip);
	}
	put_value(&group, 0x2302, 2);
	if (!write_group(&group))
		return;
	pt->bytes_since_psb = 0;
}

void pt_packet_on(struct sim_unit *unit, u64 ip, bool mode64)
{
	struct group group = { .unit = unit };

	put_tsc(&group);
	put_mode_if_new(&group, mode64);
	put_cyc(&group);
	put_ip(&group, TIP_PGE, ip);
	unit->pt.packets_on = true;
	write_group(&group);
}

void pt_packet_off(struct sim_unit *unit)
{
	struct group group = { .unit = unit };

	put_tnt(&group);
	put_cyc(&group);
	put_value(&group, TIP_PGD, 1);
	unit->pt.packets_on = false;
	write_group(&group);
}

void pt_packet_off_at(struct sim_unit *unit, u64 ip)
{
	struct group group = { .unit = unit };

	put_tnt(&group);
	put_cyc(&group);
	put_ip(&group, TIP_PGD, ip);
	unit->pt.packets_on = false;
	write_group(&group);
}

void pt_packet_async_off(struct sim_unit *unit, u64 ip)
{
	struct group group = { .unit = unit };

	put_tnt(&group);
	put_cyc(&group);
	put_ip(&group, FUP, ip);
	put_value(&group, TIP_PGD, 1);
	unit->pt.packets_on = false;
	write_group(&group);
}

void pt_packet_stop(struct sim_unit *unit)
{
	struct group group = { .unit = unit };

	put_value(&group, 0x8302, 2);
	write_group(&group);
}

void pt_packet_branch(struct sim_unit *unit, bool taken)
{
	struct group group = { .unit = unit };
	struct pt_encoder *pt = &unit->pt;

	pt->tnt_bits = pt->tnt_bits << 1 | taken;
	if (++pt->tnt_count < 6)
		return;
	put_tnt(&group);
	write_group(&group);
}

void pt_packet_indirect(struct sim_unit *unit, u64 to)
{
	struct group group = { .unit = unit };

	put_tnt(&group);
	put_cyc(&group);
	put_ip(&group, TIP, to);
	write_group(&group);
}

/* OVF, and where tracing stands if packets are on */
void pt_packet_overflow(struct sim_unit *unit, u64 ip)
{
	struct group group = { .unit = unit };
	struct pt_encoder *pt = &unit->pt;
	bool packets_on = pt->packets_on;

	forget(pt);
	pt->packets_on = packets_on;
	put_value(&group, 0xf302, 2);
	if (packets_on)
		put_ip(&group, FUP, ip);
	write_group(&group);
}

/* MTC when the crystal clock has moved on by a period */
void pt_packet_time(struct sim_unit *unit)
{
	struct group group = { .unit = unit };
	struct pt_encoder *pt = &unit->pt;
	u64 config = config_of(unit);
	u32 period = PT_CTL_MTC_FREQ(config);
	u64 ctc;

	if (!(config & PT_CTL_MTC_EN))
		return;
	ctc = crystal_ticks(rdtsc());
	if (ctc >> period == pt->ctc >> period)
		return;
	pt->ctc = ctc;
	put_tnt(&group);
	put_cyc(&group);
	put_value(&group, 0x59, 1);
	put_value(&group, ctc >> period, 1);
	write_group(&group);
}

/* Tracing goes on after a stop: the decoder's state is not known. */
void pt_packet_restart(struct sim_unit *unit)
{
	struct group group = { .unit = unit };

	forget(&unit->pt);
	if (!sim_overrun_ovf || !unit->event->hw.idx)
		return;
	unit->event->hw.idx = 0;
	put_value(&group, 0xf302, 2);
	write_group(&group);
}
