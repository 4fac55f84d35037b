#include "tests/fault/made_events.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::fault {
namespace ev = event::v1;

EventMaker::EventMaker(std::uint64_t seed, std::uint64_t epoch, std::vector<base::DeviceId> devices)
    : seed_(seed), random_(seed), devices_(std::move(devices)), sequencer_("fault-source", epoch) {}

ev::Event EventMaker::Next(base::WallTime now) {
  ev::Event event;
  event.set_tenant("acme");
  event.set_site("headquarters");
  *event.mutable_observation_time() = event::ToProto(now);
  event.mutable_occurrence()->mutable_pushed()->set_report_id(
      base::StrCat("fault/", seed_, "/", sequencer_.epoch(), "/", ++made_));
  std::uint64_t turn = 0;
  if (made_ % 10 == 0) {
    turn = FillAlert(event);
  } else if (made_ % 10 <= 2) {
    turn = logs_++;
    event.mutable_debug_log()->set_component("fault");
    event.mutable_debug_log()->set_text(Noise());
  } else {
    turn = readings_++;
    auto* sensor = event.mutable_environment_reading()->add_sensors();
    sensor->set_name(base::HexEncode(Noise()));
    sensor->set_temperature_centidegrees(static_cast<std::int32_t>(random_.Below(6000)));
  }
  event.set_device_id(std::string(devices_[turn % devices_.size()].bytes()));
  if (const absl::Status status = sequencer_.Stamp(event); !status.ok()) {
    std::fprintf(stderr, "event_source: %s\n", std::string(status.message()).c_str());
    std::abort();
  }
  return event;
}

std::uint64_t EventMaker::FillAlert(ev::Event& event) {
  // Four alarms after one another, the second within the first: who goes by rules that say so is
  // not told of it. All that one alarm has to do with is of one device.
  struct Step {
    std::uint64_t alarm;
    bool ends;
    std::uint64_t turn;
    const char* name;
    ev::AlertTraining training;
  };

  static constexpr Step kSteps[] = {
      {0, false, 0, "-covering", ev::ALERT_TRAINING_FIELD_SERVICE},
      {1, false, 0, "-covered", ev::ALERT_TRAINING_UNTRAINED},
      {1, true, 0, "-covered", ev::ALERT_TRAINING_UNTRAINED},
      {0, true, 0, "-covering", ev::ALERT_TRAINING_FIELD_SERVICE},
      {2, false, 1, "", ev::ALERT_TRAINING_UNSPECIFIED},
      {2, true, 1, "", ev::ALERT_TRAINING_UNSPECIFIED},
      {3, false, 2, "", ev::ALERT_TRAINING_UNSPECIFIED},
      {3, true, 2, "", ev::ALERT_TRAINING_UNSPECIFIED},
  };
  const std::uint64_t round = alerts_ / std::size(kSteps);
  const Step& step = kSteps[alerts_++ % std::size(kSteps)];
  ev::Alert& alert = *event.mutable_alert();
  // A word each that is found in mails and webhooks again.
  alert.set_description(
      base::StrCat("fault-", sequencer_.epoch(), "-", 4 * round + step.alarm, step.name, "."));
  alert.set_alert_id(alert.description());
  alert.set_lifecycle(ev::ALERT_LIFECYCLE_CONDITION);
  alert.set_origin(ev::ALERT_ORIGIN_DEVICE);
  alert.set_category(ev::ALERT_CATEGORY_ALARM);
  alert.set_training(step.training);
  alert.set_instance(1);
  alert.set_transition(step.ends ? ev::ALERT_TRANSITION_ENDED : ev::ALERT_TRANSITION_RAISED);
  if (step.ends) alert.set_end(ev::ALERT_END_CLEARED);
  return 3 * round + step.turn;
}

std::string EventMaker::Noise() {
  std::string noise(20 + random_.Below(200), '\0');
  for (char& c : noise) c = static_cast<char>(random_.Below(256));
  return noise;
}

absl::StatusOr<std::vector<base::DeviceId>> ReadDevices(const std::string& path) {
  std::vector<base::DeviceId> devices;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    PLATEN_ASSIGN_OR_RETURN(devices.emplace_back(), base::DeviceId::FromHex(line));
  }
  if (devices.empty()) return base::InvalidArgument("no devices in ", path);
  return devices;
}

}  // namespace platen::fault
