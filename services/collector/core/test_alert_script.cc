#include "services/collector/core/test_alert_script.h"

#include "libs/base/status.h"
#include "services/collector/core/test_alert_units.h"
#include "services/collector/core/test_alert_words.h"

namespace platen::collector::core {
namespace {

using base::InvalidArgument;
using event::v1::AlertRow;

constexpr base::WallTime kStart = base::WallFromMillis(1'767'225'600'000);
constexpr base::Duration kUptimeAtStart = std::chrono::hours(10);
constexpr std::uint64_t kUptimeWrap = std::uint64_t{1} << 32;

// What is to be taken out of this one reading's rows: all of a row, or one column.
struct Unread {
  std::int64_t index;
  std::string column;
};

// Reads a script line by line; keeps what the device shows, which lasts from step to step.
class ScriptReader {
 public:
  // Until the script says otherwise the printer is idle, and nothing ails it.
  ScriptReader() {
    auto& status = *shown_.mutable_status();
    status.set_device_status(event::v1::DEVICE_STATUS_RUNNING);
    status.set_printer_status(event::v1::PRINTER_STATUS_IDLE);
    status.set_error_state_raw(std::string(2, '\0'));
  }

  absl::StatusOr<AlertScript> Read(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      ++number;
      const std::size_t end = text.find('\n');
      if (absl::Status status = ReadLine(text.substr(0, end), number); !status.ok()) {
        return InvalidArgument(number, ": ", status.message());
      }
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    if (absl::Status status = CloseStep(); !status.ok()) {
      return InvalidArgument(number, ": ", status.message());
    }
    if (script_.steps.empty()) return InvalidArgument(number, ": a story without a step");
    return std::move(script_);
  }

 private:
  absl::Status ReadLine(std::string_view line, int number) {
    if (script_.title.empty()) {
      script_.title = std::string(line);
      return line.empty() ? InvalidArgument("the first line is the title") : absl::OkStatus();
    }
    PLATEN_ASSIGN_OR_RETURN(const Words words, SplitWords(line));
    if (words.empty()) return absl::OkStatus();
    if (words[0] == "about") {
      script_.about.insert(script_.about.end(), words.begin() + 1, words.end());
      return absl::OkStatus();
    }
    if (words[0] == "at") return OpenStep(words, number);
    if (!step_open_) return InvalidArgument("before the first 'at', only 'about' can stand");
    if (words[0] == "=>") return Expect(words, number);
    return Show(words);
  }

  absl::Status OpenStep(const Words& words, int number) {
    if (absl::Status status = CloseStep(); !status.ok()) return status;
    if (words.size() != 2) return InvalidArgument("'at' takes one time");
    PLATEN_ASSIGN_OR_RETURN(const base::Duration at, DurationOf(words[1]));
    if (!script_.steps.empty() && kStart + at <= now_) {
      return InvalidArgument("'at' goes back in time");
    }
    now_ = kStart + at;
    step_ = {};
    step_.line = number;
    step_.time = now_;
    step_.reading.kind = script_.steps.empty() ? ReadingKind::kFull : ReadingKind::kStatus;
    unread_.clear();
    in_part_ = false;
    uptime_read_ = true;
    step_open_ = true;
    return absl::OkStatus();
  }

  std::uint64_t Uptime() const {
    return static_cast<std::uint64_t>(base::ToMillis(now_ - boot_) / 10) % kUptimeWrap;
  }

  // Everything the step says is known: makes the reading.
  absl::Status CloseStep() {
    if (!step_open_) return absl::OkStatus();
    step_open_ = false;
    if (step_.expected.empty()) {
      return InvalidArgument("the step of line ", step_.line, " has no '=>'");
    }
    if (!step_.silent) {
      Reading& reading = step_.reading;
      reading.time = now_;
      if (!in_part_) reading.whole = Tables::All();
      reading.snapshot = shown_;
      if (reading.kind == ReadingKind::kStatus) LeaveSupplies(reading);
      if (reading.kind == ReadingKind::kSupplies) KeepSuppliesOnly(reading);
      reading.snapshot.set_complete(!in_part_);
      if (uptime_read_) reading.snapshot.mutable_status()->set_uptime_ticks(Uptime());
      for (const Unread& unread : unread_) {
        if (absl::Status status = Leave(unread, reading.snapshot); !status.ok()) return status;
      }
    }
    script_.steps.push_back(std::move(step_));
    return absl::OkStatus();
  }

  // A status poll does not ask for supplies.
  static void LeaveSupplies(Reading& reading) {
    reading.snapshot.clear_supplies();
    reading.whole.supplies = false;
  }

  void KeepSuppliesOnly(Reading& reading) {
    reading.snapshot.Clear();
    *reading.snapshot.mutable_supplies() = shown_.supplies();
    reading.whole = {.supplies = reading.whole.supplies};
    uptime_read_ = false;
  }

