// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/counter_set.h"

#include "bindings/event_names.h"

namespace ptcap::bindings {

CounterSet::CounterSet(const std::vector<std::string>& names,
                       const Target& target, const Options& options,
                       Kernel& kernel) {
  for (const std::string& name : names) {
    EventAttr attr = parse_event(name, kernel);
    attr.inherit(options.inherit)
        .enable_on_exec(options.enable_on_exec)
        .read_format(abi::ReadFormat::kTotalTimeEnabled |
                     abi::ReadFormat::kTotalTimeRunning);
    if (options.user_only) attr.user_only();
    events_.emplace_back(std::move(attr), target, kernel);
  }
}

void CounterSet::start() {
  for (Event& event : events_) event.enable();
}

void CounterSet::stop() {
  for (Event& event : events_) event.disable();
}

void CounterSet::start(std::error_code& ec) noexcept {
  for_each([](Event& event, std::error_code& error) { event.enable(error); },
           ec);
}

void CounterSet::stop(std::error_code& ec) noexcept {
  for_each([](Event& event, std::error_code& error) { event.disable(error); },
           ec);
}

template <typename Call>
void CounterSet::for_each(Call&& call, std::error_code& ec) noexcept {
  ec.clear();
  for (Event& event : events_) {
    std::error_code error;
    call(event, error);
    if (!ec) ec = error;
  }
}

std::vector<CounterSet::Result> CounterSet::read() const {
  std::vector<Result> results;
  for (const Event& event : events_) {
    Result result{event.attr().name(), event.read(), {}, event.attr().unit()};
    if (auto scaled = result.count.scaled())
      result.value = static_cast<double>(*scaled) * event.attr().scale();
    results.push_back(std::move(result));
  }
  return results;
}

std::optional<double> CounterSet::evaluate(const Metric& metric) const {
  const std::vector<Result> results = read();
  return metric.evaluate([&](const std::string& name) -> std::optional<double> {
    for (const Result& result : results)
      if (result.name == name) return result.value;
    return std::nullopt;
  });
}

}  // namespace ptcap::bindings
