// SPDX-License-Identifier: GPL-2.0
/*
 * From executed instructions to BTS records (SDM vol. 3, 17.4.9): one for each
 * branch that was taken, user to user.
 */
#include "ptsim.h"

struct bts_record {
	u64	from;
	u64	to;
	u64	flags;
};

void bts_step(struct sim_unit *unit, u64 to)
{
	struct bts_record record = { .from = unit->insn.ip, .to = to };
	struct insn_info info = insn_classify(&unit->insn);

	if (info.class == INSN_PLAIN)
		return;
	if (info.class == INSN_COND && to == unit->insn.ip + info.size)
		return;
	aux_write(unit, &record, sizeof(record));
}
