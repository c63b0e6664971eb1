# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
"""Which enums the binding has and since which kernel each constant exists.

Values come from the kernel's headers (see regenerate); what is newer than
those stands in NEWER, with its value, and nothing else does.
"""

# Linux whose headers were read, and the newest whose constants are here.
HEADERS_VERSION = "6.12"
NEWEST_VERSION = "7.0"

# Constants newer than HEADERS_VERSION.
NEWER = {
    "PERF_RECORD_CALLCHAIN_DEFERRED": 22,  # 6.19
    "PERF_CONTEXT_USER_DEFERRED": -640,  # 6.19
    "PERF_ATTR_SIZE_VER9": 144,  # 6.19: config4
    # 7.0: off-module response
    "PERF_MEM_LVLNUM_L0": 7,
    "PERF_MEM_REGION_NA": 0,
    "PERF_MEM_REGION_RSVD": 1,
    "PERF_MEM_REGION_L_SHARE": 2,
    "PERF_MEM_REGION_L_NON_SHARE": 3,
    "PERF_MEM_REGION_O_IO": 4,
    "PERF_MEM_REGION_O_SHARE": 5,
    "PERF_MEM_REGION_O_NON_SHARE": 6,
    "PERF_MEM_REGION_MMIO": 7,
    **{f"PERF_MEM_REGION_MEM{i}": 8 + i for i in range(8)},
}


class Enum:
    """One scoped enum: every constant that starts with `prefix`."""

    def __init__(self, name, prefix, doc, *, type="uint32_t", flags=False,
                 since="2.6.31", at={}, only=None, drop=()):
        self.name, self.prefix, self.doc = name, prefix, doc
        self.type, self.flags = type, flags
        self.since, self.at = since, at
        self.only, self.drop = only, set(drop)

    def takes(self, constant):
        suffix = constant[len(self.prefix):]
        if not constant.startswith(self.prefix) or suffix in self.drop:
            return False
        if self.only is not None:
            return suffix in self.only
        return not (suffix.endswith(("MAX", "SHIFT", "MASK")))


def since(version, *names):
    return dict.fromkeys(names, version)


