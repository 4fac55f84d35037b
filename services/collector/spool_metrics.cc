#include "services/collector/spool_metrics.h"

#include <string>

#include "libs/event/lanes.h"

namespace platen::collector {
namespace {

const char* ReasonOf(edge::SpoolLoss loss) {
  switch (loss) {
    case edge::SpoolLoss::kFull:
      return "full";
    case edge::SpoolLoss::kMemory:
      return "memory";
    case edge::SpoolLoss::kOvertaken:
      break;  // No loss.
    case edge::SpoolLoss::kDamaged:
      return "damaged";
    case edge::SpoolLoss::kRefused:
      return "refused";
  }
  return "";
}

}  // namespace

SpoolMetrics::SpoolMetrics(service::Metrics& metrics)
    : away_(metrics.AddGauge("platen_kafka_away",
                             "1 while Kafka is deemed away and events go to the spool first.")),
      bytes_(metrics.AddGauge("platen_spool_bytes", "Events and states in the spool.")),
      states_(metrics.AddGauge("platen_spool_states",
                               "Devices whose newest state is in the spool and not in Kafka.")),
      oldest_(metrics.AddGauge("platen_spool_oldest_event_timestamp_seconds",
                               "When the oldest event in the spool was observed; 0 without one.")),
      outages_(metrics.AddCounter("platen_kafka_outages_total", "Times that Kafka went away.")),
      written_(metrics.AddCounter("platen_spool_written_events_total", "Events spooled.")),
      failed_(metrics.AddCounter("platen_spool_failed_writes_total",
                                 "Writes of the spool that failed and were tried again.")),
      set_aside_(metrics.AddCounter("platen_spool_set_aside_total",
                                    "Damaged files of the spool that were set aside.")) {
  for (const event::v1::Lane lane : event::kLanes) {
    const std::size_t place = core::PlaceOf(lane);
    const std::string name(event::LaneName(lane));
    events_[place] =
        &metrics.AddGauge("platen_spool_events", "Events in the spool.", {{"lane", name}});
    for (std::size_t i = 0; i < edge::kSpoolLosses; ++i) {
      const auto loss = static_cast<edge::SpoolLoss>(i);
      lost_[place][i] =
          loss == edge::SpoolLoss::kOvertaken
              ? &metrics.AddCounter("platen_spool_overtaken_events_total",
                                    "Events that the spool gave up because another collector had "
                                    "taken over first and says what still holds.",
                                    {{"lane", name}})
              : &metrics.AddCounter("platen_spool_lost_events_total",
                                    "Events that the spool gave up; each is reported as a gap.",
                                    {{"lane", name}, {"reason", ReasonOf(loss)}});
    }
  }
}

void SpoolMetrics::Update(const edge::SpoolFigures& figures) {
  const auto follow = [](service::Counter& counter, std::uint64_t now, std::uint64_t seen) {
    counter.Increment(static_cast<double>(now - seen));
  };
  away_.Set(figures.phase == core::Outage::Phase::kAway ? 1 : 0);
  bytes_.Set(static_cast<double>(figures.log.bytes));
  states_.Set(static_cast<double>(figures.log.states));
  oldest_.Set(static_cast<double>(base::ToMillis(figures.log.oldest)) / 1000);
  follow(outages_, figures.outages, seen_.outages);
  follow(written_, figures.log.written, seen_.log.written);
  follow(failed_, figures.log.failed_writes, seen_.log.failed_writes);
  follow(set_aside_, figures.log.set_aside, seen_.log.set_aside);
  for (std::size_t lane = 0; lane < core::kLaneCount; ++lane) {
    events_[lane]->Set(static_cast<double>(figures.log.records[lane]));
    for (std::size_t i = 0; i < edge::kSpoolLosses; ++i) {
      follow(*lost_[lane][i], figures.log.lost[lane][i], seen_.log.lost[lane][i]);
    }
  }
  seen_ = figures;
}

}  // namespace platen::collector
