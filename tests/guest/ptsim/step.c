// SPDX-License-Identifier: GPL-2.0
/*
 * Mode "step": user code runs with EFLAGS.TF, so that each instruction traps.
 *
 * Two hooks suffice. At every return to user mode, whatever the kernel was
 * entered for, the user-return notifier sees where the program goes on; it
 * sets TF. The debug trap after the instruction sees what came of it. A return
 * to another place than expected, without a trap in between, is a system
 * call, a signal or the like. Two tracepoints tell of other programs on this
 * CPU.
 *
 * TF leaks into user memory (PUSHF, signal frames, forked children) and comes
 * back when the event is long gone: a trap that nobody wants is dropped here,
 * unless a debugger steps the task.
 */
#include <linux/binfmts.h>
#include <linux/kdebug.h>
#include <linux/sched/task_stack.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/uprobes.h>
#include <asm/debugreg.h>
#include <asm/ptrace.h>

#include "ptsim.h"

static struct tracepoint *switch_point, *exec_point;

static bool is_pt(struct sim_unit *unit)
{
	return unit->event->pmu == &pt_pmu;
}

/* Memory that is not there right now cannot be read here: size says how much */
static void read_insn(struct sim_insn *insn, struct pt_regs *regs)
{
	unsigned long in_page = PAGE_SIZE - (regs->ip & (PAGE_SIZE - 1));
	void __user *from = (void __user *)regs->ip;

	insn->ip = regs->ip;
	insn->mode64 = user_64bit_mode(regs);
	insn->size = sizeof(insn->bytes);
	pagefault_disable();
	if (__copy_from_user_inatomic(insn->bytes, from, insn->size)) {
		insn->size = min_t(unsigned long, in_page, insn->size);
		if (__copy_from_user_inatomic(insn->bytes, from, insn->size))
			insn->size = 0;
	}
	pagefault_enable();
}

static void set_single_step(struct pt_regs *regs, bool on)
{
	if (on)
		regs->flags |= X86_EFLAGS_TF;
	else
		regs->flags &= ~X86_EFLAGS_TF;
}

static void leave(struct sim_unit *unit, bool executed)
{
	if (unit->task && is_pt(unit))
		pt_leave(unit, executed);
	unit->task = NULL;
	unit->armed = false;
}

/*
 * Control left unit->insn without a trap, and user code is to go on at regs.
 * Only an instruction that enters the kernel can have been executed then. (A
 * restarted system call goes back to itself: as if it had not run yet.)
 */
static void leave_for(struct sim_unit *unit, struct pt_regs *regs)
{
	bool executed = unit->armed && regs->ip != unit->insn.ip &&
			insn_classify(&unit->insn).class == INSN_FAR;

	leave(unit, executed);
}

static bool goes_on(struct sim_unit *unit, struct pt_regs *regs)
{
	if (unit->task != current || regs->ip != unit->insn.ip)
		return false;
	return !unit->armed || !sim_interrupts;
}

static void on_user_return(struct user_return_notifier *notifier)
{
	struct sim_unit *unit =
		container_of(notifier, struct sim_unit, user_return);
	struct pt_regs *regs = task_pt_regs(current);

	if (!unit_is_live(unit))
		return;
	if (!goes_on(unit, regs))
		leave_for(unit, regs);
	read_insn(&unit->insn, regs);
	unit->task = current;
	unit->armed = true;
	if (is_pt(unit))
		pt_enter(unit);
	set_single_step(regs, true);
}

static void trapped(struct sim_unit *unit, struct pt_regs *regs)
{
	if (!unit_is_live(unit) || !unit->armed || unit->task != current)
		return;
	atomic64_inc(&stat_steps);
	unit->armed = false;
	if (!unit->insn.size)
		read_insn(&unit->insn, &(struct pt_regs){
				.ip = unit->insn.ip, .cs = regs->cs });
	if (is_pt(unit))
		pt_step(unit, regs->ip);
	else
		bts_step(unit, regs->ip);
	unit->insn.ip = regs->ip;
}

static bool uprobe_is_stepping(void)
{
#ifdef CONFIG_UPROBES
	return current->utask && current->utask->active_uprobe;
#else
	return false;
#endif
}

