// What --device means, and which devices it takes.
#include "host/ops/devices.hpp"

#include <gtest/gtest.h>

#include "host/io/problems.hpp"

namespace tailbit::devices_test {
namespace {

using Kind = DeviceRequest::Kind;

CudaProbe two_and_an_old_one() {
  CudaProbe probe;
  probe.devices = {
      {0, "old", "7.5", 1, "it needs compute capability 8.0 or newer"}, {1, "a", "9.0", 1, ""}, {2, "b", "9.0", 1, ""}};
  return probe;
}

std::vector<int> chosen(const std::string& device, const CudaProbe& probe) {
  std::vector<int> ids;
  for (const CudaDevice& found : choose_devices(parse_device(device), probe).devices) ids.push_back(found.id);
  return ids;
}

TEST(Devices, AreSharedOutAmongRanksOfAMachine) {
  const std::vector<CudaDevice> devices{{0, "a", "9.0", 1, ""}, {1, "b", "9.0", 1, ""}, {2, "c", "9.0", 1, ""}};
  const auto ids = [&](int rank, int count) {
    std::vector<int> found;
    for (const CudaDevice& device : share_out(devices, {rank, count})) found.push_back(device.id);
    return found;
  };
  EXPECT_EQ(ids(0, 1), (std::vector{0, 1, 2}));
  EXPECT_EQ(ids(0, 2), (std::vector{0, 2}));
  EXPECT_EQ(ids(1, 2), (std::vector{1}));
  EXPECT_EQ(ids(2, 3), (std::vector{2}));
  EXPECT_EQ(ids(4, 5), (std::vector{1}));
  EXPECT_TRUE(share_out({}, {0, 2}).empty());
}

TEST(Devices, AreReadFromTheFlag) {
  EXPECT_EQ(parse_device("auto").kind, Kind::automatic);
  EXPECT_EQ(parse_device("cpu").kind, Kind::cpu);
  EXPECT_EQ(parse_device("cuda:all").kind, Kind::all);
  EXPECT_EQ(parse_device("cuda").ids, (std::vector<int>{0}));
  EXPECT_EQ(parse_device("cuda:3").ids, (std::vector<int>{3}));
  EXPECT_EQ(parse_device("cuda:3,0,11").ids, (std::vector<int>{3, 0, 11}));
}

TEST(Devices, AreRefusedWhenTheFlagMakesNoSense) {
  for (const char* text : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1.5", "cuda:1,", "cuda:,1", "cuda:1,,2",
                           "cuda:1,1", "cuda:all,1", "cuda:99999999999", "CUDA", "cpu,cuda"}) {
    try {
      parse_device(text);
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::usage) << text;
      EXPECT_NE(std::string(failure.what()).find(text), std::string::npos);
    }
  }
}

TEST(Devices, AreTakenWhereTheyAreUsable) {
  const CudaProbe probe = two_and_an_old_one();
  EXPECT_EQ(chosen("auto", probe), (std::vector<int>{1}));
  EXPECT_EQ(chosen("cuda:all", probe), (std::vector<int>{1, 2}));
  EXPECT_EQ(chosen("cuda:2,1", probe), (std::vector<int>{2, 1}));
  EXPECT_EQ(chosen("cpu", probe), (std::vector<int>{}));
}

TEST(Devices, AreMissedWithAReason) {
  const CudaProbe probe = two_and_an_old_one();
  for (const char* text : {"cuda", "cuda:0", "cuda:1,0"}) {
    EXPECT_EQ(chosen(text, probe), (std::vector<int>{})) << text;
    EXPECT_EQ(choose_devices(parse_device(text), probe).reason,
              "CUDA device 0 is not usable: it needs compute capability 8.0 or newer")
        << text;
  }
  EXPECT_EQ(choose_devices(parse_device("cuda:1,7"), probe).reason, "there is no CUDA device 7");
  for (const bool passes : {true, false}) {
    CudaProbe none;
    none.reason = "no driver";
    none.passes = passes;
    for (const char* text : {"auto", "cuda", "cuda:all", "cuda:4"}) {
      EXPECT_EQ(choose_devices(parse_device(text), none).reason, "no driver") << text;
      EXPECT_EQ(choose_devices(parse_device(text), none).passes, passes) << text;
    }
  }
  CudaProbe old = probe;
  old.devices.resize(1);
  for (const char* text : {"auto", "cuda:all"}) {
    EXPECT_EQ(chosen(text, old), (std::vector<int>{}));
    EXPECT_EQ(choose_devices(parse_device(text), old).reason,
              "no CUDA device is usable: it needs compute capability 8.0 or newer");
  }
}

}  // namespace
}  // namespace tailbit::devices_test
