// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/data_ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "bindings/user_counter.h"

namespace ptcap::bindings {

size_t page_size() {
  static const size_t size = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

Mapping::Mapping(const Event& event, std::string_view area, size_t size,
                 size_t offset, Access access)
    : kernel_(&event.kernel()), size_(size) {
  int protection =
      access == Access::kConsume ? PROT_READ | PROT_WRITE : PROT_READ;
  address_ =
      kernel_->mmap(size, protection, event.fd(), static_cast<off_t>(offset));
  if (address_ != MAP_FAILED) return;
  const int error = errno;
  address_ = nullptr;
  throw mmap_error(error, event.attr().name(), area, size, *kernel_);
}

namespace {

// Sizes are checked here because Ring relies on them; the kernel would say
// EINVAL too.
size_t checked_size(size_t size, const Event& event, std::string_view area) {
  if (size >= page_size() && (size & (size - 1)) == 0) return size;
  throw mmap_error(EINVAL, event.attr().name(), area, size, event.kernel());
}

abi::perf_event_mmap_page& page_of(const Mapping& mapping) {
  return *reinterpret_cast<abi::perf_event_mmap_page*>(mapping.data());
}

}  // namespace

DataRing::DataRing(Event& event, size_t data_size, Access access)
    : event_(&event),
      mapping_(event, "ring",
               page_size() + checked_size(data_size, event, "ring"), 0, access),
      ring_(mapping_.data() + page_size(), data_size,
            page_of(mapping_).data_head, page_of(mapping_).data_tail) {}

bool DataRing::wait(int timeout_ms) const {
  if (!has_records()) event_->poll(timeout_ms);
  return has_records();
}

bool DataRing::wait(int timeout_ms, std::error_code& ec) const noexcept {
  ec.clear();
  if (!has_records()) event_->poll(timeout_ms, ec);
  return has_records();
}

std::optional<ClockConversion> DataRing::clock() const {
  return read_clock(page());
}

AuxArea::AuxArea(DataRing& ring, size_t size, Access access)
    : mapping_(map_area(ring, size, access)),
      ring_(mapping_.data(), size, ring.page().aux_head, ring.page().aux_tail) {
}

Mapping AuxArea::map_area(DataRing& ring, size_t size, Access access) {
  checked_size(size, ring.event(), "AUX area");
  abi::perf_event_mmap_page& page = ring.page();
  // Anywhere behind the data, in multiples of a page.
  const uint64_t offset = page_size() + ring.ring().size();
  page.aux_offset = offset;
  page.aux_size = size;
  return {ring.event(), "AUX area", size, offset, access};
}

}  // namespace ptcap::bindings