ATTR = [
    Enum("TypeId", "PERF_TYPE_", "perf_event_attr::type; sysfs adds more.",
         at=since("2.6.33", "BREAKPOINT")),
    Enum("HardwareEvent", "PERF_COUNT_HW_", "config of kHardware.",
         type="uint64_t", only={
             "CPU_CYCLES", "INSTRUCTIONS", "CACHE_REFERENCES", "CACHE_MISSES",
             "BRANCH_INSTRUCTIONS", "BRANCH_MISSES", "BUS_CYCLES",
             "STALLED_CYCLES_FRONTEND", "STALLED_CYCLES_BACKEND",
             "REF_CPU_CYCLES"},
         at={**since("3.0", "STALLED_CYCLES_FRONTEND",
                     "STALLED_CYCLES_BACKEND"),
             **since("3.3", "REF_CPU_CYCLES")}),
    Enum("CacheId", "PERF_COUNT_HW_CACHE_", "Byte 0 of config of kHwCache.",
         only={"L1D", "L1I", "LL", "DTLB", "ITLB", "BPU", "NODE"},
         at=since("3.1", "NODE")),
    Enum("CacheOp", "PERF_COUNT_HW_CACHE_OP_", "Byte 1."),
    Enum("CacheResult", "PERF_COUNT_HW_CACHE_RESULT_", "Byte 2."),
    Enum("SoftwareEvent", "PERF_COUNT_SW_", "config of kSoftware.",
         type="uint64_t",
         at={**since("2.6.33", "ALIGNMENT_FAULTS", "EMULATION_FAULTS"),
             **since("3.12", "DUMMY"), **since("4.4", "BPF_OUTPUT"),
             **since("5.13", "CGROUP_SWITCHES")}),
    Enum("SampleType", "PERF_SAMPLE_",
         "perf_event_attr::sample_type: the fields of a sample.",
         type="uint64_t", flags=True, only={
             "IP", "TID", "TIME", "ADDR", "READ", "CALLCHAIN", "ID", "CPU",
             "PERIOD", "STREAM_ID", "RAW", "BRANCH_STACK", "REGS_USER",
             "STACK_USER", "WEIGHT", "DATA_SRC", "IDENTIFIER", "TRANSACTION",
             "REGS_INTR", "PHYS_ADDR", "AUX", "CGROUP", "DATA_PAGE_SIZE",
             "CODE_PAGE_SIZE", "WEIGHT_STRUCT"},
         at={**since("3.4", "BRANCH_STACK"),
             **since("3.7", "REGS_USER", "STACK_USER"),
             **since("3.10", "WEIGHT", "DATA_SRC"),
             **since("3.12", "IDENTIFIER"), **since("3.13", "TRANSACTION"),
             **since("3.19", "REGS_INTR"), **since("4.14", "PHYS_ADDR"),
             **since("5.5", "AUX"), **since("5.7", "CGROUP"),
             **since("5.11", "DATA_PAGE_SIZE", "CODE_PAGE_SIZE"),
             **since("5.12", "WEIGHT_STRUCT")}),
    Enum("ReadFormat", "PERF_FORMAT_",
         "perf_event_attr::read_format: what read(2) returns.",
         type="uint64_t", flags=True, at=since("6.0", "LOST")),
    Enum("BranchSampleType", "PERF_SAMPLE_BRANCH_",
         "perf_event_attr::branch_sample_type.", type="uint64_t", flags=True,
         since="3.4", only={
             "USER", "KERNEL", "HV", "ANY", "ANY_CALL", "ANY_RETURN",
             "IND_CALL", "ABORT_TX", "IN_TX", "NO_TX", "COND", "CALL_STACK",
             "IND_JUMP", "CALL", "NO_FLAGS", "NO_CYCLES", "TYPE_SAVE",
             "HW_INDEX", "PRIV_SAVE", "COUNTERS"},
         at={**since("3.11", "ABORT_TX", "IN_TX", "NO_TX"),
             **since("3.16", "COND"), **since("4.1", "CALL_STACK"),
             **since("4.2", "IND_JUMP"), **since("4.4", "CALL"),
             **since("4.5", "NO_FLAGS", "NO_CYCLES"),
             **since("4.14", "TYPE_SAVE"), **since("5.7", "HW_INDEX"),
             **since("6.1", "PRIV_SAVE"), **since("6.8", "COUNTERS")}),
    Enum("OpenFlag", "PERF_FLAG_", "The last argument of perf_event_open.",
         type="unsigned long", flags=True, since="2.6.32",
         at={**since("2.6.39", "PID_CGROUP"),
             **since("3.14", "FD_CLOEXEC")}),
    Enum("IoctlFlag", "PERF_IOC_FLAG_", "The argument of ENABLE, DISABLE, "
         "RESET and REFRESH.", flags=True),
    Enum("BreakpointLength", "HW_BREAKPOINT_LEN_",
         "perf_event_attr::bp_len; executions take sizeof(long).",
         type="uint64_t", since="2.6.33",
         at=since("4.10", "3", "5", "6", "7")),
    Enum("BreakpointType", "HW_BREAKPOINT_", "perf_event_attr::bp_type.",
         flags=True, since="2.6.33", only={"EMPTY", "R", "W", "RW", "X"}),
]

