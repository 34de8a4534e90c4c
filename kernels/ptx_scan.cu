// Instantiates every kernel of ours and nothing of Thrust's, to be compiled to PTX and read by
// scripts/checks/ptx_scan.py.
#include "kernels/kernels.cuh"

namespace tailbit::cuda {

// Taking a kernel's address instantiates it.
void* kernels_of_ours[] = {
    reinterpret_cast<void*>(&begin_kernel),          reinterpret_cast<void*>(&advance_kernel<true>),
    reinterpret_cast<void*>(&advance_kernel<false>), reinterpret_cast<void*>(&fix_kernel<true>),
    reinterpret_cast<void*>(&fix_kernel<false>),     reinterpret_cast<void*>(&spots_kernel),
    reinterpret_cast<void*>(&begin_sums_kernel),     reinterpret_cast<void*>(&end_period_kernel),
};

template <class P>
void* revaluation_kernels[] = {reinterpret_cast<void*>(&revalue_kernel<double, P>),
                               reinterpret_cast<void*>(&revalue_kernel<float, P>)};
template <class P>
void* observer_kernels[] = {reinterpret_cast<void*>(&observe_kernel<P>),
                            reinterpret_cast<void*>(&begin_states_kernel<P>)};

void instantiate() {
  for_each_type<Pricers>([&]<class P, std::size_t id>() {
    static_cast<void>(revaluation_kernels<P>);
    if constexpr (P::has_state) static_cast<void>(observer_kernels<P>);
  });
}

}  // namespace tailbit::cuda
