// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counting several events by name, and metrics of them, over a thread and what
// it starts.

#ifndef PTCAP_BINDINGS_COUNTER_SET_H_
#define PTCAP_BINDINGS_COUNTER_SET_H_

#include <optional>
#include <string>
#include <vector>

#include "bindings/event.h"
#include "bindings/metric.h"

namespace ptcap::bindings {

// Each event on its own, so that the kernel may take turns where there are
// more events than counters: counts are then scaled. With inherit (the
// default) threads and children that are made later are counted too, and
// merged.
class CounterSet {
 public:
  struct Options {
    bool inherit = true;
    bool user_only = false;
    bool enable_on_exec = false;
  };
  struct Result {
    std::string name;
    Count count;
    // scaled() in the event's unit; nullopt if it never ran.
    std::optional<double> value;
    std::string unit;
  };

  // `names`: as parse_event() takes them. Throws what that and Event throw.
  CounterSet(const std::vector<std::string>& names, const Target& target,
             const Options& options, Kernel& kernel = Kernel::real());

  static std::optional<CounterSet> open(const std::vector<std::string>& names,
                                        const Target& target,
                                        const Options& options,
                                        std::error_code& ec,
                                        Kernel& kernel = Kernel::real()) {
    return or_error(ec,
                    [&] { return CounterSet(names, target, options, kernel); });
  }

  // The forms with an error_code go on with the other events; it is the first
  // one's error.
  void start();
  void start(std::error_code& ec) noexcept;
  void stop();
  void stop(std::error_code& ec) noexcept;
  std::vector<Result> read() const;
  // nullopt where an event of it is not in the set or never ran.
  std::optional<double> evaluate(const Metric& metric) const;

 private:
  template <typename Call>
  void for_each(Call&& call, std::error_code& ec) noexcept;

  std::vector<Event> events_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_COUNTER_SET_H_