/*
 * An int3 of a uprobe: with TF set, arch_uprobe_post_xol() would take the task
 * for one that a debugger steps, and send it a SIGTRAP.
 */
static void at_int3(struct sim_unit *unit, struct pt_regs *regs)
{
	if (unit_is_live(unit) && unit->armed && unit->task == current &&
	    !test_thread_flag(TIF_SINGLESTEP))
		set_single_step(regs, false);
}

static int on_die(struct notifier_block *block, unsigned long reason,
		  void *data)
{
	struct die_args *args = data;
	unsigned long *dr6 = (unsigned long *)args->err;

	if (reason == DIE_INT3 && user_mode(args->regs)) {
		at_int3(unit_of(&pt_pmu), args->regs);
		at_int3(unit_of(&bts_pmu), args->regs);
	}
	if (reason != DIE_DEBUG || !user_mode(args->regs) || !(*dr6 & DR_STEP))
		return NOTIFY_DONE;
	if (uprobe_is_stepping())
		return NOTIFY_DONE;
	trapped(unit_of(&pt_pmu), args->regs);
	trapped(unit_of(&bts_pmu), args->regs);
	if (test_thread_flag(TIF_SINGLESTEP))
		return NOTIFY_DONE;
	set_single_step(args->regs, false);
	*dr6 &= ~DR_STEP;
	/* Data breakpoints of the same instruction are for others. */
	return *dr6 & DR_TRAP_BITS ? NOTIFY_DONE : NOTIFY_STOP;
}

static struct notifier_block die_block = {
	.notifier_call = on_die,
	.priority = INT_MAX,
};

static void switched_from(struct sim_unit *unit)
{
	if (unit_is_live(unit) && unit->task == current)
		leave_for(unit, task_pt_regs(current));
}

static void on_switch(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int prev_state)
{
	unsigned long flags;

	local_irq_save(flags);
	switched_from(unit_of(&pt_pmu));
	switched_from(unit_of(&bts_pmu));
	local_irq_restore(flags);
}

/* The old program is gone by its system call; its memory is, too. */
static void executed_exec(struct sim_unit *unit)
{
	if (unit_is_live(unit) && unit->task == current)
		leave(unit, true);
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	unsigned long flags;

	local_irq_save(flags);
	executed_exec(unit_of(&pt_pmu));
	executed_exec(unit_of(&bts_pmu));
	local_irq_restore(flags);
}

static void find_tracepoint(struct tracepoint *point, void *data)
{
	if (!strcmp(point->name, "sched_switch"))
		switch_point = point;
	if (!strcmp(point->name, "sched_process_exec"))
		exec_point = point;
}

void step_init_unit(struct sim_unit *unit)
{
	unit->user_return.on_user_return = on_user_return;
}

int step_register(void)
{
	int ret;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	if (!switch_point || !exec_point)
		return -ENOENT;
	ret = tracepoint_probe_register(switch_point, on_switch, NULL);
	if (ret)
		return ret;
	ret = tracepoint_probe_register(exec_point, on_exec, NULL);
	if (ret) {
		tracepoint_probe_unregister(switch_point, on_switch, NULL);
		return ret;
	}
	return register_die_notifier(&die_block);
}

void step_unregister(void)
{
	tracepoint_probe_unregister(exec_point, on_exec, NULL);
	tracepoint_probe_unregister(switch_point, on_switch, NULL);
	tracepoint_synchronize_unregister();
	unregister_die_notifier(&die_block);
}

void step_start(struct sim_unit *unit)
{
	unit->task = NULL;
	unit->armed = false;
	user_return_notifier_register(&unit->user_return);
}

/* The unit is still live: what is pending belongs into the trace. */
void step_stop(struct sim_unit *unit)
{
	user_return_notifier_unregister(&unit->user_return);
	if (!(current->flags & PF_KTHREAD) && current->mm)
		set_single_step(task_pt_regs(current), false);
	if (!unit_is_live(unit) || !unit->task)
		return;
	if (unit->task == current)
		leave_for(unit, task_pt_regs(current));
	else
		leave(unit, false);
}
