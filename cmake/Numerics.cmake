# The flags that the same bits everywhere rest on (docs/numerics.md). Every target links tailbit_flags.
add_library(tailbit_flags INTERFACE)
target_include_directories(tailbit_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)

# No contraction: fused multiply-adds are written out as math::fma. No errno and no traps from sqrt and division, so that loops
# vectorise; neither changes a bit. Plain x86-64 throughout: only the hot-loop functions carry a newer target attribute.
set(TAILBIT_NUMERICS_FLAGS -ffp-contract=off -fno-math-errno -fno-trapping-math -fopenmp-simd -mprefer-vector-width=512)
# g++ 12's vectoriser turns plain a*b +- c*d into vfmaddsub even under -ffp-contract=off.
set(TAILBIT_SCALAR_FLAGS -fno-tree-vectorize)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(TAILBIT_SCALAR_FLAGS -fno-vectorize -fno-slp-vectorize)
endif()

set(TAILBIT_WARNING_FLAGS -Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The baseline copy of a hot loop calls the library's fma and cannot vectorise; clang warns about that.
  list(APPEND TAILBIT_WARNING_FLAGS -Wno-pass-failed)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12: in std::string (GCC bug 105651), and in inlined vectors.
  list(APPEND TAILBIT_WARNING_FLAGS -Wno-restrict -Wno-free-nonheap-object)
endif()
if(TAILBIT_WERROR)
  list(APPEND TAILBIT_WARNING_FLAGS -Werror)
endif()
target_compile_options(tailbit_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${TAILBIT_NUMERICS_FLAGS};${TAILBIT_WARNING_FLAGS}>)

if(TAILBIT_SANITIZE)
  list(JOIN TAILBIT_SANITIZE "," sanitizers)
  target_compile_options(tailbit_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${sanitizers};-fno-sanitize-recover=all;-fno-omit-frame-pointer>)
  target_link_options(tailbit_flags INTERFACE -fsanitize=${sanitizers})
endif()
if(TAILBIT_COVERAGE)
  target_compile_options(tailbit_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:--coverage;-fprofile-update=atomic>)
  target_link_options(tailbit_flags INTERFACE --coverage)
endif()
