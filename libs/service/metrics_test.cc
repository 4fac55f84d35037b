#include "libs/service/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::service {
namespace {

using ::testing::HasSubstr;

TEST(MetricsTest, WritesPrometheusText) {
  Metrics metrics;
  metrics.AddCounter("platen_events_total", "Events.", {{"lane", "alerts"}}).Increment(3);
  metrics.AddGauge("platen_queue_bytes", "Bytes waiting.").Set(7);
  metrics.AddHistogram("platen_wait_seconds", "Wait.", {0.1, 1}).Observe(0.5);

  const std::string text = metrics.Text();

  EXPECT_THAT(
      text, HasSubstr("# HELP platen_events_total Events.\n# TYPE platen_events_total counter\n"));
  EXPECT_THAT(text, HasSubstr("platen_events_total{lane=\"alerts\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("platen_queue_bytes 7\n"));
  EXPECT_THAT(text, HasSubstr("platen_wait_seconds_bucket{le=\"1\"} 1\n"));
}

TEST(MetricsTest, GivesTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& one = metrics.AddCounter("platen_events_total", "Events.", {{"lane", "alerts"}});
  EXPECT_EQ(&one, &metrics.AddCounter("platen_events_total", "Events.", {{"lane", "alerts"}}));
  EXPECT_NE(&one, &metrics.AddCounter("platen_events_total", "Events.", {{"lane", "logs"}}));
}

TEST(MetricsTest, AsksForAValueAtEachScrape) {
  Metrics metrics;
  int asked = 0;
  metrics.AddGaugeFunction("platen_queue_bytes", "Bytes waiting.", {}, [&] { return ++asked; });
  EXPECT_THAT(metrics.Text(), HasSubstr("platen_queue_bytes 1\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("platen_queue_bytes 2\n"));
}

TEST(MetricsTest, ACounterFunctionIsACounterWithWhatItIsTold) {
  Metrics metrics;
  double opened = 0;
  metrics.AddCounterFunction("platen_doors_opened_total", "Opened.", {}, [&] { return opened; });

  EXPECT_THAT(metrics.Text(), HasSubstr("platen_doors_opened_total 0\n"));
  opened = 3;
  EXPECT_THAT(metrics.Text(), HasSubstr("# TYPE platen_doors_opened_total counter\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("platen_doors_opened_total 3\n"));
}

TEST(MetricsTest, ReasonsThatNeverOccurredShowAsZero) {
  enum class Reason { kFull, kLate };
  Metrics metrics;
  CountersByEnum<Reason, 2> drops(metrics,
                                  "platen_events_dropped_total",
                                  "Dropped.",
                                  "reason",
                                  {{{Reason::kFull, "full"}, {Reason::kLate, "late"}}});

  drops[Reason::kLate].Increment();

  EXPECT_THAT(metrics.Text(), HasSubstr("platen_events_dropped_total{reason=\"full\"} 0\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("platen_events_dropped_total{reason=\"late\"} 1\n"));
}

TEST(MetricsDeathTest, ANameOfAnotherProjectEndsTheProcess) {
  Metrics metrics;
  EXPECT_DEATH(metrics.AddCounter("events_total", "Events."), "does not begin with platen_");
  metrics.AddCounter("platen_x", "X.");
  EXPECT_DEATH(metrics.AddGauge("platen_x", "X."), "metric platen_x");
}

}  // namespace
}  // namespace platen::service
