// How results are written: a table for people, JSON lines or CSV for programs.
#pragma once

#include <ostream>
#include <string>

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/status/statusor.h"
#include "tools/platenctl/arguments.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/table.h"

namespace platen::platenctl {

enum class Format { kTable, kJson, kCsv };

inline constexpr OptionSpec kOutputOption = {
    "output", "FORMAT", "table, json (protobuf JSON, one object a line) or csv; default table"};

// kInvalidArgument for another format than these.
absl::StatusOr<Format> ReadFormat(const Arguments& arguments);

// Sets `time` where `option` was given: "2026-01-31", or "2026-01-31T12:00:00Z". kInvalidArgument
// for another text.
absl::Status ReadTime(const Arguments& arguments,
                      std::string_view option,
                      google::protobuf::Timestamp* time);

// One line of protobuf JSON.
std::string ToJson(const google::protobuf::Message& message);

// The table as text or CSV; `nothing` where it is empty and for people. On a terminal, columns that
// do not fit are left out, which a last line says.
void Write(const Table& table, Format format, std::string_view nothing, Session& session);

}  // namespace platen::platenctl
