// SPDX-License-Identifier: GPL-2.0
/*
 * The two PMUs: registration, parameters, and the perf callbacks after the
 * model of arch/x86/events/intel/{pt,bts}.c.
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "ptsim.h"

static char *mode = "step";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "step or canned");
static char *canned = "";
module_param(canned, charp, 0444);
MODULE_PARM_DESC(canned, "mode=canned: the file");

bool sim_canned;
int sim_chunk = 4096;
module_param_named(chunk, sim_chunk, int, 0644);
MODULE_PARM_DESC(chunk, "mode=canned: bytes per tick");
int sim_tick_us = 1000;
module_param_named(tick_us, sim_tick_us, int, 0644);
MODULE_PARM_DESC(tick_us, "mode=canned: length of a tick");

int sim_truncate_every;
module_param_named(truncate_every, sim_truncate_every, int, 0644);
MODULE_PARM_DESC(truncate_every, "each n-th AUX record is flagged TRUNCATED");
int sim_flag_every;
module_param_named(flag_every, sim_flag_every, int, 0644);
MODULE_PARM_DESC(flag_every, "each n-th AUX record gets flag_bits");
int sim_flag_bits = PERF_AUX_FLAG_PARTIAL;
module_param_named(flag_bits, sim_flag_bits, int, 0644);
MODULE_PARM_DESC(flag_bits, "4 PARTIAL, 8 COLLISION");

int sim_overflow_every;
module_param_named(overflow_every, sim_overflow_every, int, 0644);
MODULE_PARM_DESC(overflow_every, "an OVF packet after n instructions");
int sim_overflow_length = 100;
module_param_named(overflow_length, sim_overflow_length, int, 0644);
MODULE_PARM_DESC(overflow_length, "instructions that an overflow loses");
bool sim_overrun_ovf;
module_param_named(overrun_ovf, sim_overrun_ovf, bool, 0644);
MODULE_PARM_DESC(overrun_ovf, "OVF at the restart after a full buffer");
bool sim_interrupts;
module_param_named(interrupts, sim_interrupts, bool, 0644);
MODULE_PARM_DESC(interrupts, "show interrupts and faults, as hardware does");

atomic64_t stat_produced, stat_dropped, stat_steps, stat_unexplained,
	   stat_overruns;

static int stat_get(char *page, const struct kernel_param *param)
{
	return sysfs_emit(page, "%lld\n", atomic64_read(param->arg));
}

static int stat_reset(const char *value, const struct kernel_param *param)
{
	atomic64_set(param->arg, 0);
	return 0;
}

static const struct kernel_param_ops stat_ops = {
	.get = stat_get,
	.set = stat_reset,
};
module_param_cb(produced, &stat_ops, &stat_produced, 0644);
module_param_cb(dropped, &stat_ops, &stat_dropped, 0644);
module_param_cb(steps, &stat_ops, &stat_steps, 0644);
module_param_cb(unexplained, &stat_ops, &stat_unexplained, 0644);
module_param_cb(overruns, &stat_ops, &stat_overruns, 0644);

static DEFINE_PER_CPU(struct sim_unit, pt_units);
static DEFINE_PER_CPU(struct sim_unit, bts_units);

struct sim_unit *unit_of(struct pmu *pmu)
{
	return this_cpu_ptr(pmu == &pt_pmu ? &pt_units : &bts_units);
}

#define PT_CONFIG_MASK						\
	(PT_CTL_TRACE_EN | PT_CTL_CYC_EN | PT_CTL_MTC_EN |	\
	 PT_CTL_TSC_EN | PT_CTL_DIS_RETC | PT_CTL_BRANCH_EN |	\
	 GENMASK(17, 14) | GENMASK(22, 19) | GENMASK(27, 24))

/* pt_event_valid() */
static bool pt_event_valid(u64 config)
{
	if (config & ~PT_CONFIG_MASK)
		return false;
	if (!(BIT(PT_CTL_PSB_FREQ(config)) & (SIM_PSB_PERIODS | 1)))
		return false;
	if (!(BIT(PT_CTL_CYC_THRESH(config)) & (SIM_CYCLE_THRESHOLDS | 1)))
		return false;
	if ((config & PT_CTL_MTC_EN) &&
	    !(BIT(PT_CTL_MTC_FREQ(config)) & SIM_MTC_PERIODS))
		return false;
	/* Without bit 0 branches are always on, and not to be asked for. */
	return (config & PT_CTL_TRACE_EN) || !(config & PT_CTL_BRANCH_EN);
}

