#include "services/relay/relay_metrics.h"

#include <algorithm>
#include <utility>

#include "libs/service/log.h"

namespace platen::relay {
namespace {

constexpr const char* kEvents = "platen_relay_events_total";
constexpr const char* kEventsHelp =
    "Records taken from Kafka, by how they ended: delivered, dead_lettered, dropped, handed_back "
    "(their partition moved), other_route.";
constexpr const char* kBatches = "platen_relay_batches_total";
constexpr const char* kBatchesHelp = "Batches that the gateway answered.";
constexpr const char* kDirectives = "platen_relay_directives_total";
constexpr const char* kDirectivesHelp = "Directives from the gateway.";

std::vector<double> EventBuckets() {
  return {1, 3, 10, 30, 100, 300, 1000, 3000, 10'000};
}

}  // namespace

service::Labels RelayMetrics::With(const std::string& label, const std::string& value) const {
  return {{"lane", lane_}, {"route", route_}, {label, value}};
}

RelayMetrics::RelayMetrics(service::Metrics& metrics,
                           std::string lane,
                           std::string route,
                           GatewayLog& gateway)
    : gateway_(gateway),
      lane_(std::move(lane)),
      route_(std::move(route)),
      accepted_(metrics.AddCounter(kBatches, kBatchesHelp, With("result", "accepted"))),
      rewound_(metrics.AddCounter(kBatches, kBatchesHelp, With("result", "rewound"))),
      delivered_(metrics.AddCounter(kEvents, kEventsHelp, With("result", "delivered"))),
      duplicates_(metrics.AddCounter("platen_relay_duplicates_total",
                                     "Delivered events that the gateway knew already.",
                                     {{"lane", lane_}, {"route", route_}})),
      dead_lettered_(metrics.AddCounter(kEvents, kEventsHelp, With("result", "dead_lettered"))),
      dropped_(metrics.AddCounter(kEvents, kEventsHelp, With("result", "dropped"))),
      handed_back_(metrics.AddCounter(kEvents, kEventsHelp, With("result", "handed_back"))),
      skipped_(metrics.AddCounter(kEvents, kEventsHelp, With("result", "other_route"))),
      unknown_route_(metrics.AddCounter("platen_relay_unknown_route_total",
                                        "Records whose route is in no configuration.",
                                        {{"lane", lane_}, {"route", route_}})),
      batch_events_(metrics.AddHistogram("platen_relay_batch_events",
                                         "Events in a batch sent.",
                                         EventBuckets(),
                                         {{"lane", lane_}, {"route", route_}})),
      batch_bytes_(metrics.AddHistogram("platen_relay_batch_bytes",
                                        "Payload of a batch sent, before compression.",
                                        service::SizeBuckets(),
                                        {{"lane", lane_}, {"route", route_}})),
      in_flight_(metrics.AddGauge("platen_relay_in_flight_events",
                                  "Taken from Kafka and not ended.",
                                  {{"lane", lane_}, {"route", route_}})),
      buffered_bytes_(metrics.AddGauge("platen_relay_buffered_bytes",
                                       "Events and dead letters in memory.",
                                       {{"lane", lane_}, {"route", route_}})),
      lag_(metrics.AddGauge("platen_relay_lag_records",
                            "Records of the own partitions that have not ended.",
                            {{"lane", lane_}, {"route", route_}})),
      window_(metrics.AddGauge("platen_relay_window_batches",
                               "How many batches may be unanswered at present.",
                               {{"lane", lane_}, {"route", route_}})),
      stream_up_(metrics.AddGauge("platen_relay_stream_up",
                                  "1 while the gateway takes batches.",
                                  {{"lane", lane_}, {"route", route_}})),
      commit_failures_(metrics.AddCounter("platen_relay_commit_failures_total",
                                          "Rounds of offset commits that failed; tried again.",
                                          {{"lane", lane_}, {"route", route_}})),
      directives_stored_(
          metrics.AddCounter(kDirectives, kDirectivesHelp, With("result", "stored"))),
      directives_refused_(
          metrics.AddCounter(kDirectives, kDirectivesHelp, With("result", "refused"))),
      gap_records_(metrics.AddCounter("platen_relay_gap_records_total",
                                      "Records that retention ate before they were read.",
                                      {{"lane", lane_}, {"route", route_}})) {
  for (std::size_t i = 0; i < reconnects_.size(); ++i) {
    const std::string_view reason = edge::FaultName(static_cast<edge::GatewayFault>(i));
    reconnects_[i] = &metrics.AddCounter("platen_relay_reconnects_total",
                                         "Streams that ended or could not begin.",
                                         With("reason", std::string(reason)));
  }
  for (std::size_t i = 0; i < refused_.size(); ++i) {
    const auto reason = static_cast<core::DeadLetterReason>(i);
    refused_[i] = &metrics.AddCounter("platen_relay_refused_total",
                                      "Events refused for good, by reason; each a dead letter.",
                                      With("reason", std::string(core::ReasonName(reason))));
  }
}

void RelayMetrics::OnState(const core::RelayTotals& totals, const State& state) {
  const auto add = [&](service::Counter& counter, std::uint64_t core::RelayTotals::*total) {
    counter.Increment(static_cast<double>(totals.*total - told_.*total));
  };
  add(accepted_, &core::RelayTotals::batches_accepted);
  add(rewound_, &core::RelayTotals::batches_rewound);
  add(delivered_, &core::RelayTotals::delivered);
  add(duplicates_, &core::RelayTotals::duplicates);
  add(dead_lettered_, &core::RelayTotals::dead_lettered);
  add(dropped_, &core::RelayTotals::dropped);
  add(handed_back_, &core::RelayTotals::handed_back);
  add(skipped_, &core::RelayTotals::skipped);
  add(unknown_route_, &core::RelayTotals::unknown_route);
  for (std::size_t i = 0; i < refused_.size(); ++i) {
    refused_[i]->Increment(static_cast<double>(totals.refused[i] - told_.refused[i]));
  }
  told_ = totals;
  in_flight_.Set(static_cast<double>(state.in_flight));
  buffered_bytes_.Set(static_cast<double>(state.buffered_bytes));
  lag_.Set(static_cast<double>(state.lag));
  window_.Set(static_cast<double>(state.window));
  stream_up_.Set(state.stream_up ? 1 : 0);
}

void RelayMetrics::OnBatchSent(std::size_t events, std::size_t bytes) {
  batch_events_.Observe(static_cast<double>(events));
  batch_bytes_.Observe(static_cast<double>(bytes));
}

void RelayMetrics::OnStreamUp(const std::string& server) {
  service::LogDebug("stream to the gateway is up",
                    {{"lane", lane_}, {"route", route_}, {"gateway", server}});
  gateway_.OnUp(lane_);
}

void RelayMetrics::OnStreamDown(const edge::GatewayTrouble& trouble, bool lasted) {
  reconnects_[static_cast<std::size_t>(trouble.fault)]->Increment();
  service::LogDebug("stream to the gateway is down; it is opened again",
                    {{"lane", lane_}, {"route", route_}, {"reason", trouble.status.message()}});
  gateway_.OnDown(lane_, trouble, lasted);
}

void RelayMetrics::OnCommit(const absl::Status& outcome) {
  if (outcome.ok()) return;
  commit_failures_.Increment();
  service::LogWarning("offsets could not be committed; they are tried again",
                      {{"lane", lane_}, {"route", route_}, {"reason", outcome.message()}});
}

void RelayMetrics::OnDirective(std::uint64_t number, const absl::Status& outcome) {
  if (outcome.ok()) {
    directives_stored_.Increment();
    return;
  }
  directives_refused_.Increment();
  service::LogWarning("directive refused", {{"number", number}, {"reason", outcome.message()}});
}

void RelayMetrics::OnGap(const broker::OutOfRange& gap) {
  const std::int64_t eaten = std::max<std::int64_t>(0, gap.earliest - gap.wanted);
  gap_records_.Increment(static_cast<double>(eaten));
  service::LogError("retention ate records before they were forwarded",
                    {{"lane", lane_},
                     {"route", route_},
                     {"topic", gap.partition.topic},
                     {"partition", gap.partition.number},
                     {"first", gap.wanted},
                     {"next", gap.earliest}});
}

void RelayMetrics::OnTrouble(const absl::Status& trouble) {
  if (trouble.ok()) {
    service::LogInfo("Kafka answers again", {{"lane", lane_}, {"route", route_}});
  } else {
    service::LogWarning("trouble with Kafka",
                        {{"lane", lane_}, {"route", route_}, {"reason", trouble.message()}});
  }
}

}  // namespace platen::relay
