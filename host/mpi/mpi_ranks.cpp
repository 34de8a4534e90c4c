#include "host/mpi/mpi_ranks.hpp"

#include <cstdlib>
#include <functional>
#include <limits>
#include <list>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include <mpi.h>
#include <sched.h>

namespace tailbit {
namespace {

constexpr int kMostProcessors = CPU_SETSIZE;

// How many ranks of this machine may run on each of its processors.
std::vector<int> ranks_by_processor(const cpu_set_t& own, MPI_Comm machine) {
  std::vector<int> mine(kMostProcessors), all(kMostProcessors);
  for (int i = 0; i < kMostProcessors; ++i) mine[static_cast<std::size_t>(i)] = CPU_ISSET(i, &own) ? 1 : 0;
  MPI_Allreduce(mine.data(), all.data(), kMostProcessors, MPI_INT, MPI_SUM, machine);
  return all;
}

// Whether a value is the same in all ranks of a machine.
bool same_everywhere(std::uint64_t value, MPI_Comm machine) {
  std::uint64_t own[2] = {value, ~value}, least[2] = {};
  MPI_Allreduce(own, least, 2, MPI_UINT64_T, MPI_MIN, machine);
  return least[0] == ~least[1];
}

// By default Open MPI binds two ranks to a processor each.
std::string hint_at_binding(const std::vector<int>& ranks_on, int local_rank) {
  long used = 0;
  for (const int ranks : ranks_on) used += ranks > 0 ? 1 : 0;
  const long there = sysconf(_SC_NPROCESSORS_ONLN);
  const bool by_mpirun = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr && std::getenv("SLURM_JOB_ID") == nullptr;
  if (local_rank != 0 || !by_mpirun || used >= there) return "";
  return "the ranks may run on " + std::to_string(used) + " of this machine's " + std::to_string(there) +
         " processors; for all of them: mpirun --bind-to none";
}

unsigned share_of_processors(const cpu_set_t& own, const std::vector<int>& ranks_on) {
  double share = 0.0;
  for (int i = 0; i < kMostProcessors; ++i) {
    if (CPU_ISSET(i, &own)) share += 1.0 / ranks_on[static_cast<std::size_t>(i)];
  }
  return share < 1.0 ? 1 : static_cast<unsigned>(share + 1e-9);
}

void place_on_machine(RankPlace& place) {
  MPI_Comm machine = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  MPI_Comm_rank(machine, &place.local_rank);
  MPI_Comm_size(machine, &place.local_count);
  cpu_set_t own;
  CPU_ZERO(&own);
  sched_getaffinity(0, sizeof own, &own);
  const std::vector<int> ranks_on = ranks_by_processor(own, machine);
  place.processors = share_of_processors(own, ranks_on);
  place.binding = hint_at_binding(ranks_on, place.local_rank);
  // Schedulers give ranks devices of their own by letting each see no others.
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  place.shares_devices = same_everywhere(std::hash<std::string_view>()(visible == nullptr ? "all" : visible), machine);
  MPI_Comm_free(&machine);
}

}  // namespace

// Messages on their way; MPI reads their bytes until it says that it is done.
struct MpiRanks::Sent {
  struct Item {
    std::string bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  std::list<Item> items;

  void forget_done() {
    items.remove_if([](Item& item) {
      int done = 0;
      MPI_Test(&item.request, &done, MPI_STATUS_IGNORE);
      return done != 0;
    });
  }
};

MpiRanks::MpiRanks(int& argc, char**& argv) : sent_(std::make_unique<Sent>()) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &place_.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &place_.count);
  char name[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  MPI_Get_processor_name(name, &length);
  place_.host = std::string(name, static_cast<std::size_t>(length));
  place_on_machine(place_);
}

MpiRanks::~MpiRanks() {
  while (!sent_->items.empty()) sent_->forget_done();
  MPI_Finalize();
}

void MpiRanks::send(int to, Kind kind, std::string bytes) {
  // No chunk's part is as long (chunk_worker.cpp), unless one block of scenarios is.
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Failure(ExitCode::bad_config,
                  "a block of scenarios is too long for a message of MPI; use fewer groups or exposure dates, or "
                  "\"group_detail\": \"tails\"");
  }
  sent_->forget_done();
  Sent::Item& item = sent_->items.emplace_back();
  item.bytes = std::move(bytes);
  MPI_Isend(item.bytes.data(), static_cast<int>(item.bytes.size()), MPI_BYTE, to, static_cast<int>(kind),
            MPI_COMM_WORLD, &item.request);
}

std::optional<Ranks::Message> MpiRanks::receive(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    sent_->forget_done();
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (there != 0) {
      int size = 0;
      MPI_Get_count(&status, MPI_BYTE, &size);
      Message message{status.MPI_SOURCE, static_cast<Kind>(status.MPI_TAG),
                      std::string(static_cast<std::size_t>(size), '\0')};
      MPI_Recv(message.bytes.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
      return message;
    }
    if (std::chrono::steady_clock::now() >= until) return std::nullopt;
    // MPI's own waiting would take a processor from the threads that compute.
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

void MpiRanks::abort(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  _exit(code);
}

}  // namespace tailbit
