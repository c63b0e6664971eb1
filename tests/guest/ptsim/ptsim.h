/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptsim: PMUs "intel_pt" and "intel_bts" for machines that have neither.
 *
 * User space sees what the drivers in arch/x86/events/intel show: the same
 * sysfs files, config checks, AUX records and flags. The bytes come from one of
 * two places (module parameter "mode"):
 *
 *  step    real PT packets or BTS records of real programs, made by
 *          single-stepping user code with EFLAGS.TF
 *  canned  a file's bytes, repeated, at a rate that the parameters set
 *
 * Like the hardware there is one unit per CPU and PMU: struct sim_unit. All of
 * it is touched on its CPU only, with interrupts off.
 *
 * What goes with an event from CPU to CPU is in its hw, in fields that the perf
 * core leaves alone (last_tag is none: it shares its memory with aux_paused):
 *
 *  config_base  canned: where in the file the event stands
 *  event_base   how many AUX records it has written
 *  idx          whether the unit had stopped by itself before the last stop
 */
#ifndef PTSIM_H
#define PTSIM_H

#include <linux/hrtimer.h>
#include <linux/perf_event.h>
#include <linux/user-return-notifier.h>

/* attr.config of intel_pt; the bits of IA32_RTIT_CTL (SDM vol. 3, 33.2.8.2) */
#define PT_CTL_TRACE_EN		BIT(0)
#define PT_CTL_CYC_EN		BIT(1)
#define PT_CTL_MTC_EN		BIT(9)
#define PT_CTL_TSC_EN		BIT(10)
#define PT_CTL_DIS_RETC		BIT(11)
#define PT_CTL_BRANCH_EN	BIT(13)
#define PT_CTL_MTC_FREQ(c)	(((c) >> 14) & 0xf)
#define PT_CTL_CYC_THRESH(c)	(((c) >> 19) & 0xf)
#define PT_CTL_PSB_FREQ(c)	(((c) >> 24) & 0xf)

/* What the caps files say, and pt_event_valid() checks against */
#define SIM_ADDRESS_RANGES	2
#define SIM_MTC_PERIODS		0x249
#define SIM_CYCLE_THRESHOLDS	0x3fff
#define SIM_PSB_PERIODS		0x3f
#define SIM_NONTURBO_RATIO	0x1a
/* TSC ticks per tick of the core crystal clock, as CPUID 15H gives it */
#define SIM_ART_NUM		84
#define SIM_ART_DEN		2

#define PT_MAX_INSN		15
#define PT_RETSTACK_DEPTH	64

/* An instruction as it stood in user memory when it was about to run */
struct sim_insn {
	u64	ip;
	u8	bytes[PT_MAX_INSN];
	u8	size;		/* of bytes that could be read, 0..15 */
	bool	mode64;
};

/* State of the packet generator; survives stop and start, as MSRs would */
struct pt_encoder {
	bool	packets_on;	/* PacketEn */
	bool	mode_known;	/* a MODE.Exec was written */
	bool	mode64;
	bool	stopped;	/* TraceStop, until the next start */
	u8	tnt_bits;
	u8	tnt_count;
	u64	last_ip;	/* of IP compression */
	u64	bytes_since_psb;
	u64	ctc;		/* of the last MTC or TMA */
	u32	cycles;		/* instructions since the last CYC */
	u32	since_overflow;	/* instructions, see overflow_every */
	u32	overflowing;	/* instructions to drop yet */
	u8	retstack_depth;
	u8	retstack_top;
	u64	retstack[PT_RETSTACK_DEPTH];
};

struct sim_unit {
	struct perf_event		*event;	/* scheduled in here, or NULL */
	struct perf_output_handle	handle;
	bool				running;

	/* canned */
	struct hrtimer			timer;

	/* step */
	struct user_return_notifier	user_return;
	struct task_struct		*task;	/* that insn belongs to, or NULL */
	struct sim_insn			insn;	/* the next to run */
	bool				armed;	/* it runs with TF set */
	struct pt_encoder		pt;
};

/* What IA32_RTIT_ADDRn_A/B would hold; event->hw.addr_filters points to it */
struct pt_filter {
	u64	start;
	u64	size;	/* 0: the object is not mapped, nothing matches */
	bool	stop;	/* TraceStop, else filter */
};

struct pt_filters {
	struct pt_filter	filter[SIM_ADDRESS_RANGES];
	int			count;
};

