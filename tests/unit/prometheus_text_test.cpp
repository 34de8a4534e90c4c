// The reader that tests of metrics rest on refuses what Prometheus refuses.
#include "tests/support/prometheus_text.hpp"

#include <gtest/gtest.h>

namespace tailbit::test::prometheus_text_test {
namespace {

TEST(PrometheusText, ReadsSamples) {
  const PrometheusText text("# HELP a What.\n# TYPE a gauge\na 1\na{x=\"1\",y=\"\\\\ \\\" \\n,}\"} -2.5e3\n");
  EXPECT_EQ(text.value("a"), 1.0);
  EXPECT_EQ(text.value("a", {{"x", "1"}, {"y", "\\ \" \n,}"}}), -2500.0);
}

TEST(PrometheusText, RefusesWhatIsNotStrict) {
  const std::string heading = "# HELP a What.\n# TYPE a gauge\n";
  for (const std::string& body : {std::string(),
                                  std::string("a 1"),
                                  std::string("b 1\n"),
                                  std::string("a\n"),
                                  std::string("a NaN\n"),
                                  std::string("a +Inf\n"),
                                  std::string("a 1 \n"),
                                  std::string("a  1\n"),
                                  std::string("a 1\na 1\n"),
                                  std::string("a{} 1\n"),
                                  std::string("a{x=1} 1\n"),
                                  std::string("a{x=\"1\"}1\n"),
                                  std::string("a{x=\"1\",} 1\n"),
                                  std::string("a{x=\"1\",x=\"2\"} 1\n"),
                                  std::string("a{x=\"1} 1\n"),
                                  std::string("a{x=\"\\t\"} 1\n"),
                                  std::string("a{1=\"\"} 1\n"),
                                  std::string("a{x=\"1\"y=\"2\"} 1\n"),
                                  std::string("a 1\n\n"),
                                  "a 1\n" + heading + "a{x=\"1\"} 1\n",
                                  std::string("a 1\n# HELP b What.\nb 1\n")}) {
    EXPECT_THROW(PrometheusText(heading + body), std::runtime_error) << body;
  }
  EXPECT_THROW(PrometheusText("# TYPE a gauge\na 1\n"), std::runtime_error);
  EXPECT_THROW(PrometheusText("a 1\n"), std::runtime_error);
  EXPECT_THROW(PrometheusText("# HELP a\n# TYPE a gauge\na 1\n"), std::runtime_error);
  EXPECT_THROW(PrometheusText("# HELP a What.\n# TYPE a thing\na 1\n"), std::runtime_error);
}

}  // namespace
}  // namespace tailbit::test::prometheus_text_test
