// The CUDA runtime on simulated devices. Every call is counted and may be made to fail (faults.hpp). What CUDA forbids
// and a host's memory would let pass is refused here too: copies beyond an allocation, grids and shared memory beyond a
// device's limits, waiting and allocating while a graph is recorded, use after a fork.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <unistd.h>

#include "tests/simulated_device/faults.hpp"
#include "tests/simulated_device/limits.hpp"
#include "tests/simulated_device/memory.hpp"
#include "tests/simulated_device/streams.hpp"

using Work = std::function<void()>;

struct SimulatedDevice {
  int id = 0;
  cudaError_t broken = cudaSuccess;    // what every later call on it returns
  std::set<SimulatedStream*> streams;  // of one thread, as the backend has them
};
struct SimulatedGraph {
  std::vector<Work> work;
};
struct SimulatedStream {
  SimulatedDevice* device;
  std::deque<Work> work;
  std::unique_ptr<SimulatedGraph> recorded;  // while it records
  bool spoiled = false;                      // by a call that must not be made then
};

namespace {

using tailbit::simulated::Fault;
using tailbit::simulated::Launch;
using tailbit::simulated::memory;
using tailbit::simulated::MemoryMap;
using tailbit::simulated::settings;

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current = 0;
thread_local SimulatedStream* recording = nullptr;

std::vector<SimulatedDevice>& devices() {
  static std::vector<SimulatedDevice> all = [] {
    std::vector<SimulatedDevice> made(static_cast<std::size_t>(settings().devices));
    for (std::size_t id = 0; id < made.size(); ++id) made[id].id = static_cast<int>(id);
    return made;
  }();
  return all;
}

cudaError_t record(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

// The beginning of every call. A child of the process that called first has no devices.
cudaError_t enter(const char* api, int id) {
  static const pid_t first_process = ::getpid();
  if (::getpid() != first_process) return record(cudaErrorInitializationError);
  const std::optional<Fault> fault = tailbit::simulated::strike(api, id);
  const bool known = id >= 0 && id < static_cast<int>(devices().size());
  if (known && devices()[static_cast<std::size_t>(id)].broken != cudaSuccess)
    return record(devices()[static_cast<std::size_t>(id)].broken);
  if (!fault) return cudaSuccess;
  if (known && fault->sticky) devices()[static_cast<std::size_t>(id)].broken = fault->error;
  return record(fault->error);
}

// For calls that may not be made while a graph is recorded.
cudaError_t enter_unrecorded(const char* api, int id) {
  const cudaError_t error = enter(api, id);
  if (error != cudaSuccess || recording == nullptr) return error;
  recording->spoiled = true;
  return record(cudaErrorStreamCaptureUnsupported);
}

SimulatedDevice* current_device() {
  return current < static_cast<int>(devices().size()) ? &devices()[static_cast<std::size_t>(current)] : nullptr;
}

cudaError_t drain(SimulatedStream& stream) {
  while (!stream.work.empty()) {
    const Work work = std::move(stream.work.front());
    stream.work.pop_front();
    if (stream.device->broken == cudaSuccess) work();
  }
  return record(stream.device->broken);
}

cudaError_t add(SimulatedStream& stream, Work work) {
  if (stream.recorded) {
    stream.recorded->work.push_back(std::move(work));
    return cudaSuccess;
  }
  stream.work.push_back(std::move(work));
  return settings().eager ? drain(stream) : cudaSuccess;
}

cudaError_t allocate(void** place, std::size_t bytes, int device) {
  *place = memory().allocate(bytes, device);
  return *place != nullptr ? cudaSuccess : record(cudaErrorMemoryAllocation);
}

// Dynamic shared memory that a kernel was allowed beyond what all may have.
class SharedLimits {
 public:
  void set(const void* kernel, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    limits_[kernel] = bytes;
  }
  std::size_t of(const void* kernel) {
    const std::lock_guard lock(mutex_);
    const auto found = limits_.find(kernel);
    return found == limits_.end() ? tailbit::simulated::kSharedUnasked : found->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<const void*, std::size_t> limits_;
} shared_limits;

}  // namespace

namespace tailbit::simulated {

cudaError_t allow_shared(const void* kernel, std::size_t bytes) {
  if (const cudaError_t error = enter("cudaFuncSetAttribute", current); error != cudaSuccess) return error;
  if (bytes > kMostShared) return record(cudaErrorInvalidValue);
  shared_limits.set(kernel, bytes);
  return cudaSuccess;
}

void start(Launch launch, cudaStream_t stream) {
  SimulatedDevice& device = *stream->device;
  if (enter("launch", device.id) != cudaSuccess) return;
  const dim3 grid = launch.grid;
  const bool fits =
      grid.x - 1 < kMostGridX && grid.y - 1 < kMostGridY && grid.z == 1 && launch.threads - 1 < kMostThreads;
  if (!fits) {
    record(cudaErrorInvalidConfiguration);
  } else if (launch.kernel != nullptr && launch.shared > shared_limits.of(launch.kernel)) {
    record(cudaErrorInvalidValue);
  } else {
    add(*stream, [launch = std::move(launch), &device] {
      if (const std::optional<Fault> fault = strike("kernel", device.id)) {
        device.broken = fault->error;
      } else {
        run(launch);
      }
    });
  }
}

}  // namespace tailbit::simulated

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (const cudaError_t error = enter("cudaRuntimeGetVersion", -1); error != cudaSuccess) return error;
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  if (const cudaError_t error = enter("cudaDriverGetVersion", -1); error != cudaSuccess) return error;
  *version = settings().driver;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  if (const cudaError_t error = enter("cudaGetDeviceCount", -1); error != cudaSuccess) return error;
  if (devices().empty()) return record(cudaErrorNoDevice);
  *count = static_cast<int>(devices().size());
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (const cudaError_t error = enter("cudaGetDeviceProperties", device); error != cudaSuccess) return error;
  if (device < 0 || device >= static_cast<int>(devices().size())) return record(cudaErrorInvalidDevice);
  *properties = {};
  std::strcpy(properties->name, "Simulated device");
  properties->uuid.bytes[15] = static_cast<char>(device);
  properties->totalGlobalMem = settings().memory;
  properties->major = settings().major;
  properties->minor = settings().minor;
  properties->ECCEnabled = 1;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* text, int length, int device) {
  if (const cudaError_t error = enter("cudaDeviceGetPCIBusId", device); error != cudaSuccess) return error;
  std::snprintf(text, static_cast<std::size_t>(length), "0000:%02x:00.0", device + 1);
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (const cudaError_t error = enter("cudaSetDevice", device); error != cudaSuccess) return error;
  if (device < 0 || device >= static_cast<int>(devices().size())) return record(cudaErrorInvalidDevice);
  current = device;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  if (const cudaError_t error = enter("cudaDeviceGetDefaultMemPool", device); error != cudaSuccess) return error;
  if (device < 0 || device >= static_cast<int>(devices().size())) return record(cudaErrorInvalidDevice);
  *pool = &devices()[static_cast<std::size_t>(device)];
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr, void*) {
  return enter("cudaMemPoolSetAttribute", pool->id);
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  if (const cudaError_t error = enter("cudaMemGetInfo", current); error != cudaSuccess) return error;
  *total = settings().memory;
  *free = *total - std::min(*total, memory().used(current));
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** place, std::size_t bytes) {
  if (const cudaError_t error = enter_unrecorded("cudaMalloc", current); error != cudaSuccess) return error;
  return allocate(place, bytes, current);
}
// Waits for the whole device.
cudaError_t cudaFree(void* place) {
  if (const cudaError_t error = enter_unrecorded("cudaFree", current); error != cudaSuccess) return error;
  if (place == nullptr) return cudaSuccess;
  for (SimulatedStream* stream : current_device()->streams) drain(*stream);
  return memory().release(place, current) ? record(current_device()->broken) : record(cudaErrorInvalidValue);
}
cudaError_t cudaMallocHost(void** place, std::size_t bytes) {
  if (const cudaError_t error = enter_unrecorded("cudaMallocHost", current); error != cudaSuccess) return error;
  return allocate(place, bytes, MemoryMap::kPinned);
}
cudaError_t cudaFreeHost(void* place) {
  if (const cudaError_t error = enter_unrecorded("cudaFreeHost", current); error != cudaSuccess) return error;
  if (place == nullptr) return cudaSuccess;
  return memory().release(place, MemoryMap::kPinned) ? cudaSuccess : record(cudaErrorInvalidValue);
}
cudaError_t cudaMallocAsync(void** place, std::size_t bytes, cudaStream_t stream) {
  const int device = stream->device->id;
  if (const cudaError_t error = enter("cudaMallocAsync", device); error != cudaSuccess) return error;
  return allocate(place, bytes, device);
}
cudaError_t cudaFreeAsync(void* place, cudaStream_t stream) {
  const int device = stream->device->id;
  if (const cudaError_t error = enter("cudaFreeAsync", device); error != cudaSuccess) return error;
  return add(*stream, [place, device] { memory().release(place, device); });
}

// Memory that was not allocated here is read at once, and written only after all that stands before it.
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  if (const cudaError_t error = enter("cudaMemcpyAsync", stream->device->id); error != cudaSuccess) return error;
  const std::optional<MemoryMap::Owner> target = memory().owner(to, bytes), source = memory().owner(from, bytes);
  if ((target && target->outside) || (source && source->outside)) return record(cudaErrorInvalidValue);
  const bool to_host =
      source && source->device != MemoryMap::kPinned && (!target || target->device == MemoryMap::kPinned);
  const auto copy = [=](const void* data) {
    std::memcpy(to, data, bytes);
    if (to_host) tailbit::simulated::flip(to, bytes);
  };
  if (!target) {
    if (stream->recorded) return record(cudaErrorStreamCaptureUnsupported);
    add(*stream, [copy, from] { copy(from); });
    return drain(*stream);
  }
  if (source) return add(*stream, [copy, from] { copy(from); });
  const auto* first = static_cast<const std::byte*>(from);
  return add(*stream, [copy, read = std::vector(first, first + bytes)] { copy(read.data()); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  if (const cudaError_t error = enter("cudaStreamCreateWithFlags", current); error != cudaSuccess) return error;
  *stream = new SimulatedStream{current_device(), {}, {}};
  current_device()->streams.insert(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const cudaError_t error = enter("cudaStreamDestroy", stream->device->id);
  drain(*stream);
  stream->device->streams.erase(stream);
  delete stream;
  return error;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (const cudaError_t error = enter_unrecorded("cudaStreamSynchronize", stream->device->id); error != cudaSuccess)
    return error;
  return drain(*stream);
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (const cudaError_t error = enter("cudaStreamBeginCapture", stream->device->id); error != cudaSuccess) return error;
  stream->recorded = std::make_unique<SimulatedGraph>();
  stream->spoiled = false;
  recording = stream;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const cudaError_t error = enter("cudaStreamEndCapture", stream->device->id);
  *graph = nullptr;
  recording = nullptr;
  const std::unique_ptr<SimulatedGraph> recorded = std::move(stream->recorded);
  if (error != cudaSuccess) return error;
  if (stream->spoiled) return record(cudaErrorStreamCaptureInvalidated);
  *graph = new SimulatedGraph(*recorded);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  if (const cudaError_t error = enter("cudaGraphInstantiateWithFlags", current); error != cudaSuccess) return error;
  *executable = new SimulatedGraph(*graph);
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  if (const cudaError_t error = enter("cudaGraphLaunch", stream->device->id); error != cudaSuccess) return error;
  for (const Work& work : executable->work) {
    if (const cudaError_t error = add(*stream, work); error != cudaSuccess) return error;
  }
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const cudaError_t error = enter("cudaGraphDestroy", current);
  if (graph == nullptr) return record(cudaErrorInvalidValue);
  delete graph;
  return error;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const cudaError_t error = enter("cudaGraphExecDestroy", current);
  if (executable == nullptr) return record(cudaErrorInvalidValue);
  delete executable;
  return error;
}

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return last_error; }
