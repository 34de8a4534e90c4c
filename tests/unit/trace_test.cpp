// W3C Trace Context, version 00: what is taken up, what is refused, what is handed on.
#include "host/io/trace.hpp"

#include <gtest/gtest.h>

namespace tailbit::trace_test {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kParent = "00f067aa0ba902b7";
const std::string kHeader = "00-" + kTrace + "-" + kParent + "-01";

TEST(TraceParent, IsTaken) {
  const auto trace = parse_traceparent(kHeader);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, kTrace);
  EXPECT_EQ(trace->parent_id, kParent);
  EXPECT_EQ(trace->flags, 1);
  EXPECT_EQ(parse_traceparent("00-" + kTrace + "-" + kParent + "-00")->flags, 0);
  // Flags that version 00 does not know are not taken over.
  EXPECT_EQ(parse_traceparent("00-" + kTrace + "-" + kParent + "-ff")->flags, 1);
  EXPECT_EQ(parse_traceparent("00-" + kTrace + "-" + kParent + "-fe")->flags, 0);
}

TEST(TraceParent, OfALaterVersionIsReadAsFarAsKnown) {
  for (const std::string& header :
       {"cc" + kHeader.substr(2), "01" + kHeader.substr(2) + "-what.else", "fe" + kHeader.substr(2) + "-"}) {
    const auto trace = parse_traceparent(header);
    ASSERT_TRUE(trace) << header;
    EXPECT_EQ(trace->trace_id, kTrace);
  }
}

TEST(TraceParent, IsRefused) {
  const std::string zeros(32, '0');
  for (const std::string& header : {std::string(),
                                    std::string("00"),
                                    kHeader.substr(0, 54),
                                    kHeader + "0",
                                    kHeader + "-",
                                    kHeader + "-more",
                                    " " + kHeader,
                                    kHeader + " ",
                                    "ff" + kHeader.substr(2),
                                    "0x" + kHeader.substr(2),
                                    "01" + kHeader.substr(2) + "x",
                                    "00-" + zeros + "-" + kParent + "-01",
                                    "00-" + kTrace + "-" + zeros.substr(16) + "-01",
                                    "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01",
                                    "00-" + kTrace + "-00F067AA0BA902B7-01",
                                    "00-" + kTrace + "-" + kParent + "-0G",
                                    "00-" + kTrace + "-" + kParent + "-1A",
                                    "00_" + kHeader.substr(3),
                                    "00-" + kTrace + "_" + kParent + "-01",
                                    "00-" + kTrace + "-" + kParent + "_01",
                                    "00-" + kTrace.substr(1) + "g-" + kParent + "-01",
                                    "00-" + kTrace + "-" + kParent.substr(1) + ".-01"}) {
    EXPECT_FALSE(parse_traceparent(header)) << header;
  }
}

TEST(TraceState, IsAListOfVendors) {
  std::string full;
  for (int i = 0; i < 32; ++i) full += (i == 0 ? "" : ",") + std::string("v") + std::to_string(i) + "=1";
  for (const std::string& state :
       {std::string(), std::string("congo=t61rcWkgMzE"), std::string("rojo=00f067aa0ba902b7 , congo=t6"),
        std::string("fw529a3039@dt=FfffffCED,,a=b"), std::string("a_-*/0=!~ x"), full,
        std::string(241, 't') + "@" + std::string(14, 'v') + "=1",
        std::string(256, 'k') + "=" + std::string(256, 'v')}) {
    EXPECT_TRUE(is_tracestate(state)) << state;
  }
  for (const std::string& state :
       {std::string("a"), std::string("a="), std::string("=b"), std::string("A=b"), std::string("a=b=c"),
        std::string("a=b,a=c"), std::string("a =b"), std::string("a@=b"), std::string("@a=b"), std::string("a@b@c=d"),
        std::string(242, 't') + "@v=1", "t@" + std::string(15, 'v') + "=1", std::string("a= "), std::string("a=\x01"),
        std::string("a=\xc3\xa9"), full + ",one=more", std::string(257, 'k') + "=v", "k=" + std::string(257, 'v')}) {
    EXPECT_FALSE(is_tracestate(state)) << state;
  }
}

class TraceOfProcess : public testing::Test {
 protected:
  ~TraceOfProcess() override { begin_trace(nullptr, nullptr); }
};

TEST_F(TraceOfProcess, HasASpanOfItsOwn) {
  EXPECT_TRUE(begin_trace(kHeader.c_str(), "congo=t6").empty());
  ASSERT_TRUE(trace());
  const std::string span = trace()->span_id;
  EXPECT_EQ(span.size(), 16u);
  EXPECT_EQ(span.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(span, kParent);
  EXPECT_EQ(traceparent_text(*trace()), "00-" + kTrace + "-" + span + "-01");
  EXPECT_TRUE(parse_traceparent(traceparent_text(*trace())));
  EXPECT_EQ(trace_json(), nlohmann::ordered_json({{"trace_id", kTrace},
                                                  {"parent_id", kParent},
                                                  {"span_id", span},
                                                  {"traceparent", traceparent_text(*trace())},
                                                  {"tracestate", "congo=t6"}}));
  begin_trace(kHeader.c_str(), nullptr);
  EXPECT_NE(trace()->span_id, span);
  EXPECT_FALSE(trace_json().contains("tracestate"));
}

TEST_F(TraceOfProcess, IsNotThereWithoutAValidParent) {
  for (const char* none : {static_cast<const char*>(nullptr), ""}) {
    EXPECT_TRUE(begin_trace(none, "congo=t6").empty());
    EXPECT_FALSE(trace());
    EXPECT_TRUE(trace_json().is_null());
  }
  begin_trace(kHeader.c_str(), nullptr);
  EXPECT_EQ(begin_trace("nonsense", "congo=t6").size(), 1u);
  EXPECT_FALSE(trace());
}

TEST_F(TraceOfProcess, DoesWithoutAStateThatIsNotValid) {
  const auto warnings = begin_trace(kHeader.c_str(), "a=b,a=c");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("TRACESTATE"), std::string::npos);
  ASSERT_TRUE(trace());
  EXPECT_EQ(trace()->state, "");
}

}  // namespace
}  // namespace tailbit::trace_test
