// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Code for libipt's decoders.

#ifndef PTCAP_DECODE_LIBIPT_SECTION_CACHE_H_
#define PTCAP_DECODE_LIBIPT_SECTION_CACHE_H_

#include <intel-pt.h>

#include <cstdint>
#include <list>
#include <memory>

#include "decode/code_view.h"
#include "decode/image_store.h"

namespace ptcap::decode {

struct FreeImage {
  void operator()(pt_image* image) const { pt_image_free(image); }
};
using ImagePtr = std::shared_ptr<pt_image>;

// libipt's image section cache over an ImageStore. Sections stay mapped, with
// what libipt has learnt of their blocks, up to a limit: without one libipt
// maps and learns anew at each change of section, which makes it 15-40 times
// slower. One thread.
class SectionCache {
 public:
  // Of mapped code and of block cache, which is 4 bytes per byte of code;
  // only pages that are touched count as memory.
  static constexpr uint64_t kLimitBytes = 1ull << 30;

  // `store` is borrowed. Code that is not in it is copied into it.
  explicit SectionCache(ImageStore& store);

  // The image of `view`. Remembers the last few.
  ImagePtr image(const std::shared_ptr<const CodeView>& view);

 private:
  struct FreeCache {
    void operator()(pt_image_section_cache* c) const { pt_iscache_free(c); }
  };
  struct Known {
    std::shared_ptr<const CodeView> view;
    ImagePtr image;
  };
  static constexpr size_t kRemembered = 64;

  ImagePtr make(const CodeView& view);
  void add(pt_image* image, const CodeRange& range);

  ImageStore& store_;
  std::shared_ptr<pt_image_section_cache> cache_;
  std::list<Known> known_;  // most recently used first
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_SECTION_CACHE_H_
