// Thrust's CUDA system on simulated devices: what the backend asks of it is started in the stream like a kernel and
// computed by Thrust's sequential CPP system.
#pragma once

#include <cstddef>
#include <string>

#include <cuda_runtime.h>
#include <thrust/copy.h>
#include <thrust/system/cpp/execution_policy.h>
#include <thrust/system_error.h>
#include <thrust/tabulate.h>

#include "tests/simulated_device/streams.hpp"

namespace tailbit::simulated {

class ThrustErrors : public thrust::error_category {
 public:
  const char* name() const override { return "cuda"; }
  std::string message(int code) const override {
    const auto error = static_cast<cudaError_t>(code);
    return std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error);
  }
};
inline void thrust_check(cudaError_t error, const char* what) {
  static const ThrustErrors errors;
  if (error == cudaSuccess) return;
  cudaGetLastError();
  throw thrust::system_error(error, errors, what);
}

template <class Allocator>
struct ThrustPolicy : thrust::cpp::execution_policy<ThrustPolicy<Allocator>> {
  explicit ThrustPolicy(Allocator& of) : allocator(&of) {}
  ThrustPolicy on(cudaStream_t of) const {
    ThrustPolicy policy = *this;
    policy.stream = of;
    return policy;
  }

  Allocator* allocator;
  cudaStream_t stream = nullptr;
};

template <class Allocator, class Iterator, class Function>
void tabulate(ThrustPolicy<Allocator>& policy, Iterator first, Iterator last, Function function) {
  start({nullptr, 1, 1, 0, [=] { thrust::tabulate(thrust::cpp::par, first, last, function); }}, policy.stream);
  thrust_check(cudaPeekAtLastError(), "tabulate");
}

// As Thrust does it: with memory of the allocator's, and the number found copied back before it returns.
template <class Allocator, class Iterator, class Result, class Predicate>
Result copy_if(ThrustPolicy<Allocator>& policy, Iterator first, Iterator last, Result result, Predicate predicate) {
  class Temporary {
   public:
    explicit Temporary(Allocator& of) : allocator_(of), memory_(of.allocate(sizeof(std::size_t))) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() { allocator_.deallocate(memory_, sizeof(std::size_t)); }
    std::size_t* found() { return reinterpret_cast<std::size_t*>(memory_); }

   private:
    Allocator& allocator_;
    char* memory_;
  } temporary(*policy.allocator);

  start({nullptr, 1, 1, 0,
         [=, found = temporary.found()] {
           const Result end = thrust::copy_if(thrust::cpp::par, first, last, result, predicate);
           *found = static_cast<std::size_t>(end - result);
         }},
        policy.stream);
  thrust_check(cudaPeekAtLastError(), "copy_if");
  std::size_t found = 0;
  thrust_check(cudaMemcpyAsync(&found, temporary.found(), sizeof found, cudaMemcpyDefault, policy.stream), "copy_if");
  thrust_check(cudaStreamSynchronize(policy.stream), "copy_if");
  return result + static_cast<std::ptrdiff_t>(found);
}

}  // namespace tailbit::simulated

namespace thrust::cuda {

template <class Allocator>
tailbit::simulated::ThrustPolicy<Allocator> par_nosync(Allocator& allocator) {
  return tailbit::simulated::ThrustPolicy<Allocator>(allocator);
}

}  // namespace thrust::cuda