RECORD = [
    Enum("RecordType", "PERF_RECORD_", "perf_event_header::type.", only={
        "MMAP", "LOST", "COMM", "EXIT", "THROTTLE", "UNTHROTTLE", "FORK",
        "READ", "SAMPLE", "MMAP2", "AUX", "ITRACE_START", "LOST_SAMPLES",
        "SWITCH", "SWITCH_CPU_WIDE", "NAMESPACES", "KSYMBOL", "BPF_EVENT",
        "CGROUP", "TEXT_POKE", "AUX_OUTPUT_HW_ID", "CALLCHAIN_DEFERRED"},
         at={**since("3.16", "MMAP2"), **since("4.1", "AUX", "ITRACE_START"),
             **since("4.2", "LOST_SAMPLES"),
             **since("4.3", "SWITCH", "SWITCH_CPU_WIDE"),
             **since("4.12", "NAMESPACES"),
             **since("5.1", "KSYMBOL", "BPF_EVENT"),
             **since("5.7", "CGROUP"), **since("5.9", "TEXT_POKE"),
             **since("5.16", "AUX_OUTPUT_HW_ID"),
             **since("6.19", "CALLCHAIN_DEFERRED")}),
    Enum("CpuMode", "PERF_RECORD_MISC_",
         "The low three bits of perf_event_header::misc.", type="uint16_t",
         only={"CPUMODE_UNKNOWN", "KERNEL", "USER", "HYPERVISOR",
               "GUEST_KERNEL", "GUEST_USER"},
         at=since("2.6.35", "GUEST_KERNEL", "GUEST_USER")),
    Enum("RecordMisc", "PERF_RECORD_MISC_",
         "The other bits of perf_event_header::misc; several kinds of record "
         "share bits 13 and 14.", type="uint16_t", flags=True,
         drop={"CPUMODE_UNKNOWN", "KERNEL", "USER", "HYPERVISOR",
               "GUEST_KERNEL", "GUEST_USER"},
         at={**since("3.10", "MMAP_DATA"), **since("3.16", "COMM_EXEC"),
             **since("4.2", "PROC_MAP_PARSE_TIMEOUT"),
             **since("4.3", "SWITCH_OUT"),
             **since("4.17", "SWITCH_OUT_PREEMPT"),
             **since("5.2", "FORK_EXEC"), **since("5.12", "MMAP_BUILD_ID"),
             **since("2.6.35", "EXACT_IP"),
             **since("2.6.35", "EXT_RESERVED")}),
    Enum("AuxFlag", "PERF_AUX_FLAG_", "The flags of PERF_RECORD_AUX.",
         type="uint64_t", flags=True, since="4.1",
         only={"TRUNCATED", "OVERWRITE", "PARTIAL", "COLLISION",
               "PMU_FORMAT_TYPE_MASK", "CORESIGHT_FORMAT_CORESIGHT",
               "CORESIGHT_FORMAT_RAW"},
         at={**since("4.12", "PARTIAL"), **since("4.15", "COLLISION"),
             **since("5.13", "PMU_FORMAT_TYPE_MASK",
                     "CORESIGHT_FORMAT_CORESIGHT", "CORESIGHT_FORMAT_RAW")}),
    Enum("KsymbolType", "PERF_RECORD_KSYMBOL_TYPE_",
         "What the symbol of PERF_RECORD_KSYMBOL is.", type="uint16_t",
         since="5.1", at=since("5.9", "OOL")),
    Enum("KsymbolFlag", "PERF_RECORD_KSYMBOL_FLAGS_", "Its flags.",
         type="uint16_t", flags=True, since="5.1"),
    Enum("BpfEventType", "PERF_BPF_EVENT_", "PERF_RECORD_BPF_EVENT's type.",
         type="uint16_t", since="5.1"),
    Enum("CallchainContext", "PERF_CONTEXT_",
         "Entries of a call chain that say what follows.", type="uint64_t",
         since="2.6.31", only={
             "HV", "KERNEL", "USER", "USER_DEFERRED", "GUEST",
             "GUEST_KERNEL", "GUEST_USER", "MAX"},
         at={**since("2.6.35", "GUEST", "GUEST_KERNEL", "GUEST_USER"),
             **since("6.19", "USER_DEFERRED")}),
    Enum("RegsAbi", "PERF_SAMPLE_REGS_ABI_",
         "First word of the registers of a sample.", type="uint64_t",
         since="3.7"),
    Enum("Transaction", "PERF_TXN_",
         "PERF_SAMPLE_TRANSACTION; the abort code is in bits 32 to 63.",
         type="uint64_t", flags=True, since="3.13", drop={"ABORT_MASK"}),
    Enum("BranchType", "PERF_BR_", "perf_branch_entry::type.",
         since="4.14", only={
             "UNKNOWN", "COND", "UNCOND", "IND", "CALL", "IND_CALL", "RET",
             "SYSCALL", "SYSRET", "COND_CALL", "COND_RET", "ERET", "IRQ",
             "SERROR", "NO_TX", "EXTEND_ABI"},
         at={**since("5.18", "ERET", "IRQ"),
             **since("6.1", "SERROR", "NO_TX", "EXTEND_ABI")}),
    Enum("BranchSpec", "PERF_BR_", "perf_branch_entry::spec.", since="6.1",
         only={"SPEC_NA", "SPEC_WRONG_PATH", "NON_SPEC_CORRECT_PATH",
               "SPEC_CORRECT_PATH"}),
    Enum("BranchNewType", "PERF_BR_NEW_",
         "perf_branch_entry::new_type, where type is kExtendAbi.",
         since="6.1"),
    Enum("BranchPriv", "PERF_BR_PRIV_", "perf_branch_entry::priv.",
         since="6.1"),
]

