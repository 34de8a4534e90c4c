// Work that was recorded from a stream and is started again as one.
#pragma once

#include <memory>
#include <type_traits>

#include "kernels/check.hpp"
#include "kernels/stream.hpp"

namespace tailbit::cuda {

class Graph {
 public:
  // Records what `work` starts in the stream; nothing of it runs. Kernels must have run before: loading one may need
  // the device to be idle.
  template <class Callable>
  Graph(const Stream& stream, Callable&& work) {
    // Other threads may use their devices as they like meanwhile.
    TB_CUDA(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
    cudaGraph_t graph = nullptr;
    try {
      work();
    } catch (...) {
      forgive(cudaStreamEndCapture(stream.get(), &graph));
      forgive(cudaGraphDestroy(graph));
      throw;
    }
    TB_CUDA(cudaStreamEndCapture(stream.get(), &graph));
    const cudaError_t status = cudaGraphInstantiateWithFlags(&executable_, graph, 0);
    forgive(cudaGraphDestroy(graph));
    check(status, "cudaGraphInstantiateWithFlags(&executable_, graph, 0)");
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() { forgive(cudaGraphExecDestroy(executable_)); }

  void start(const Stream& stream) const { TB_CUDA(cudaGraphLaunch(executable_, stream.get())); }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace tailbit::cuda
