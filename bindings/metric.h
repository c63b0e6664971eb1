// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Figures made of counts, such as instructions per cycle.

#ifndef PTCAP_BINDINGS_METRIC_H_
#define PTCAP_BINDINGS_METRIC_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::bindings {

// An arithmetic expression over events: + - * / ( ) min(a, b) max(a, b),
// numbers, and names of events. A '-' inside of a name belongs to it
// ("page-faults"); to subtract, put spaces around it.
class Metric {
 public:
  // Throws std::invalid_argument, saying where, if it is not understood.
  explicit Metric(std::string_view expression);

  // Names of events, each once, in order of appearance.
  std::span<const std::string> events() const& { return events_; }
  std::span<const std::string> events() const&& = delete;

  // With value_of(event) for each: nullopt where one of those is nullopt, or
  // something is divided by 0.
  std::optional<double> evaluate(
      const std::function<std::optional<double>(const std::string&)>& value_of)
      const;

 private:
  class Parser;
  enum class Op {
    kNumber,
    kEvent,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kMin,
    kMax,
    kNegate
  };
  // Postfix: operands first.
  struct Step {
    Op op;
    double number = 0;
    size_t event = 0;
  };

  std::vector<Step> steps_;
  std::vector<std::string> events_;
};

struct NamedMetric {
  std::string_view name, expression, unit;
};

// Those that any CPU has the events for.
std::span<const NamedMetric> common_metrics();

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_METRIC_H_
