// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/address_space.h"

#include <algorithm>

#include "capture/code_files.h"
#include "capture/proc_files.h"
#include "capture/tracee_memory.h"

namespace ptcap::capture {
namespace {

// About 17 MB each; a program that runs through more code reads it again.
constexpr size_t kMaxCachedPages = 4096;

CodeKind kind_of(pid_t tid, const Mapping& mapping, bool sees_all_threads) {
  if (mapping.writable || mapping.shared) return CodeKind::kWritable;
  if (mapping.name.starts_with("[v")) return CodeKind::kImage;  // vdso
  if (mapping.has_file() && !has_private_pages(tid, mapping)) {
    return CodeKind::kImage;
  }
  return sees_all_threads ? CodeKind::kGenerated : CodeKind::kWritable;
}

bool contains(const std::vector<AddressSpace::Region>& sorted,
              const Mapping& mapping) {
  const auto at =
      std::lower_bound(sorted.begin(), sorted.end(), mapping.begin,
                       [](const AddressSpace::Region& region, uint64_t begin) {
                         return region.mapping.begin < begin;
                       });
  return at != sorted.end() && at->mapping == mapping;
}

}  // namespace

std::shared_ptr<AddressSpace> AddressSpace::clone() const {
  auto copy = std::make_shared<AddressSpace>(options_);
  copy->regions_ = regions_;
  copy->pages_ = pages_;
  return copy;
}

const AddressSpace::Region* AddressSpace::find(uint64_t address) const {
  auto at = std::upper_bound(regions_.begin(), regions_.end(), address,
                             [](uint64_t wanted, const Region& region) {
                               return wanted < region.mapping.end;
                             });
  if (at == regions_.end() || address < at->mapping.begin) return nullptr;
  return &*at;
}

bool AddressSpace::has_code(uint64_t begin, uint64_t end) const {
  return std::any_of(
      regions_.begin(), regions_.end(), [=](const Region& region) {
        return region.mapping.begin < end && begin < region.mapping.end;
      });
}

void AddressSpace::refresh(pid_t tid, Recorder& recorder) {
  std::vector<Region> regions;
  bool changed = false;
  for (Mapping& mapping : read_mappings(tid)) {
    if (!mapping.executable || mapping.begin == kVsyscallPage) continue;
    const bool known = contains(regions_, mapping);
    Region region{std::move(mapping), CodeKind::kImage};
    if (known) {
      region.kind = find(region.mapping.begin)->kind;
    } else {
      announce(tid, region, recorder);
      changed = true;
    }
    regions.push_back(std::move(region));
  }
  if (!changed && regions.size() == regions_.size()) return;
  regions_.swap(regions);
  ++version_;
  drop_changed_pages(regions);
}

void AddressSpace::announce(pid_t tid, Region& region, Recorder& recorder) {
  const Mapping& mapping = region.mapping;
  region.kind = kind_of(tid, mapping, options_.sees_all_threads);
  const std::string path = path_of_mapped_file(tid, mapping);
  const uint64_t time_ns = recorder.now_ns();
  std::vector<uint8_t> vdso;
  if (mapping.name == "[vdso]") {
    vdso.resize(mapping.size());
    vdso.resize(read_memory(tid, mapping.begin, vdso));
  }
  for (pid_t pid : users_)
    recorder.mmap2(pid, pid, mapping, path, vdso, time_ns);
  // Streams record the pages of others as they run them; a mapping for the
  // whole process would take these from decoders again.
  if (region.kind != CodeKind::kImage) return;
  read_mapped_code(
      tid, mapping, path, [&](uint64_t address, formats::Bytes bytes) {
        for (pid_t pid : users_) {
          recorder.code(pid, address, bytes, mapping.name, time_ns);
        }
      });
}

// Keeps the pages of mappings that stand as they stood.
void AddressSpace::drop_changed_pages(const std::vector<Region>& old_regions) {
  last_page_ = ~0ull;
  const auto is_stale = [&](uint64_t page) {
    const Region* region = find(page);
    return region == nullptr || region->kind != CodeKind::kImage ||
           !contains(old_regions, region->mapping);
  };
  std::erase_if(pages_,
                [&](const auto& entry) { return is_stale(entry.first); });
  std::erase_if(snapshots_, [&](const auto& entry) {
    return find(entry.first) == nullptr;
  });
}

AddressSpace::CachedPage* AddressSpace::cached(pid_t tid, uint64_t page) {
  if (page == last_page_) return last_cached_;
  const auto known = pages_.find(page);
  CachedPage* result = known == pages_.end() ? nullptr : known->second.get();
  if (result == nullptr) {
    const Region* region = find(page);
    if (region == nullptr || region->kind == CodeKind::kWritable)
      return nullptr;
    if (pages_.size() >= kMaxCachedPages) pages_.clear();
    auto fresh = std::make_shared<CachedPage>();
    // An instruction may end on the next page, if that one is code as well
    // and cannot change either.
    const Region* next = find(page + kPageSize);
    const bool whole = next != nullptr && next->kind == region->kind;
    fresh->size = read_memory(
        tid, page,
        std::span(fresh->bytes).first(whole ? fresh->bytes.size() : kPageSize));
    fresh->recorded = region->kind == CodeKind::kImage;
    if (fresh->size == 0) return nullptr;
    result = fresh.get();
    pages_.emplace(page, std::move(fresh));
  }
  last_page_ = page;
  last_cached_ = result;
  return result;
}

void AddressSpace::fetch(pid_t tid, uint64_t ip, Fetched& out) {
  const uint64_t page = page_of(ip);
  const CachedPage* cache = cached(tid, page);
  const size_t at = ip - page;
  // At the end of a page that is not followed by its like, memory tells.
  if (cache != nullptr && (at + out.bytes.size() <= cache->size)) {
    std::copy_n(cache->bytes.begin() + static_cast<long>(at), out.bytes.size(),
                out.bytes.begin());
    out.size = out.bytes.size();
    out.recorded = cache->recorded;
    return;
  }
  out.size = read_memory(tid, ip, out.bytes);
  out.recorded = cache != nullptr && cache->recorded;
}

std::shared_ptr<const PageBytes> AddressSpace::snapshot(pid_t tid,
                                                        uint64_t page) {
  auto bytes = std::make_shared<PageBytes>();
  if (read_memory(tid, page, *bytes) != kPageSize) return nullptr;
  std::shared_ptr<const PageBytes>& known = snapshots_[page];
  if (known == nullptr || *known != *bytes) {
    if (snapshots_.size() > kMaxCachedPages) snapshots_.clear();
    return snapshots_[page] = std::move(bytes);
  }
  return known;
}

}  // namespace ptcap::capture
