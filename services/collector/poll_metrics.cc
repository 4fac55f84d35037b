#include "services/collector/poll_metrics.h"

namespace platen::collector {
namespace {

constexpr char kNotifiedPolls[] = "platen_notified_polls_total";
constexpr char kNotifiedPollsHelp[] =
    "Polls that traps and informs asked for, by device, and those of no device's agent.";

}  // namespace

PollMetrics::PollMetrics(service::Metrics& metrics)
    : devices_(metrics.AddGauge("platen_devices", "Devices this collector polls.")),
      reading_(metrics.AddGauge("platen_devices_reading", "Devices with a reading under way.")),
      settling_(metrics.AddGauge("platen_devices_settling",
                                 "Devices whose last reading is on its way to Kafka.")),
      waiting_(metrics.AddGauge("platen_devices_waiting_first_read",
                                "New devices that wait for their first reading.")),
      partitions_(metrics.AddGauge("platen_partitions_owned", "Partitions this collector owns.")),
      partitions_lost_(metrics.AddGauge(
          "platen_partitions_lost",
          "Owned partitions that Kafka's group no longer gives, and nobody else has claimed.")),
      backlog_(
          metrics.AddGauge("platen_publish_backlog_records",
                           "Records that Kafka has no room for; nothing is polled meanwhile.")),
      answered_{
          &metrics.AddCounter("platen_readings_total", "Readings.", {{"result", "answered"}})},
      silent_{&metrics.AddCounter("platen_readings_total", "Readings.", {{"result", "silent"}})},
      partial_{&metrics.AddCounter("platen_readings_partial_total",
                                   "Full readings that did not reach the end of every table.")},
      events_{&metrics.AddCounter("platen_events_produced_total", "Events given to Kafka.")},
      refused_{&metrics.AddCounter("platen_events_refused_total",
                                   "Events or states that Kafka refused for good.")},
      requests_{&metrics.AddCounter("platen_snmp_requests_total", "SNMP requests sent.")},
      waiting_for_links_(metrics.AddGauge(
          "platen_snmp_requests_waiting_for_links",
          "Requests that wait until the line to their printers has room (snmp.links).")),
      answers_from_elsewhere_{&metrics.AddCounter(
          "platen_snmp_answers_from_other_address_total",
          "Answers taken from another address than was asked, as their targets allow.")},
      timeouts_{
          &metrics.AddCounter("platen_snmp_timeouts_total", "SNMP requests without an answer.")},
      misconfigured_{&metrics.AddCounter("platen_readings_misconfigured_total",
                                         "Readings that could not begin: no such credential, no "
                                         "address, or a version not spoken.")},
      bytes_sent_{&metrics.AddCounter("platen_snmp_sent_bytes_total", "SNMP bytes sent.")},
      bytes_received_{
          &metrics.AddCounter("platen_snmp_received_bytes_total", "SNMP bytes received.")},
      claims_lost_{&metrics.AddCounter("platen_partition_claims_lost_total",
                                       "Partitions lost to a collector with a higher term.")},
      numbers_given_up_{&metrics.AddCounter("platen_event_numbers_given_up_total",
                                            "Numbers given to events that were not said any more, "
                                            "because their partition was lost.")},
      targets_read_{&metrics.AddCounter("platen_targets_read_total",
                                        "Targets read from Kafka: new, changed or removed.")},
      targets_refused_{&metrics.AddCounter("platen_targets_refused_total",
                                           "Targets that are not polled.",
                                           {{"reason", "devices_max"}})},
      targets_undecodable_{&metrics.AddCounter("platen_targets_refused_total",
                                               "Targets that are not polled.",
                                               {{"reason", "undecodable"}})},
      states_undecodable_{
          &metrics.AddCounter("platen_device_states_undecodable_total",
                              "Devices that began anew, because their state can't be read.")},
      alerts_missed_{&metrics.AddCounter(
          "platen_alerts_missed_total",
          "Alerts that devices counted, and that came and went between two readings")},
      alerts_left_out_{&metrics.AddCounter(
          "platen_alerts_left_out_total",
          "Alerts not raised, because their device has as many open as one may have.")},
      meters_left_out_{&metrics.AddCounter(
          "platen_meters_left_out_total",
          "Counters read and not judged, because their device has more than are followed.")},
      other_device_{&metrics.AddCounter(
          "platen_readings_refused_total",
          "Readings of which nothing was taken, because another device answered.",
          {{"reason", "other_device"}})},
      supplies_left_out_{&metrics.AddCounter("platen_supplies_left_out_total",
                                             "Supplies whose replacement is not told, because "
                                             "their device has more than are followed.")},
      overflow_{&metrics.AddCounter("platen_snmp_receive_overflow_total",
                                    "Datagrams the kernel dropped because nobody read in time.")},
      notified_{&metrics.AddCounter(kNotifiedPolls, kNotifiedPollsHelp, {{"result", "planned"}})},
      notified_again_{
          &metrics.AddCounter(kNotifiedPolls, kNotifiedPollsHelp, {{"result", "planned_already"}})},
      notified_limited_{
          &metrics.AddCounter(kNotifiedPolls, kNotifiedPollsHelp, {{"result", "limited"}})},
      notified_by_strangers_{
          &metrics.AddCounter(kNotifiedPolls, kNotifiedPollsHelp, {{"result", "unknown_sender"}})},
      notifications_overflow_{
          &metrics.AddCounter("platen_snmp_notifications_overflow_total",
                              "Traps and informs the kernel dropped because nobody read in time.")},
      delay_(metrics.AddHistogram(
          "platen_reading_delay_seconds",
          "How much later than planned readings began; first readings, which have no plan, apart.",
          {edge::Delays::kBounds.begin(), edge::Delays::kBounds.end()})) {
  for (std::size_t i = 0; i < snmp::kDecodeFaults; ++i) {
    const auto fault = static_cast<snmp::DecodeFault>(i);
    const std::string reason(fault == snmp::DecodeFault::kNone ? "decoded" : snmp::Name(fault));
    decode_faults_[i].counter = &metrics.AddCounter("platen_snmp_datagrams_total",
                                                    "Datagrams received, by whether they decode.",
                                                    {{"result", reason}});
  }
  for (std::size_t i = 0; i < snmp::usm::kHeards; ++i) {
    heard_[i].counter = &metrics.AddCounter(
        "platen_snmp_secured_messages_total",
        "Messages of SNMPv3 for requests that are open, by what became of them.",
        {{"result", std::string(snmp::usm::Name(static_cast<snmp::usm::Heard>(i)))}});
  }
  for (std::size_t i = 0; i < snmp::kMatchResults; ++i) {
    matches_[i].counter = &metrics.AddCounter(
        "platen_snmp_responses_total",
        "Messages received, by whether they answer a request that is open.",
        {{"result", std::string(snmp::Name(static_cast<snmp::MatchResult>(i)))}});
  }
  for (std::size_t i = 0; i < edge::kNotifieds; ++i) {
    notifications_[i].counter =
        &metrics.AddCounter("platen_snmp_notifications_total",
                            "Datagrams where traps and informs are listened for, by what they are.",
                            {{"result", std::string(edge::Name(static_cast<edge::Notified>(i)))}});
  }
}

void PollMetrics::Update(const edge::PollLoopFigures& figures) {
  devices_.Set(static_cast<double>(figures.fleet.devices));
  reading_.Set(static_cast<double>(figures.fleet.reading));
  settling_.Set(static_cast<double>(figures.fleet.settling));
  waiting_.Set(static_cast<double>(figures.fleet.waiting_first));
  partitions_.Set(static_cast<double>(figures.partitions));
  partitions_lost_.Set(static_cast<double>(figures.partitions_lost));
  backlog_.Set(static_cast<double>(figures.backlog));
  answered_.Follow(figures.fleet.answered);
  silent_.Follow(figures.fleet.silent);
  partial_.Follow(figures.fleet.partial);
  events_.Follow(figures.fleet.events);
  refused_.Follow(figures.fleet.refused);
  requests_.Follow(figures.reader.requests);
  waiting_for_links_.Set(static_cast<double>(figures.reader.waiting_for_links));
  answers_from_elsewhere_.Follow(figures.reader.answers_from_elsewhere);
  timeouts_.Follow(figures.reader.timeouts);
  misconfigured_.Follow(figures.reader.misconfigured);
  bytes_sent_.Follow(figures.reader.bytes_sent);
  bytes_received_.Follow(figures.reader.bytes_received);
  claims_lost_.Follow(figures.claims_lost);
  numbers_given_up_.Follow(figures.numbers_given_up);
  targets_read_.Follow(figures.targets.read);
  targets_refused_.Follow(figures.targets.refused);
  targets_undecodable_.Follow(figures.targets.undecodable);
  states_undecodable_.Follow(figures.fleet.unreadable_states);
  alerts_missed_.Follow(figures.fleet.alerts_missed);
  alerts_left_out_.Follow(figures.fleet.alerts_left_out);
  meters_left_out_.Follow(figures.fleet.meters_left_out);
  other_device_.Follow(figures.fleet.other_device);
  supplies_left_out_.Follow(figures.fleet.supplies_left_out);
  overflow_.Follow(figures.datagrams.receive_overflow);
  notified_.Follow(figures.fleet.notified);
  notified_again_.Follow(figures.fleet.notified_again);
  notified_limited_.Follow(figures.fleet.notified_limited);
  notified_by_strangers_.Follow(figures.fleet.notified_by_strangers);
  notifications_overflow_.Follow(figures.notifications.overflow);
  for (std::size_t i = 0; i < notifications_.size(); ++i) {
    notifications_[i].Follow(figures.notifications.results[i]);
  }
  const edge::Delays& delays = figures.reader.delays;
  std::vector<double> more;
  for (std::size_t i = 0; i < delays.counts.size(); ++i) {
    more.push_back(static_cast<double>(delays.counts[i] - delays_seen_.counts[i]));
  }
  delay_.ObserveMultiple(more, delays.sum_seconds - delays_seen_.sum_seconds);
  delays_seen_ = delays;
  for (std::size_t i = 0; i < decode_faults_.size(); ++i) {
    decode_faults_[i].Follow(figures.reader.decode_faults[i]);
  }
  for (std::size_t i = 0; i < heard_.size(); ++i) heard_[i].Follow(figures.reader.heard[i]);
  for (std::size_t i = 0; i < matches_.size(); ++i) matches_[i].Follow(figures.matches[i]);
}

}  // namespace platen::collector
