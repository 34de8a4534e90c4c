#include "host/backend_cpu/hot_loop_bodies.hpp"
#include "host/backend_cpu/jump_loop_bodies.hpp"
#include "host/backend_cpu/path_loop_bodies.hpp"
#include "host/backend_cpu/period_loop_bodies.hpp"

#define TAILBIT_ISA v3
#define TAILBIT_TARGET __attribute__((target("arch=x86-64-v3")))
#include "host/backend_cpu/hot_loops_for_isa.inl"
