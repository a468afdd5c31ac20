// Rounds, medians and the table.
#include "harness.hpp"

#include <algorithm>
#include <cstdio>

namespace rawket::bench {
namespace {

double median(std::vector<double> v) {
  std::ranges::sort(v);
  return v.size() % 2 == 1 ? v[v.size() / 2] : (v[v.size() / 2 - 1] + v[v.size() / 2]) / 2;
}

std::string printed(const char* format, double v) {
  char text[64];
  std::snprintf(text, sizeof text, format, v);
  return text;
}

std::string duration(double ns) {
  if (ns < 100) return printed("%.1f ns", ns);
  if (ns < 10e3) return printed("%.0f ns", ns);
  return ns < 1e6 ? printed("%.1f us", ns / 1e3) : printed("%.2f ms", ns / 1e6);
}

void row(const std::string& task, const std::string& ours, const std::string& other, const std::string& time, const std::string& ratio, const std::string& goal,
         const std::string& met) {
  std::printf("| %-46s | %9s | %-28s | %9s | %7s | %-18s | %-4s |\n", task.c_str(), ours.c_str(), other.c_str(), time.c_str(), ratio.c_str(), goal.c_str(), met.c_str());
  std::fflush(stdout);
}

/// Prints one row per goal or comparison; returns the goals missed.
unsigned judge(const Task& task, double ours, const std::vector<double>& others) {
  unsigned missed = 0;
  std::string name = task.name, ours_text = duration(ours);
  const auto verdict = [&](bool met) {
    missed += !met;
    return met ? "yes" : "NO";
  };
  if (task.at_most > 0) {
    row(name, ours_text, "", "", "", "<= " + duration(task.at_most), verdict(ours <= task.at_most));
    name = ours_text = "";
  }
  for (std::size_t i = 0; i < others.size(); ++i) {
    const Contender& other = task.others[i];
    const double ratio = others[i] / ours;
    const bool judged = other.at_least > 0;
    row(name, ours_text, other.name, duration(others[i]), printed("%.2f x", ratio), judged ? ">= " + printed("%g x", other.at_least) : "", judged ? verdict(ratio >= other.at_least) : "");
    name = ours_text = "";
  }
  if (!name.empty()) row(name, ours_text, "", "", "", "", "");
  return missed;
}

}  // namespace

void print_heading() {
  row("task", "ours", "other", "time", "ratio", "goal", "met?");
  row(std::string(46, '-'), std::string(9, '-'), std::string(28, '-'), std::string(9, '-'), std::string(7, '-'), std::string(18, '-'), std::string(4, '-'));
}

unsigned measure(const std::vector<Task>& tasks, unsigned rounds) {
  unsigned missed = 0;
  for (const Task& task : tasks) {
    std::vector<double> ours;
    std::vector<std::vector<double>> others(task.others.size());
    for (unsigned round = 0; round < rounds + 1; ++round) {
      const bool warm_up = round == 0;
      const auto sample_ours = [&] {
        if (const double t = task.ours(); !warm_up) ours.push_back(t);
      };
      if (round % 2 == 0) sample_ours();
      for (std::size_t i = 0; i < others.size(); ++i)
        if (const double t = task.others[i].sample(); !warm_up) others[i].push_back(t);
      if (round % 2 == 1) sample_ours();
    }
    std::vector<double> medians;
    for (auto& o : others) medians.push_back(median(std::move(o)));
    missed += judge(task, median(std::move(ours)), medians);
  }
  return missed;
}

}  // namespace rawket::bench
