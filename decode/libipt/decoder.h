// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// libipt's two flow decoders behind one interface.

#ifndef PTCAP_DECODE_LIBIPT_DECODER_H_
#define PTCAP_DECODE_LIBIPT_DECODER_H_

#include <intel-pt.h>

#include <cstdint>
#include <memory>

namespace ptcap::decode {

enum class IptKind : uint8_t {
  kBlock,
  kInstruction,  // slow; a second opinion: other code for the same job
};

// Each call returns what the function of libipt that it stands for returns: a
// set of pt_status_flag, or a negative error code.
class IptDecoder {
 public:
  virtual ~IptDecoder() = default;

  virtual int sync(uint64_t offset) = 0;
  // Blocks end at calls and jumps; of the instruction decoder they have one
  // instruction. One with ninsn != 0 was decoded even if an error is returned;
  // with ninsn == 0 `ip` is where it failed.
  virtual int next(pt_block& block) = 0;
  virtual int event(pt_event& event) = 0;
  virtual int offset(uint64_t& offset) const = 0;
  virtual int time(uint64_t& tsc) = 0;
  // Borrowed until the next call, or the end.
  virtual void set_image(pt_image* image) = 0;
};

// `config` is copied, its buffer borrowed. Throws std::bad_alloc.
std::unique_ptr<IptDecoder> make_ipt_decoder(IptKind kind, pt_config config);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_LIBIPT_DECODER_H_
