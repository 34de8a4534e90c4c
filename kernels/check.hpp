// Every CUDA call goes through TB_CUDA: a failure throws with the call, the error's name and what was asked for.
#pragma once

#include <string>

#include <cuda_runtime.h>

#include "kernels/cuda_backend.hpp"

namespace tailbit::cuda {

// Machine code for other devices, PTX that the driver cannot translate or may not.
inline bool means_no_code(int status) {
  return status == cudaErrorInvalidDeviceFunction || status == cudaErrorNoKernelImageForDevice ||
         status == cudaErrorJitCompilerNotFound || status == cudaErrorUnsupportedPtxVersion ||
         status == cudaErrorJitCompilationDisabled;
}

inline void check(cudaError_t status, const char* call, std::size_t bytes = 0) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // an error that is not sticky must not surface again in the next call
  std::string message = std::string(call) + ": " + cudaGetErrorName(status) + " (" + cudaGetErrorString(status) + ")";
  if (bytes != 0) message += ", " + std::to_string(bytes) + " bytes asked for";
  if (status == cudaErrorMemoryAllocation) throw OutOfMemory(message);
  throw Error(message, means_no_code(status) ? Error::Kind::no_code : Error::Kind::failure);
}

// For what frees, or is asked out of curiosity: its failure hurts nobody, and must not be taken for that of the next
// launch. Errors that stick come back by themselves.
inline void forgive(cudaError_t status) {
  if (status != cudaSuccess) cudaGetLastError();
}

}  // namespace tailbit::cuda

#define TB_CUDA(call) ::tailbit::cuda::check((call), #call)
#define TB_CUDA_SIZED(call, bytes) ::tailbit::cuda::check((call), #call, (bytes))