MEM = [
    Enum("MemOp", "PERF_MEM_OP_", "perf_mem_data_src::mem_op.",
         type="uint64_t", flags=True, since="3.10"),
    Enum("MemLevel", "PERF_MEM_LVL_",
         "perf_mem_data_src::mem_lvl; older than mem_lvl_num.",
         type="uint64_t", flags=True, since="3.10"),
    Enum("MemSnoop", "PERF_MEM_SNOOP_", "perf_mem_data_src::mem_snoop.",
         type="uint64_t", flags=True, since="3.10"),
    Enum("MemLock", "PERF_MEM_LOCK_", "perf_mem_data_src::mem_lock.",
         type="uint64_t", flags=True, since="3.10"),
    Enum("MemTlb", "PERF_MEM_TLB_", "perf_mem_data_src::mem_dtlb.",
         type="uint64_t", flags=True, since="3.10"),
    Enum("MemLevelNum", "PERF_MEM_LVLNUM_",
         "perf_mem_data_src::mem_lvl_num.", type="uint64_t", since="4.14",
         at={**since("6.1", "CXL", "IO"), **since("6.6", "UNC"),
             **since("6.11", "L2_MHB", "MSC"), **since("7.0", "L0")}),
    Enum("MemRemote", "PERF_MEM_REMOTE_", "perf_mem_data_src::mem_remote.",
         type="uint64_t", flags=True, since="4.14"),
    Enum("MemSnoopX", "PERF_MEM_SNOOPX_", "perf_mem_data_src::mem_snoopx.",
         type="uint64_t", flags=True, since="4.14", at=since("6.1", "PEER")),
    Enum("MemBlock", "PERF_MEM_BLK_", "perf_mem_data_src::mem_blk.",
         type="uint64_t", flags=True, since="5.12"),
    Enum("MemHops", "PERF_MEM_HOPS_", "perf_mem_data_src::mem_hops.",
         type="uint64_t", since="5.16", at=since("5.17", "1", "2", "3")),
    Enum("MemRegion", "PERF_MEM_REGION_", "perf_mem_data_src::mem_region.",
         type="uint64_t", since="7.0"),
]

# File, its first comment, its enums.
FILES = [
    ("attr_constants.h", "Constants that go into perf_event_attr.", ATTR),
    ("record_constants.h", "Constants of the records that the kernel writes.",
     RECORD),
    ("mem_constants.h", "Constants of perf_mem_data_src.", MEM),
]

# Architectures whose PERF_REG_* are taken: C++ enum, asm/ folder, prefix.
REGISTERS = [
    ("X86Register", "x86", "PERF_REG_X86_"),
    ("Arm64Register", "arm64", "PERF_REG_ARM64_"),
    ("ArmRegister", "arm", "PERF_REG_ARM_"),
    ("RiscvRegister", "riscv", "PERF_REG_RISCV_"),
    ("PowerpcRegister", "powerpc", "PERF_REG_POWERPC_"),
    ("S390Register", "s390", "PERF_REG_S390_"),
    ("LoongarchRegister", "loongarch", "PERF_REG_LOONGARCH_"),
    ("MipsRegister", "mips", "PERF_REG_MIPS_"),
]
