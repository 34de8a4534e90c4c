// What differs between compilers and between host and device: one macro, nothing else.
#pragma once

// HD marks every formula. It is always inlined, so that the copy inside a hot loop is compiled for that loop's
// instruction set and no stray copy for another instruction set can be picked up by the linker.
#if defined(__CUDACC__)
#define HD __host__ __device__ __forceinline__
#else
#define HD inline __attribute__((always_inline))
#endif

// Unrolls the loop that follows, wholly or by n, in device code; host compilers decide for themselves.
#if defined(__CUDA_ARCH__)
#define TB_UNROLL _Pragma("unroll")
#define TB_UNROLL_BY(n) _Pragma(TB_TEXT(unroll n))
#define TB_TEXT(text) #text
#else
#define TB_UNROLL
#define TB_UNROLL_BY(n)
#endif
