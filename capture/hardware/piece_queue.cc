// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/piece_queue.h"

#include <algorithm>

namespace ptcap::capture {
namespace {

uint64_t end_of(const AuxPiece& piece) {
  return piece.record.aux_offset + piece.record.aux_size;
}

}  // namespace

void PieceQueue::add(size_t area, const formats::Record& record) {
  if (const auto* aux = std::get_if<formats::AuxRecord>(&record.body)) {
    areas_[area].pieces.push_back(
        {*aux, record.sample_id, record.header.misc, {}});
  }
}

bool PieceQueue::holds(uint32_t tid) const {
  for (const Area& area : areas_) {
    for (const AuxPiece& piece : area.pieces) {
      if (piece.sample_id.tid == tid) return true;
    }
  }
  return false;
}

uint64_t PieceQueue::newest_below(const std::vector<uint64_t>& heads) const {
  uint64_t newest = 0;
  for (size_t i = 0; i < areas_.size(); ++i) {
    for (const AuxPiece& piece : areas_[i].pieces) {
      if (end_of(piece) > heads[i]) break;
      newest = std::max(newest, piece.sample_id.time);
    }
  }
  return newest;
}

PieceQueue::Area* PieceQueue::oldest(const std::vector<uint64_t>& heads) {
  Area* found = nullptr;
  for (size_t i = 0; i < areas_.size(); ++i) {
    Area& area = areas_[i];
    if (area.pieces.empty() || end_of(area.pieces.front()) > heads[i]) continue;
    if (!found || area.pieces.front().sample_id.time <
                      found->pieces.front().sample_id.time) {
      found = &area;
    }
  }
  return found;
}

void PieceQueue::take(
    const std::vector<uint64_t>& heads1, const std::vector<uint64_t>& heads2,
    const std::function<void(size_t area, AuxPiece piece)>& visit,
    const std::function<void(size_t area, uint64_t offset, uint64_t size)>&
        unknown) {
  const uint64_t until = newest_below(heads1);
  for (Area* area = oldest(heads2);
       area && area->pieces.front().sample_id.time <= until;
       area = oldest(heads2)) {
    const AuxPiece piece = area->pieces.front();
    area->pieces.pop_front();
    const auto number = static_cast<size_t>(area - areas_.data());
    if (piece.record.aux_offset > area->position) {
      const uint64_t from = area->position;
      area->position = piece.record.aux_offset;
      unknown(number, from, piece.record.aux_offset - from);
    }
    area->position = std::max(area->position, end_of(piece));
    visit(number, piece);
  }
}

}  // namespace ptcap::capture