struct sim_buffer {
	void		**pages;
	unsigned long	size;		/* bytes */
	unsigned long	limit;		/* snapshot: where it wraps */
	bool		snapshot;
	unsigned long	position;	/* snapshot: in the buffer */
	unsigned long	data_size;	/* as intel_pt's pt_buffer::data_size */
};

/* from, to, flags */
#define BTS_RECORD_SIZE		24

/* ptsim_main.c */
extern struct pmu pt_pmu, bts_pmu;
struct sim_unit *unit_of(struct pmu *pmu);
static inline bool unit_is_live(struct sim_unit *unit)
{
	return unit->running && !unit->event->hw.state;
}

/* ptsim_sysfs.c */
extern const struct attribute_group *pt_attr_groups[];

/*
 * aux_output.c. aux_write() writes all of data or nothing; nothing if the
 * buffer is full: then the record says PERF_AUX_FLAG_TRUNCATED and the unit
 * stops.
 */
void *aux_setup(struct perf_event *event, void **pages, int nr_pages,
		bool overwrite);
void aux_free(void *aux);
bool aux_begin(struct sim_unit *unit);
void aux_end(struct sim_unit *unit);
unsigned long aux_room(struct sim_unit *unit);
bool aux_write(struct sim_unit *unit, const void *data, unsigned long size);
void aux_wake_if_due(struct sim_unit *unit);
void aux_overrun(struct sim_unit *unit, unsigned long lost);

/* canned.c */
int canned_load(const char *path);
void canned_unload(void);
void canned_init_unit(struct sim_unit *unit);
void canned_start(struct sim_unit *unit);
void canned_stop(struct sim_unit *unit);

/* step.c */
void step_init_unit(struct sim_unit *unit);
int step_register(void);
void step_unregister(void);
void step_start(struct sim_unit *unit);
void step_stop(struct sim_unit *unit);

/* instruction.c */
enum insn_class {
	INSN_PLAIN,
	INSN_COND,		/* jcc, loop, jcxz */
	INSN_JUMP,		/* direct */
	INSN_CALL,		/* direct */
	INSN_INDIRECT_JUMP,
	INSN_INDIRECT_CALL,
	INSN_RETURN,
	INSN_FAR,		/* to other privilege levels or segments */
};

struct insn_info {
	enum insn_class	class;
	u8		size;		/* of branches; 0 where unknown */
	u64		target;		/* of direct branches */
};

struct insn_info insn_classify(const struct sim_insn *insn);

/*
 * pt_flow.c, bts_flow.c: what the stepper tells the two kinds of unit.
 * enter: user code goes on at unit->insn.ip. step: unit->insn ran and `to` is
 * next. leave: user code stops before unit->insn, or, if `executed`, by it
 * (a syscall).
 */
void pt_enter(struct sim_unit *unit);
void pt_step(struct sim_unit *unit, u64 to);
void pt_leave(struct sim_unit *unit, bool executed);
void pt_first_start(struct sim_unit *unit);
void pt_start(struct sim_unit *unit);
void bts_step(struct sim_unit *unit, u64 to);

/*
 * pt_packet.c: one group of packets is written whole or not at all. Groups that
 * do not fit end the trace (aux_overrun).
 */
void pt_packet_psb(struct sim_unit *unit, bool with_ip, u64 ip, bool mode64);
void pt_packet_on(struct sim_unit *unit, u64 ip, bool mode64);
void pt_packet_off(struct sim_unit *unit);
void pt_packet_off_at(struct sim_unit *unit, u64 ip);
void pt_packet_async_off(struct sim_unit *unit, u64 ip);
void pt_packet_stop(struct sim_unit *unit);
void pt_packet_branch(struct sim_unit *unit, bool taken);
void pt_packet_indirect(struct sim_unit *unit, u64 to);
void pt_packet_overflow(struct sim_unit *unit, u64 ip);
void pt_packet_time(struct sim_unit *unit);
void pt_packet_restart(struct sim_unit *unit);

/* Module parameters, ptsim_main.c */
extern bool sim_canned;
extern int sim_chunk, sim_tick_us;
extern int sim_truncate_every, sim_flag_every, sim_flag_bits;
extern int sim_overflow_every, sim_overflow_length;
extern bool sim_overrun_ovf, sim_interrupts;
/* Statistics: bytes put into AUX buffers, and dropped for want of room */
extern atomic64_t stat_produced, stat_dropped;
extern atomic64_t stat_steps, stat_unexplained, stat_overruns;

#endif /* PTSIM_H */
