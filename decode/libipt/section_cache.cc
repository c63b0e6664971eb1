// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/section_cache.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

namespace ptcap::decode {

namespace {

void check(int status, const char* operation) {
  if (status >= 0) return;
  throw std::runtime_error(std::string("libipt: ") + operation + ": " +
                           pt_errstr(pt_errcode(status)));
}

}  // namespace

SectionCache::SectionCache(ImageStore& store)
    : store_(store), cache_(pt_iscache_alloc("ptdec"), FreeCache()) {
  if (!cache_) throw std::bad_alloc();
  check(pt_iscache_set_limit(cache_.get(), kLimitBytes), "section cache limit");
}

ImagePtr SectionCache::image(const std::shared_ptr<const CodeView>& view) {
  auto at = std::find_if(known_.begin(), known_.end(), [&](const Known& known) {
    return known.view == view;
  });
  if (at != known_.end()) {
    known_.splice(known_.begin(), known_, at);
  } else {
    known_.push_front({view, make(*view)});
    if (known_.size() > kRemembered) known_.pop_back();
  }
  return known_.front().image;
}

ImagePtr SectionCache::make(const CodeView& view) {
  ImagePtr image(pt_image_alloc(nullptr), FreeImage());
  if (!image) throw std::bad_alloc();
  for (const CodeRange& range : view.ranges()) add(image.get(), range);
  return image;
}

void SectionCache::add(pt_image* image, const CodeRange& range) {
  auto place = store_.locate(range.bytes);
  if (!place) place = store_.locate(store_.add(range.bytes));
  const int section =
      pt_iscache_add_file(cache_.get(), place->path.c_str(), place->offset,
                          range.bytes.size(), range.address);
  check(section, "add a section");
  check(pt_image_add_cached(image, cache_.get(), section, nullptr),
        "add a section to an image");
}

}  // namespace ptcap::decode
