// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a PT stream says beside the flow: power, transactions, PTWRITE, paging,
// interrupts and their causes.

#ifndef PTCAP_DECODE_EVENTS_H_
#define PTCAP_DECODE_EVENTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

namespace ptcap::decode {

// A FlowItem of kind kOther stands where it happened, with its time and thread.
struct StreamEvent {
  struct Field {
    const char* name = nullptr;
    uint64_t value = 0;
    bool hex = false;
  };

  uint64_t number = 0;  // FlowItem::detail
  const char* name = "";
  std::array<Field, 3> fields = {};  // to the first without name

  StreamEvent() = default;
  StreamEvent(const char* event_name, std::initializer_list<Field> all)
      : name(event_name) {
    size_t i = 0;
    for (const Field& field : all) fields[i++] = field;
  }
};

// Events on their way from an engine, which appends, to who shows them. Not all
// come out again as items: what a PSB proves wrong is dropped.
class EventLog {
 public:
  // The number of the event.
  uint64_t add(StreamEvent event) {
    event.number = added_++;
    events_.push_back(event);
    return event.number;
  }

  // That event; those before it are gone. Numbers only go up.
  const StreamEvent& take(uint64_t number) {
    while (events_.front().number < number) events_.pop_front();
    return events_.front();
  }

 private:
  std::deque<StreamEvent> events_;
  uint64_t added_ = 0;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_EVENTS_H_
