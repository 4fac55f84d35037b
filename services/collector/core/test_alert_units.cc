#include "services/collector/core/test_alert_units.h"

#include "libs/base/status.h"
#include "services/collector/core/levels.h"

namespace platen::collector::core {
namespace {

using base::InvalidArgument;

// What can be said of any of them.
struct Said {
  std::string name;
  RawLevel level;
  std::optional<std::int32_t> status;
  std::optional<std::int64_t> type;
  std::string size;
};

absl::StatusOr<std::int64_t> LevelOf(const std::string& word) {
  if (word == "unlimited") return -1;
  if (word == "unknown") return -2;
  if (word == "some") return -3;
  return NumberOf(word);
}

absl::StatusOr<Said> Read(const Words& words) {
  Said said;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool key =
        word == "level" || word == "of" || word == "status" || word == "type" || word == "size";
    if (!key) {
      if (i != 2) return InvalidArgument("'", word, "' is nothing that a sub-unit has");
      said.name = word;
      continue;
    }
    if (i + 1 == words.size()) return InvalidArgument("'", word, "' needs something behind it");
    const std::string& value = words[++i];
    if (word == "size") {
      said.size = value;
      continue;
    }
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t number, LevelOf(value));
    if (word == "level") said.level.level = number;
    if (word == "of") said.level.capacity = number;
    if (word == "status") said.status = static_cast<std::int32_t>(number);
    if (word == "type") said.type = number;
  }
  return said;
}

template <class Row>
Row& RowOf(google::protobuf::RepeatedPtrField<Row>& rows, std::int64_t index) {
  for (Row& row : rows) {
    if (row.index() == index) return row;
  }
  Row& row = *rows.Add();
  row.set_index(static_cast<std::uint32_t>(index));
  return row;
}

void SetLevel(const Said& said, event::v1::Level& level) {
  if (!said.level.level.has_value()) return;
  RawLevel raw = said.level;
  if (!raw.capacity.has_value() && level.has_raw_capacity()) raw.capacity = level.raw_capacity();
  level = MakeLevel(raw);
}

void ShowTray(const Said& said, event::v1::Input& tray) {
  if (!said.name.empty()) tray.set_name(said.name);
  SetLevel(said, *tray.mutable_level());
  if (said.status.has_value()) tray.set_status(*said.status);
  if (said.type.has_value()) tray.set_type(static_cast<std::int32_t>(*said.type));
  if (!said.size.empty()) tray.set_media_size(said.size);
}

void ShowOutput(const Said& said, event::v1::Output& output) {
  if (!said.name.empty()) output.set_name(said.name);
  SetLevel(said, *output.mutable_remaining());
  if (said.status.has_value()) output.set_status(*said.status);
}

// Toner that is used up, where nothing else is said.
void ShowSupply(const Said& said, event::v1::Supply& supply) {
  if (!said.name.empty()) supply.set_description(said.name);
  if (supply.type() == event::v1::SUPPLY_TYPE_UNSPECIFIED) {
    supply.set_type(event::v1::SUPPLY_TYPE_TONER);
    supply.set_supply_class(event::v1::SUPPLY_CLASS_CONTAINER);
  }
  if (said.type.has_value()) {
    supply.set_type(static_cast<event::v1::SupplyType>(*said.type));
    const bool waste = supply.type() == event::v1::SUPPLY_TYPE_WASTE_TONER ||
                       supply.type() == event::v1::SUPPLY_TYPE_WASTE_INK;
    supply.set_supply_class(waste ? event::v1::SUPPLY_CLASS_RECEPTACLE
                                  : event::v1::SUPPLY_CLASS_CONTAINER);
  }
  SetLevel(said, *supply.mutable_level());
}

}  // namespace

absl::Status ShowSubUnitOf(const Words& words, event::v1::DeviceSnapshot& shown) {
  if (words.size() < 3) return InvalidArgument("'", words[0], "' takes an index and what it is");
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t index, NumberOf(words[1]));
  PLATEN_ASSIGN_OR_RETURN(const Said said, Read(words));
  if (words[0] == "tray") {
    ShowTray(said, RowOf(*shown.mutable_inputs(), index));
  } else if (words[0] == "output") {
    ShowOutput(said, RowOf(*shown.mutable_outputs(), index));
  } else if (words[0] == "supply") {
    ShowSupply(said, RowOf(*shown.mutable_supplies(), index));
  } else if (said.status.has_value()) {
    RowOf(*shown.mutable_markers(), index).set_status(*said.status);
  }
  return absl::OkStatus();
}

absl::Status FillRow(const Words& words, std::size_t from, event::v1::AlertRow& row) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "no-time") {
      row.clear_time_ticks();
      continue;
    }
    if (const auto severity = SeverityOf(word); severity.ok() && i == from) {
      row.set_severity(static_cast<event::v1::AlertSeverity>(*severity));
      continue;
    }
    if (i + 1 == words.size()) return InvalidArgument("'", word, "' needs something behind it");
    const std::string& value = words[++i];
    if (word == "in") {
      const std::size_t slash = value.find('/');
      const std::string name = value.substr(0, slash);
      const auto known = GroupOf(name);
      const auto number = NumberOf(name);
      if (!known.ok() && !number.ok()) return known.status();
      row.set_group(known.ok() ? *known : static_cast<std::int32_t>(*number));
      row.set_group_index(-1);
      if (slash == std::string::npos) continue;
      PLATEN_ASSIGN_OR_RETURN(const std::int64_t index, NumberOf(value.substr(slash + 1)));
      row.set_group_index(static_cast<std::int32_t>(index));
    } else if (word == "code") {
      PLATEN_ASSIGN_OR_RETURN(const std::int64_t code, NumberOf(value));
      row.set_code(static_cast<std::int32_t>(code));
    } else if (word == "location") {
      PLATEN_ASSIGN_OR_RETURN(const std::int64_t location, NumberOf(value));
      row.set_location(static_cast<std::int32_t>(location));
    } else if (word == "device") {
      PLATEN_ASSIGN_OR_RETURN(const std::int64_t device, NumberOf(value));
      row.set_device_index(static_cast<std::uint32_t>(device));
    } else if (word == "for") {
      PLATEN_ASSIGN_OR_RETURN(const int training, TrainingOf(value));
      row.set_training(static_cast<event::v1::AlertTraining>(training));
    } else if (word == "time") {
      PLATEN_ASSIGN_OR_RETURN(const base::Duration time, DurationOf(value));
      row.set_time_ticks(static_cast<std::uint64_t>(base::ToMillis(time) / 10));
    } else if (word == "text") {
      row.set_description(value);
    } else {
      return InvalidArgument("'", word, "' is nothing that a row says");
    }
  }
  return absl::OkStatus();
}

}  // namespace platen::collector::core
