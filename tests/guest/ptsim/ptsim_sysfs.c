// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/bus/event_source/devices/intel_pt: format, caps and timing, with the
 * names, number formats and places of the real driver. (nr_addr_filters is the
 * perf core's.)
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "ptsim.h"

PMU_FORMAT_ATTR(pt,		"config:0");
PMU_FORMAT_ATTR(cyc,		"config:1");
PMU_FORMAT_ATTR(pwr_evt,	"config:4");
PMU_FORMAT_ATTR(fup_on_ptw,	"config:5");
PMU_FORMAT_ATTR(mtc,		"config:9");
PMU_FORMAT_ATTR(tsc,		"config:10");
PMU_FORMAT_ATTR(noretcomp,	"config:11");
PMU_FORMAT_ATTR(ptw,		"config:12");
PMU_FORMAT_ATTR(branch,		"config:13");
PMU_FORMAT_ATTR(mtc_period,	"config:14-17");
PMU_FORMAT_ATTR(cyc_thresh,	"config:19-22");
PMU_FORMAT_ATTR(psb_period,	"config:24-27");

static struct attribute *format_attrs[] = {
	&format_attr_pt.attr,		&format_attr_cyc.attr,
	&format_attr_pwr_evt.attr,	&format_attr_fup_on_ptw.attr,
	&format_attr_mtc.attr,		&format_attr_tsc.attr,
	&format_attr_noretcomp.attr,	&format_attr_ptw.attr,
	&format_attr_branch.attr,	&format_attr_mtc_period.attr,
	&format_attr_cyc_thresh.attr,	&format_attr_psb_period.attr,
	NULL,
};

static const struct attribute_group format_group = {
	.name = "format",
	.attrs = format_attrs,
};

static ssize_t cap_show(struct device *dev, struct device_attribute *attr,
			char *page)
{
	struct dev_ext_attribute *cap =
		container_of(attr, struct dev_ext_attribute, attr);

	return sysfs_emit(page, "%x\n", (unsigned int)(unsigned long)cap->var);
}

#define CAP(_name, _value)						\
	static struct dev_ext_attribute cap_##_name = {			\
		.attr = __ATTR(_name, 0444, cap_show, NULL),		\
		.var = (void *)(unsigned long)(_value),			\
	}

CAP(max_subleaf, 1);
CAP(cr3_filtering, 1);
CAP(psb_cyc, 1);
CAP(ip_filtering, 1);
CAP(mtc, 1);
CAP(ptwrite, 0);
CAP(power_event_trace, 0);
CAP(event_trace, 0);
CAP(tnt_disable, 0);
CAP(topa_output, 1);
CAP(topa_multiple_entries, 1);
CAP(single_range_output, 1);
CAP(output_subsys, 0);
CAP(payloads_lip, 0);
CAP(num_address_ranges, SIM_ADDRESS_RANGES);
CAP(mtc_periods, SIM_MTC_PERIODS);
CAP(cycle_thresholds, SIM_CYCLE_THRESHOLDS);
CAP(psb_periods, SIM_PSB_PERIODS);

static struct attribute *cap_attrs[] = {
	&cap_max_subleaf.attr.attr,	&cap_cr3_filtering.attr.attr,
	&cap_psb_cyc.attr.attr,		&cap_ip_filtering.attr.attr,
	&cap_mtc.attr.attr,		&cap_ptwrite.attr.attr,
	&cap_power_event_trace.attr.attr, &cap_event_trace.attr.attr,
	&cap_tnt_disable.attr.attr,	&cap_topa_output.attr.attr,
	&cap_topa_multiple_entries.attr.attr,
	&cap_single_range_output.attr.attr,
	&cap_output_subsys.attr.attr,	&cap_payloads_lip.attr.attr,
	&cap_num_address_ranges.attr.attr, &cap_mtc_periods.attr.attr,
	&cap_cycle_thresholds.attr.attr, &cap_psb_periods.attr.attr,
	NULL,
};

static const struct attribute_group cap_group = {
	.name = "caps",
	.attrs = cap_attrs,
};

static ssize_t max_nonturbo_ratio_show(struct device *dev,
				       struct device_attribute *attr,
				       char *page)
{
	return sysfs_emit(page, "%u\n", SIM_NONTURBO_RATIO);
}
static DEVICE_ATTR_RO(max_nonturbo_ratio);

static ssize_t tsc_art_ratio_show(struct device *dev,
				  struct device_attribute *attr, char *page)
{
	return sysfs_emit(page, "%u:%u\n", SIM_ART_NUM, SIM_ART_DEN);
}
static DEVICE_ATTR_RO(tsc_art_ratio);

static struct attribute *timing_attrs[] = {
	&dev_attr_max_nonturbo_ratio.attr,
	&dev_attr_tsc_art_ratio.attr,
	NULL,
};

static const struct attribute_group timing_group = {
	.attrs = timing_attrs,
};

const struct attribute_group *pt_attr_groups[] = {
	&cap_group,
	&format_group,
	&timing_group,
	NULL,
};
