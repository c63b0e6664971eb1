// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the trace writer costs beside the compression itself: its throughput
// over data in memory, as a ratio to bare zstd at the same level, and, where it
// stores raw frames, to memcpy() and write(). Both are measured in turn, in one
// run; the best of several rounds counts. With threads, the ratio is to one
// thread's bare zstd.

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>

#include "formats/pt/flow_encoder.h"
#include "formats/ptz/trace_writer.h"

namespace {

using ptcap::formats::Buffer;
using ptcap::formats::Bytes;
using ptcap::formats::TraceWriter;

constexpr size_t kFrameSize = 1 << 20;
constexpr size_t kChunkSize = 64 << 10;  // as from a ring
constexpr int kRounds = 7;

// The trace of a made-up program: loops whose branches are partly regular,
// calls that return, and indirect calls to one of 64 places.
Buffer make_trace(size_t size) {
  Buffer bytes(size + (1 << 20));
  ptcap::pt::FlowEncoder encoder({});
  encoder.set_buffer(bytes.data(), bytes.data() + bytes.size());
  uint64_t state = 1;
  const auto random = [&] {
    return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33;
  };
  encoder.enable(0x401000, 1);
  for (uint64_t tsc = 1; encoder.buffered() < size; tsc += 50) {
    const uint64_t function = 0x401000 + random() % 64 * 272;
    encoder.call(0x400800);
    encoder.indirect(function);
    for (int i = 0; i < 12; ++i) encoder.cond(i % 3 == 0 || random() % 4 == 0);
    encoder.ret(0x400800);
    if (encoder.due()) encoder.maintain(0x400800, tsc);
  }
  bytes.resize(size);
  return bytes;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  return took.count();
}

int open_output() {
  // Where pages are written, not only counted
  static const char* const path =
      access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  return open(path, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
}

void write_all(int fd, const uint8_t* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, bytes, size);
    if (written <= 0) abort();
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

void write_with_writer(const Buffer& trace, int level, unsigned threads) {
  TraceWriter writer(
      open_output(), "the output",
      {.level = level, .frame_size_bytes = kFrameSize, .threads = threads});
  for (size_t at = 0; at < trace.size(); at += kChunkSize) {
    const size_t size = std::min(kChunkSize, trace.size() - at);
    writer.add_aux({.offset = at, .data1 = Bytes(trace).subspan(at, size)});
  }
  writer.finish();
}

void write_with_zstd(const Buffer& trace, int level) {
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(
      ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Buffer out(ZSTD_compressBound(kFrameSize));
  const int fd = open_output();
  for (size_t at = 0; at < trace.size(); at += kFrameSize) {
    const size_t size = std::min(kFrameSize, trace.size() - at);
    const size_t packed = ZSTD_compress2(context.get(), out.data(), out.size(),
                                         trace.data() + at, size);
    write_all(fd, out.data(), packed);
  }
  close(fd);
}

void write_raw(const Buffer& trace) {
  const int fd = open_output();
  Buffer out(kFrameSize);
  for (size_t at = 0; at < trace.size(); at += kFrameSize) {
    const size_t size = std::min(kFrameSize, trace.size() - at);
    memcpy(out.data(), trace.data() + at, size);
    write_all(fd, out.data(), size);
  }
  close(fd);
}

void compare(const Buffer& trace, int level, unsigned threads) {
  double writer = 1e9, bare = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    writer = std::min(
        writer, seconds([&] { write_with_writer(trace, level, threads); }));
    bare = std::min(bare, seconds([&] {
                      level == 0 ? write_raw(trace)
                                 : write_with_zstd(trace, level);
                    }));
  }
  const double megabytes = static_cast<double>(trace.size()) / 1e6;
  printf("level %d, %u threads: writer %.0f MB/s, %s %.0f MB/s, ratio %.3f\n",
         level, threads, megabytes / writer,
         level == 0 ? "memcpy and write" : "bare zstd", megabytes / bare,
         bare / writer);
}

}  // namespace

int main() {
  const Buffer trace = make_trace(64 << 20);
  for (const int level : {0, 1, 3}) compare(trace, level, 0);
  for (const int level : {1, 3}) compare(trace, level, 2);
}