static void pt_event_destroy(struct perf_event *event)
{
	kfree(event->hw.addr_filters);
}

static int pt_event_init(struct perf_event *event)
{
	if (event->attr.type != pt_pmu.type)
		return -ENOENT;
	if (!pt_event_valid(event->attr.config))
		return -EINVAL;
	event->hw.addr_filters = kzalloc(sizeof(struct pt_filters), GFP_KERNEL);
	if (!event->hw.addr_filters)
		return -ENOMEM;
	event->destroy = pt_event_destroy;
	return 0;
}

static int bts_event_init(struct perf_event *event)
{
	if (event->attr.type != bts_pmu.type)
		return -ENOENT;
	return 0;
}

/*
 * From Linux 6.13 on (and in later releases of 6.12) other events of the group
 * pause and resume a trace: the buffer stays, the stepping stops.
 */
#ifdef PERF_PMU_CAP_AUX_PAUSE
#define SIM_CAP_AUX_PAUSE PERF_PMU_CAP_AUX_PAUSE
#define SIM_EF_PAUSE PERF_EF_PAUSE
#define SIM_EF_RESUME PERF_EF_RESUME
static bool is_paused(struct perf_event *event)
{
	return event->hw.aux_paused;
}
#else
#define SIM_CAP_AUX_PAUSE 0
#define SIM_EF_PAUSE 0
#define SIM_EF_RESUME 0
static bool is_paused(struct perf_event *event)
{
	return false;
}
#endif

/* The first start of an event resets the packet generator; no other does. */
static void start_stepping(struct sim_unit *unit)
{
	struct perf_event *event = unit->event;
	bool first = !(event->attach_state & PERF_ATTACH_ITRACE);

	if (event->pmu == &pt_pmu) {
		perf_event_addr_filters_sync(event);
		if (first)
			pt_first_start(unit);
		else
			pt_start(unit);
	}
	step_start(unit);
}

static void start_source(struct sim_unit *unit)
{
	if (sim_canned)
		canned_start(unit);
	else
		start_stepping(unit);
	unit->event->attach_state |= PERF_ATTACH_ITRACE;
}

static void stop_source(struct sim_unit *unit)
{
	if (sim_canned)
		canned_stop(unit);
	else
		step_stop(unit);
}

static void sim_start(struct perf_event *event, int flags)
{
	struct sim_unit *unit = unit_of(event->pmu);

	if (flags & SIM_EF_RESUME) {
		if (unit->event == event && unit_is_live(unit))
			start_source(unit);
		return;
	}
	unit->event = event;
	if (!aux_begin(unit)) {
		event->hw.state = PERF_HES_STOPPED;
		return;
	}
	event->hw.state = 0;
	unit->running = true;
	if (!is_paused(event))
		start_source(unit);
}

static void sim_stop(struct perf_event *event, int flags)
{
	struct sim_unit *unit = unit_of(event->pmu);

	if (!unit->running)
		return;
	if (flags & SIM_EF_PAUSE) {
		if (unit->event == event && unit_is_live(unit))
			stop_source(unit);
		return;
	}
	if (!is_paused(event))
		stop_source(unit);
	unit->running = false;
	/* For overrun_ovf */
	event->hw.idx = event->hw.state == PERF_HES_STOPPED;
	if (event->hw.state == PERF_HES_STOPPED)
		return;
	event->hw.state = PERF_HES_STOPPED;
	if (flags & PERF_EF_UPDATE)
		aux_end(unit);
}

static int sim_add(struct perf_event *event, int flags)
{
	struct sim_unit *unit = unit_of(event->pmu);

	if (unit->event)
		return -EBUSY;
	if (!(flags & PERF_EF_START)) {
		event->hw.state = PERF_HES_STOPPED;
		return 0;
	}
	sim_start(event, 0);
	if (event->hw.state == PERF_HES_STOPPED) {
		unit->event = NULL;
		return -EINVAL;
	}
	return 0;
}

