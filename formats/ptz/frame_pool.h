// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Threads that compress data frames.

#ifndef PTCAP_FORMATS_PTZ_FRAME_POOL_H_
#define PTCAP_FORMATS_PTZ_FRAME_POOL_H_

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "formats/io/byte_writer.h"

namespace ptcap::formats::ptz {

// encode() is called by one thread. The destructor leaves undone what nobody
// has begun: its futures have broken promises.
class FramePool {
 public:
  // REQUIRES: threads > 0. Throws std::system_error where there are no more.
  explicit FramePool(unsigned threads);
  ~FramePool();
  FramePool(const FramePool&) = delete;

  // FrameEncoder::data(content) at that level. The future throws what that
  // throws.
  std::future<Buffer> encode(Buffer content, int level);

 private:
  struct Job {
    Buffer content;
    int level = 0;
    std::promise<Buffer> frame;
  };
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;  // not begun; under mutex_
  bool ends_ = false;     // under mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_FRAME_POOL_H_
