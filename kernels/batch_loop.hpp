// Keeps a device busy: batches claimed from the queue, several in flight, in slots that take turns.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "kernels/batch_plan.hpp"
#include "kernels/cuda_backend.hpp"
#include "kernels/scenario_queue.hpp"

namespace tailbit::cuda {

// `make_slots(plan)` gives a vector of pointers to slots: start(range) returns while the device computes, finish()
// waits for it and returns what `done(range, outcome)` is called with. No batch is begun once `stop()`. Where that
// throws OutOfMemory, what was in flight is given back, to be simulated again in smaller batches, down to the smallest.
template <class MakeSlots, class Done, class Stop>
void run_batches(ScenarioQueue& queue, BatchPlan plan, MakeSlots&& make_slots, Done&& done, Stop&& stop) {
  std::deque<ScenarioRange> in_flight;
  const auto use = [&](auto&& slots) {
    std::size_t started = 0, finished = 0;  // in turns, so that the oldest batch is that of slot `finished`
    const auto finish = [&] {
      const auto outcome = slots[finished++ % slots.size()]->finish();
      done(in_flight.front(), outcome);
      in_flight.pop_front();
    };
    for (;;) {
      if (in_flight.size() == slots.size()) finish();
      if (stop()) queue.close();
      const std::optional<ScenarioRange> range = queue.claim(plan.lanes);
      if (!range) break;
      in_flight.push_back(*range);
      slots[started++ % slots.size()]->start(*range);
    }
    while (!in_flight.empty()) finish();
  };
  for (;; plan = smaller(plan)) {
    try {
      use(make_slots(plan));
      return;
    } catch (const OutOfMemory&) {
      for (const ScenarioRange range : in_flight) queue.give_back(range);
      in_flight.clear();
      if (is_smallest(plan)) throw;
    }
  }
}

}  // namespace tailbit::cuda
