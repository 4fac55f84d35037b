// A field of platen.event.v1.Event by its path, as people write it in a rule: "tenant",
// "alert.category", "alert.device.location".
//
// Pure. Thread-compatible: a value type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "absl/status/statusor.h"

namespace platen::rules {

class Field {
 public:
  enum class Kind {
    kNumber,  // Whole numbers, flags as 0 and 1.
    kName,    // Enumerators: read as their numbers, written as their short names.
    kText,
    kId,  // Bytes: written in hexadecimal.
  };

  // kInvalidArgument where there is no such field, or none that a condition can be on: a message,
  // or something repeated.
  static absl::StatusOr<Field> Parse(std::string_view path);

  const std::string& path() const { return path_; }

  Kind kind() const { return kind_; }

  bool is_text() const { return kind_ == Kind::kText || kind_ == Kind::kId; }

  // What the event has there, of kNumber and kName; nothing where a message on the way is absent.
  std::optional<std::int64_t> Number(const event::v1::Event& event) const;

  // The same for kText and kId; empty text is absent. `scratch` may hold what the view points to.
  std::optional<std::string_view> Text(const event::v1::Event& event, std::string& scratch) const;

  // The number that a person has written for a value of kNumber or kName. kInvalidArgument, with
  // the names there are.
  absl::StatusOr<std::int64_t> ParseNumber(std::string_view text) const;

  // The same for kId: the bytes. kInvalidArgument where it is no hexadecimal.
  static absl::StatusOr<std::string> ParseId(std::string_view text);

 private:
  Field() = default;

  const google::protobuf::Message* Holder(const event::v1::Event& event) const;

  std::string path_;
  Kind kind_ = Kind::kNumber;
  // From the event down; the last is the field itself.
  std::vector<const google::protobuf::FieldDescriptor*> steps_;
};

}  // namespace platen::rules