static void sim_del(struct perf_event *event, int flags)
{
	sim_stop(event, PERF_EF_UPDATE);
	unit_of(event->pmu)->event = NULL;
}

static void sim_read(struct perf_event *event)
{
}

/* pt_event_addr_filters_validate(): ranges only, no single addresses */
static int pt_filters_validate(struct list_head *filters)
{
	struct perf_addr_filter *filter;
	int count = 0;

	list_for_each_entry(filter, filters, entry) {
		if (!filter->size ||
		    filter->action == PERF_ADDR_FILTER_ACTION_START)
			return -EOPNOTSUPP;
		if (++count > SIM_ADDRESS_RANGES)
			return -EOPNOTSUPP;
	}
	return 0;
}

/* Called when a start finds new filters, or new addresses for them */
static void pt_filters_sync(struct perf_event *event)
{
	struct perf_addr_filters_head *head = perf_event_addr_filters(event);
	struct pt_filters *filters = event->hw.addr_filters;
	struct perf_addr_filter *filter;
	int i = 0;

	list_for_each_entry(filter, &head->list, entry) {
		filters->filter[i].start = event->addr_filter_ranges[i].start;
		filters->filter[i].size = event->addr_filter_ranges[i].size;
		filters->filter[i].stop =
			filter->action == PERF_ADDR_FILTER_ACTION_STOP;
		i++;
	}
	filters->count = i;
}

#define SIM_PMU_CALLBACKS				\
	.module		= THIS_MODULE,			\
	.task_ctx_nr	= perf_sw_context,		\
	.add		= sim_add,			\
	.del		= sim_del,			\
	.start		= sim_start,			\
	.stop		= sim_stop,			\
	.read		= sim_read,			\
	.setup_aux	= aux_setup,			\
	.free_aux	= aux_free

struct pmu pt_pmu = {
	SIM_PMU_CALLBACKS,
	.capabilities	= PERF_PMU_CAP_EXCLUSIVE | PERF_PMU_CAP_ITRACE |
			  SIM_CAP_AUX_PAUSE,
	.attr_groups	= pt_attr_groups,
	.event_init	= pt_event_init,
	.nr_addr_filters = SIM_ADDRESS_RANGES,
	.addr_filters_validate = pt_filters_validate,
	.addr_filters_sync = pt_filters_sync,
};

struct pmu bts_pmu = {
	SIM_PMU_CALLBACKS,
	.capabilities	= PERF_PMU_CAP_AUX_NO_SG | PERF_PMU_CAP_ITRACE |
			  PERF_PMU_CAP_EXCLUSIVE,
	.event_init	= bts_event_init,
};

static void init_units(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		canned_init_unit(per_cpu_ptr(&pt_units, cpu));
		canned_init_unit(per_cpu_ptr(&bts_units, cpu));
		step_init_unit(per_cpu_ptr(&pt_units, cpu));
		step_init_unit(per_cpu_ptr(&bts_units, cpu));
	}
}

static int register_pmus(void)
{
	int ret = perf_pmu_register(&pt_pmu, "intel_pt", -1);

	if (ret)
		return ret;
	ret = perf_pmu_register(&bts_pmu, "intel_bts", -1);
	if (ret)
		perf_pmu_unregister(&pt_pmu);
	return ret;
}

static int __init ptsim_init(void)
{
	int ret;

	sim_canned = !strcmp(mode, "canned");
	if (!sim_canned && strcmp(mode, "step"))
		return -EINVAL;
	if (sim_canned) {
		ret = canned_load(canned);
		if (ret)
			return ret;
	}
	init_units();
	ret = sim_canned ? 0 : step_register();
	if (!ret)
		ret = register_pmus();
	return ret;
}

/* Events hold a reference: when this runs there are none. */
static void __exit ptsim_exit(void)
{
	perf_pmu_unregister(&bts_pmu);
	perf_pmu_unregister(&pt_pmu);
	if (sim_canned)
		canned_unload();
	else
		step_unregister();
}

module_init(ptsim_init);
module_exit(ptsim_exit);
MODULE_DESCRIPTION("Simulated Intel PT and BTS for testing capture programs");
MODULE_LICENSE("GPL");