  static absl::Status Leave(const Unread& unread, event::v1::DeviceSnapshot& snapshot) {
    auto& rows = *snapshot.mutable_alerts();
    for (int i = 0; i < rows.size(); ++i) {
      if (rows[i].index() != unread.index) continue;
      if (unread.column.empty()) {
        rows.DeleteSubrange(i, 1);
      } else if (unread.column == "group") {
        rows[i].clear_group();
      } else if (unread.column == "severity") {
        rows[i].clear_severity();
      } else if (unread.column == "code") {
        rows[i].clear_code();
      } else {
        return InvalidArgument("no column '", unread.column, "' can be left unread");
      }
      return absl::OkStatus();
    }
    return InvalidArgument("row ", unread.index, " is not shown");
  }

  absl::Status Show(const Words& words);
  absl::Status ShowStatus(const Words& words);
  absl::Status ShowBits(const Words& words);
  absl::Status ShowUptime(const Words& words);
  absl::Status ShowCover(const Words& words);
  absl::Status ShowSubUnit(const Words& words);
  absl::Status ShowRow(const Words& words);
  absl::Status ChangeRow(const Words& words);
  absl::Status UnreadRow(const Words& words);
  absl::Status Expect(const Words& words, int number);

  // The row of this index and where it stands; a null pointer where it is not shown.
  AlertRow* FindRow(std::int64_t index) {
    for (AlertRow& row : *shown_.mutable_alerts()) {
      if (row.index() == index) return &row;
    }
    return nullptr;
  }

  AlertScript script_;
  ScriptStep step_;
  bool step_open_ = false;
  base::WallTime now_ = kStart;
  base::WallTime boot_ = kStart - kUptimeAtStart;
  event::v1::DeviceSnapshot shown_;
  // Of this step only.
  std::vector<Unread> unread_;
  bool in_part_ = false;
  bool uptime_read_ = true;
};

absl::Status ScriptReader::Show(const Words& words) {
  const std::string& what = words[0];
  if (what == "status") return ShowStatus(words);
  if (what == "bits") return ShowBits(words);
  if (what == "uptime") return ShowUptime(words);
  if (what == "cover") return ShowCover(words);
  if (what == "tray" || what == "output" || what == "supply" || what == "marker") {
    return ShowSubUnit(words);
  }
  if (what == "row") return ShowRow(words);
  if (what == "change") return ChangeRow(words);
  if (what == "unread") return UnreadRow(words);
  if (what == "silent") {
    step_.silent = true;
  } else if (what == "full") {
    step_.reading.kind = ReadingKind::kFull;
  } else if (what == "supplies") {
    step_.reading.kind = ReadingKind::kSupplies;
  } else if (what == "in-part") {
    in_part_ = true;
  } else if (what == "no-rows") {
    shown_.clear_alerts();
  } else if (what == "panel") {
    auto& lines = *shown_.mutable_status()->mutable_console_lines();
    lines.Clear();
    for (std::size_t i = 1; i < words.size(); ++i) *lines.Add() = words[i];
  } else if (what == "events" && words.size() == 2) {
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t number, NumberOf(words[1]));
    shown_.set_alert_all_events(static_cast<std::uint64_t>(number));
  } else if (what == "critical-events" && words.size() == 2) {
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t number, NumberOf(words[1]));
    shown_.set_alert_critical_events(static_cast<std::uint64_t>(number));
  } else if (what == "pages" && words.size() == 2) {
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t number, NumberOf(words[1]));
    shown_.clear_meters();
    auto& meter = *shown_.add_meters();
    meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_TOTAL);
    meter.mutable_kind()->set_colour(event::v1::COLOUR_CLASS_ALL);
    meter.mutable_kind()->set_size(event::v1::SIZE_CLASS_ALL);
    meter.mutable_kind()->set_sides(event::v1::SIDES_CLASS_ALL);
    meter.set_value(static_cast<std::uint64_t>(number));
  } else {
    return InvalidArgument("'", what, "' is nothing that a device shows");
  }
  return absl::OkStatus();
}

absl::Status ScriptReader::ShowStatus(const Words& words) {
  if (words.size() != 3) return InvalidArgument("'status' takes the device's and the printer's");
  PLATEN_ASSIGN_OR_RETURN(const int device, DeviceStatusOf(words[1]));
  PLATEN_ASSIGN_OR_RETURN(const int printer, PrinterStatusOf(words[2]));
  auto& status = *shown_.mutable_status();
  status.set_device_status(static_cast<event::v1::DeviceStatus>(device));
  status.set_printer_status(static_cast<event::v1::PrinterStatus>(printer));
  return absl::OkStatus();
}

