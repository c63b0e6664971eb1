// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <gtest/gtest.h>

#include <set>

#include "bindings/abi/attr_fields.h"
#include "bindings/abi/ioctls.h"
#include "bindings/abi/mem_constants.h"
#include "bindings/abi/record_constants.h"
#include "bindings/abi/register_constants.h"

namespace ptcap::abi {
namespace {

template <typename E>
class EnumTable : public testing::Test {};
using AllEnums = testing::Types<
    TypeId, HardwareEvent, CacheId, CacheOp, CacheResult, SoftwareEvent,
    SampleType, ReadFormat, BranchSampleType, OpenFlag, IoctlFlag,
    BreakpointLength, BreakpointType, RecordType, CpuMode, RecordMisc, AuxFlag,
    KsymbolType, KsymbolFlag, BpfEventType, CallchainContext, RegsAbi,
    Transaction, BranchType, BranchSpec, BranchNewType, BranchPriv, MemOp,
    MemLevel, MemSnoop, MemLock, MemTlb, MemLevelNum, MemRemote, MemSnoopX,
    MemBlock, MemHops, MemRegion, Ioctl, X86Register, Arm64Register,
    ArmRegister, RiscvRegister, PowerpcRegister, S390Register,
    LoongarchRegister, MipsRegister>;
TYPED_TEST_SUITE(EnumTable, AllEnums);

TYPED_TEST(EnumTable, NamesAreReadBack) {
  std::set<std::string_view> names;
  for (const auto& entry : entries<TypeParam>()) {
    EXPECT_EQ(parse<TypeParam>(entry.name), entry.value) << entry.name;
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_GE(entry.since, (KernelVersion{2, 6, 31})) << entry.name;
    EXPECT_LE(entry.since, (KernelVersion{7, 0, 0})) << entry.name;
  }
  EXPECT_FALSE(names.empty());
  EXPECT_EQ(parse<TypeParam>("nonsense"), std::nullopt);
}

TEST(Names, AreTheKernels) {
  EXPECT_EQ(name(SoftwareEvent::kPageFaults), "PERF_COUNT_SW_PAGE_FAULTS");
  EXPECT_EQ(name(static_cast<SoftwareEvent>(99)), "");
  EXPECT_EQ(since(SampleType::kCgroup), (KernelVersion{5, 7, 0}));
  EXPECT_EQ(since(static_cast<SampleType>(3)), std::nullopt);
  EXPECT_EQ(to_string(*since(TypeId::kHardware)), "2.6.31");
  EXPECT_EQ(to_string(*since(RecordType::kCallchainDeferred)), "6.19");
}

TEST(Names, AreParsedWithoutPrefixAndCase) {
  EXPECT_EQ(parse<SoftwareEvent>("page-faults"), SoftwareEvent::kPageFaults);
  EXPECT_EQ(parse<SampleType>("Callchain"), SampleType::kCallchain);
  EXPECT_EQ(parse<X86Register>("ip"), X86Register::kIp);
  EXPECT_EQ(parse<SampleType>(""), std::nullopt);
}

TEST(Flags, AreNamedTogether) {
  uint64_t set = bits(SampleType::kIp | SampleType::kTid) | uint64_t{1} << 63;
  EXPECT_EQ(flag_names<SampleType>(set),
            "PERF_SAMPLE_IP|PERF_SAMPLE_TID|0x8000000000000000");
  EXPECT_EQ(flag_names<SampleType>(0), "0");
}

TEST(RequiredSize, GrowsWithTheLastFieldThatIsSet) {
  perf_event_attr attr = {};
  EXPECT_EQ(required_size(attr), 64u);
  attr.size = 144;  // not a field that counts
  attr.inherit_thread = 1;
  attr.config1 = 1;
  EXPECT_EQ(required_size(attr), 64u);
  attr.config2 = 1;
  EXPECT_EQ(required_size(attr), 72u);
  attr.branch_sample_type = 1;
  EXPECT_EQ(required_size(attr), 80u);
  attr.clockid = 1;
  EXPECT_EQ(required_size(attr), 96u);
  attr.sample_regs_intr = 1;
  EXPECT_EQ(required_size(attr), 104u);
  attr.sample_max_stack = 1;
  EXPECT_EQ(required_size(attr), 112u);
  attr.aux_pause = 1;
  EXPECT_EQ(required_size(attr), 120u);
  attr.sig_data = uint64_t{1} << 63;
  EXPECT_EQ(required_size(attr), 128u);
  attr.config3 = 1;
  EXPECT_EQ(required_size(attr), 136u);
  attr.config4 = 1;
  EXPECT_EQ(required_size(attr), 144u);
}

TEST(AttrFields, EachIsSetAndClearedAlone) {
  perf_event_attr attr = {};
  attr.aux_resume = 1;
  attr.precise_ip = 3;
  attr.clockid = -1;
  int found = 0;
  for (const AttrField& field : kAttrFields) {
    if (!field.get(attr)) continue;
    ++found;
    field.clear(attr);
    EXPECT_EQ(field.get(attr), 0u) << field.name;
  }
  EXPECT_EQ(found, 3);
  EXPECT_EQ(required_size(attr), 64u);
}

TEST(AttrFields, VersionIsThatOfTheNewestRequest) {
  perf_event_attr attr = {};
  EXPECT_EQ(required_version(attr), (KernelVersion{2, 6, 31}));
  attr.sample_type = bits(SampleType::kCgroup);
  EXPECT_EQ(required_version(attr), (KernelVersion{5, 7, 0}));
  attr.aux_pause = 1;
  EXPECT_EQ(required_version(attr), (KernelVersion{6, 13, 0}));
  attr.defer_callchain = 1;
  EXPECT_EQ(required_version(attr), (KernelVersion{6, 19, 0}));
}

}  // namespace
}  // namespace ptcap::abi
