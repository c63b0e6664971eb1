// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/frame_pool.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "formats/ptz/frame_encoder.h"

namespace ptcap::formats::ptz {
namespace {

// Threads inherit the mask: signals are for the one that waits for them.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

FramePool::FramePool(unsigned threads) {
  const NoSignals no_signals;
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

FramePool::~FramePool() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
}

std::future<Buffer> FramePool::encode(Buffer content, int level) {
  Job job;
  job.content = std::move(content);
  job.level = level;
  std::future<Buffer> frame = job.frame.get_future();
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
  return frame;
}

void FramePool::work() {
  FrameEncoder encoder(0);
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
      if (ends_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      encoder.set_level(job.level);
      const Bytes frame = encoder.data(job.content);
      job.frame.set_value(Buffer(frame.begin(), frame.end()));
    } catch (...) {
      job.frame.set_exception(std::current_exception());
    }
  }
}

}  // namespace ptcap::formats::ptz