absl::Status ScriptReader::ShowBits(const Words& words) {
  auto& status = *shown_.mutable_status();
  status.clear_error_states();
  status.clear_error_state_raw();
  if (words.size() == 2 && words[1] == "unread") return absl::OkStatus();
  std::string raw(2, '\0');
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "none" && words.size() == 2) break;
    PLATEN_ASSIGN_OR_RETURN(const int number, BitOf(words[i]));
    status.add_error_states(static_cast<event::v1::ErrorState>(number));
    char& byte = raw[static_cast<std::size_t>(number - 1) / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (0x80 >> ((number - 1) % 8)));
  }
  status.set_error_state_raw(raw);
  return absl::OkStatus();
}

absl::Status ScriptReader::ShowUptime(const Words& words) {
  if (words.size() != 2) return InvalidArgument("'uptime' takes one time, or 'unread'");
  if (words[1] == "unread") {
    uptime_read_ = false;
    return absl::OkStatus();
  }
  PLATEN_ASSIGN_OR_RETURN(const base::Duration uptime, DurationOf(words[1]));
  boot_ = now_ - uptime;
  return absl::OkStatus();
}

absl::Status ScriptReader::ShowCover(const Words& words) {
  if (words.size() < 3) return InvalidArgument("'cover' takes an index, open or closed, a name");
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t index, NumberOf(words[1]));
  PLATEN_ASSIGN_OR_RETURN(const int state, CoverStatusOf(words[2]));
  event::v1::Cover* cover = nullptr;
  for (auto& each : *shown_.mutable_covers()) {
    if (each.index() == index) cover = &each;
  }
  if (cover == nullptr) cover = shown_.add_covers();
  cover->set_index(static_cast<std::uint32_t>(index));
  cover->set_status(static_cast<event::v1::Cover::Status>(state));
  if (words.size() > 3) cover->set_description(words[3]);
  return absl::OkStatus();
}

absl::Status ScriptReader::ShowSubUnit(const Words& words) {
  return ShowSubUnitOf(words, shown_);
}

// "row 3 gone", or a row as it now stands at the end of the table, raised at this moment.
absl::Status ScriptReader::ShowRow(const Words& words) {
  if (words.size() < 3) return InvalidArgument("'row' takes an index, and 'gone' or what it says");
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t index, NumberOf(words[1]));
  auto& rows = *shown_.mutable_alerts();
  bool shown = false;
  for (int i = rows.size() - 1; i >= 0; --i) {
    if (rows[i].index() != index) continue;
    rows.DeleteSubrange(i, 1);
    shown = true;
  }
  if (words[2] == "gone") {
    return shown ? absl::OkStatus() : InvalidArgument("row ", index, " was not there");
  }
  AlertRow& row = *rows.Add();
  row.set_index(index);
  row.set_device_index(1);
  row.set_group_index(-1);
  row.set_location(-2);
  row.set_training(event::v1::ALERT_TRAINING_UNTRAINED);
  row.set_time_ticks(Uptime());
  return FillRow(words, 2, row);
}

// The row stands where it stood, with the time it had; only what is named is another.
absl::Status ScriptReader::ChangeRow(const Words& words) {
  if (words.size() < 4 || words[1] != "row") return InvalidArgument("'change row', an index, what");
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t index, NumberOf(words[2]));
  AlertRow* row = FindRow(index);
  if (row == nullptr) return InvalidArgument("row ", index, " is not shown");
  return FillRow(words, 3, *row);
}

absl::Status ScriptReader::UnreadRow(const Words& words) {
  if (words.size() < 3 || words[1] != "row") {
    return InvalidArgument("'unread row' takes an index and perhaps a column");
  }
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t index, NumberOf(words[2]));
  unread_.push_back({index, words.size() > 3 ? words[3] : std::string()});
  return absl::OkStatus();
}

absl::Status ScriptReader::Expect(const Words& words, int number) {
  if (words.size() < 2) return InvalidArgument("'=>' takes what is expected");
  ExpectedLine& line = step_.expected.emplace_back();
  line.line = number;
  line.verb = words[1];
  const bool change = line.verb == "raised" || line.verb == "changed" || line.verb == "ended";
  const bool alone = line.verb == "device" || line.verb == "missed" || line.verb == "silence";
  if (!change && !alone && line.verb != "nothing" && line.verb != "open") {
    return InvalidArgument("'", line.verb, "' is nothing that can be expected");
  }
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (change && i > 2 && equals != std::string::npos) {
      line.facts[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    } else if (line.verb == "ended" && i == 3) {
      line.facts["end"] = words[i];
    } else {
      line.names.push_back(words[i]);
    }
  }
  if ((change || alone) && line.names.size() != 1) {
    return InvalidArgument("'", line.verb, "' takes one name, then facts as key=value");
  }
  if (line.verb == "ended" && !line.facts.contains("end")) {
    return InvalidArgument("'ended' takes the alert and how it ended");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AlertScript> ParseAlertScript(std::string_view text) {
  return ScriptReader().Read(text);
}

}  // namespace platen::collector::core
