#include "host/backend_cpu/hot_loop_bodies.hpp"
#include "host/backend_cpu/jump_loop_bodies.hpp"
#include "host/backend_cpu/path_loop_bodies.hpp"
#include "host/backend_cpu/period_loop_bodies.hpp"

#define TAILBIT_ISA baseline
#define TAILBIT_TARGET
#include "host/backend_cpu/hot_loops_for_isa.inl"
