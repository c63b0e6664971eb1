// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/metric.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace ptcap::bindings {

// Recursive descent; deep nesting is refused, so that no input can use up the
// stack.
class Metric::Parser {
 public:
  Parser(std::string_view text, Metric& metric)
      : text_(text), metric_(metric) {}

  void parse() {
    sum();
    if (at_ < text_.size()) fail("an operator is missing");
  }

 private:
  static constexpr int kMaxDepth = 100;

  [[noreturn]] void fail(const std::string& why) const {
    throw std::invalid_argument("metric \"" + std::string(text_) + "\", at " +
                                std::to_string(at_) + ": " + why);
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(byte(at_))) ++at_;
  }
  unsigned char byte(size_t at) const {
    return static_cast<unsigned char>(text_[at]);
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    skip_space();
    return true;
  }
  void need(char c) {
    if (!take(c)) fail(std::string("'") + c + "' is missing");
  }
  void emit(Op op) { metric_.steps_.push_back({op, 0, 0}); }

  void sum() {
    product();
    for (;;) {
      if (take('+')) {
        product();
        emit(Op::kAdd);
      } else if (take('-')) {
        product();
        emit(Op::kSubtract);
      } else {
        return;
      }
    }
  }

  void product() {
    operand();
    for (;;) {
      if (take('*')) {
        operand();
        emit(Op::kMultiply);
      } else if (take('/')) {
        operand();
        emit(Op::kDivide);
      } else {
        return;
      }
    }
  }

  void operand() {
    if (++depth_ > kMaxDepth) fail("nested too deeply");
    skip_space();
    if (take('(')) {
      sum();
      need(')');
    } else if (take('-')) {
      operand();
      emit(Op::kNegate);
    } else if (at_ < text_.size() &&
               (std::isdigit(byte(at_)) || text_[at_] == '.')) {
      number();
    } else {
      name();
    }
    skip_space();
    --depth_;
  }

  void number() {
    std::string digits(text_.substr(at_));
    char* end = nullptr;
    double value = std::strtod(digits.c_str(), &end);
    if (end == digits.c_str()) fail("no number");
    at_ += static_cast<size_t>(end - digits.c_str());
    metric_.steps_.push_back({Op::kNumber, value, 0});
  }

  bool is_name_byte(size_t at) const {
    if (at >= text_.size()) return false;
    unsigned char c = byte(at);
    return std::isalnum(c) || c == '_' || c == '.' || c == ':';
  }

  void name() {
    size_t begin = at_;
    while (is_name_byte(at_) || (at_ > begin && at_ < text_.size() &&
                                 text_[at_] == '-' && is_name_byte(at_ + 1)))
      ++at_;
    std::string word(text_.substr(begin, at_ - begin));
    if (word.empty()) fail("an operand is missing");
    if ((word == "min" || word == "max") && take('(')) {
      sum();
      need(',');
      sum();
      need(')');
      emit(word == "min" ? Op::kMin : Op::kMax);
      return;
    }
    auto& events = metric_.events_;
    auto found = std::find(events.begin(), events.end(), word);
    size_t index = static_cast<size_t>(found - events.begin());
    if (found == events.end()) events.push_back(word);
    metric_.steps_.push_back({Op::kEvent, 0, index});
  }

  std::string_view text_;
  Metric& metric_;
  size_t at_ = 0;
  int depth_ = 0;
};

Metric::Metric(std::string_view expression) {
  Parser(expression, *this).parse();
}

std::optional<double> Metric::evaluate(
    const std::function<std::optional<double>(const std::string&)>& value_of)
    const {
  std::vector<double> stack;
  auto pop = [&] {
    double top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    if (step.op == Op::kNumber) {
      stack.push_back(step.number);
      continue;
    }
    if (step.op == Op::kEvent) {
      auto value = value_of(events_[step.event]);
      if (!value) return std::nullopt;
      stack.push_back(*value);
      continue;
    }
    double right = pop();
    if (step.op == Op::kNegate) {
      stack.push_back(-right);
      continue;
    }
    double left = pop();
    if (step.op == Op::kDivide && right == 0) return std::nullopt;
    stack.push_back(step.op == Op::kAdd        ? left + right
                    : step.op == Op::kSubtract ? left - right
                    : step.op == Op::kMultiply ? left * right
                    : step.op == Op::kDivide   ? left / right
                    : step.op == Op::kMin      ? std::min(left, right)
                                               : std::max(left, right));
  }
  return stack.back();
}

std::span<const NamedMetric> common_metrics() {
  static constexpr NamedMetric kMetrics[] = {
      {"ipc", "instructions / cycles", "instructions per cycle"},
      {"cpi", "cycles / instructions", "cycles per instruction"},
      {"branch-miss-rate", "100 * branch-misses / branches", "%"},
      {"cache-miss-rate", "100 * cache-misses / cache-references", "%"},
      {"l1d-miss-rate", "100 * L1-dcache-load-misses / L1-dcache-loads", "%"},
      {"dtlb-miss-rate", "100 * dTLB-load-misses / dTLB-loads", "%"},
      {"frontend-stalls", "100 * stalled-cycles-frontend / cycles", "%"},
      {"backend-stalls", "100 * stalled-cycles-backend / cycles", "%"},
      {"ghz", "cycles / task-clock", "GHz"},
      {"faults-per-second", "1000000000 * page-faults / task-clock", "/s"},
  };
  return kMetrics;
}

}  // namespace ptcap::bindings
