// SPDX-License-Identifier: GPL-2.0
/*
 * Which kind of branch is it? Enough of the opcode map (SDM vol. 2, appendix A)
 * for the change-of-flow instructions of SDM vol. 3, table 33-1.
 */
#include "ptsim.h"

static bool is_legacy_prefix(u8 byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e:	/* segments */
	case 0x64: case 0x65:
	case 0x66: case 0x67:				/* sizes */
	case 0xf0: case 0xf2: case 0xf3:		/* lock, rep */
		return true;
	}
	return false;
}

static u8 skip_prefixes(const struct sim_insn *insn)
{
	u8 i = 0;

	while (i < insn->size && is_legacy_prefix(insn->bytes[i]))
		i++;
	if (insn->mode64 && i < insn->size && (insn->bytes[i] & 0xf0) == 0x40)
		i++;	/* REX; in 32-bit code it is INC or DEC */
	return i;
}

static struct insn_info direct(const struct sim_insn *insn,
			       enum insn_class class, u8 opcode_end, u8 width)
{
	struct insn_info info = { .class = class, .size = opcode_end + width };
	s64 displacement;

	if (info.size > insn->size)
		return (struct insn_info){ .class = INSN_PLAIN };
	if (width == 1) {
		displacement = (s8)insn->bytes[opcode_end];
	} else {
		s32 value;

		memcpy(&value, insn->bytes + opcode_end, sizeof(value));
		displacement = value;
	}
	info.target = insn->ip + info.size + displacement;
	if (!insn->mode64)
		info.target = (u32)info.target;
	return info;
}

static struct insn_info two_byte(const struct sim_insn *insn, u8 at)
{
	u8 opcode = at < insn->size ? insn->bytes[at] : 0;

	if ((opcode & 0xf0) == 0x80)
		return direct(insn, INSN_COND, at + 1, 4);
	if (opcode == 0x05 || opcode == 0x34)	/* syscall, sysenter */
		return (struct insn_info){ .class = INSN_FAR, .size = at + 1 };
	return (struct insn_info){ .class = INSN_PLAIN };
}

/* Bytes of ModRM, SIB and displacement (SDM vol. 2, tables 2-2 and 2-3) */
static u8 modrm_size(const struct sim_insn *insn, u8 at)
{
	u8 mod = insn->bytes[at] >> 6, rm = insn->bytes[at] & 7;
	u8 size = 1;

	if (mod == 3)
		return size;
	if (rm == 4) {
		size++;
		if (mod == 0 && at + 1 < insn->size &&
		    (insn->bytes[at + 1] & 7) == 5)
			size += 4;
	}
	if (mod == 0 && rm == 5)
		size += 4;
	if (mod == 1)
		size += 1;
	if (mod == 2)
		size += 4;
	return size;
}

/* Group 5: the reg field of ModRM says which */
static struct insn_info group5(const struct sim_insn *insn, u8 at)
{
	u8 modrm = at < insn->size ? insn->bytes[at] : 0;

	switch ((modrm >> 3) & 7) {
	case 2:
		return (struct insn_info){ .class = INSN_INDIRECT_CALL,
					   .size = at + modrm_size(insn, at) };
	case 4:
		return (struct insn_info){ .class = INSN_INDIRECT_JUMP };
	case 3: case 5:
		return (struct insn_info){ .class = INSN_FAR };
	}
	return (struct insn_info){ .class = INSN_PLAIN };
}

struct insn_info insn_classify(const struct sim_insn *insn)
{
	u8 at = skip_prefixes(insn);
	u8 opcode;

	if (at >= insn->size)
		return (struct insn_info){ .class = INSN_PLAIN };
	opcode = insn->bytes[at];
	switch (opcode) {
	case 0x70 ... 0x7f:
	case 0xe0 ... 0xe3:
		return direct(insn, INSN_COND, at + 1, 1);
	case 0x0f:
		return two_byte(insn, at + 1);
	case 0xe8:
		return direct(insn, INSN_CALL, at + 1, 4);
	case 0xe9:
		return direct(insn, INSN_JUMP, at + 1, 4);
	case 0xeb:
		return direct(insn, INSN_JUMP, at + 1, 1);
	case 0xc2: case 0xc3:
		return (struct insn_info){ .class = INSN_RETURN };
	case 0xff:
		return group5(insn, at + 1);
	case 0xca: case 0xcb:				/* far ret */
	case 0xcc: case 0xcd: case 0xce: case 0xf1:	/* int3, n, o, 1 */
	case 0xcf:					/* iret */
		return (struct insn_info){ .class = INSN_FAR };
	case 0x9a: case 0xea:				/* far call, jmp */
		if (!insn->mode64)
			return (struct insn_info){ .class = INSN_FAR };
	}
	return (struct insn_info){ .class = INSN_PLAIN };
}
