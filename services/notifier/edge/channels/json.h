// Writes the JSON that channels send. What devices and people say goes in as strings only, escaped
// by service::JsonString(), so that none of it becomes structure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <google/protobuf/timestamp.pb.h>

namespace platen::notifier::edge {

class JsonArray;

// Writes an object member by member; members without a value are left out. Names are written as
// they are: they are ours, plain and without quotes.
class JsonObject {
 public:
  void Text(std::string_view name, std::string_view value);
  void Number(std::string_view name, std::int64_t value);
  void Flag(std::string_view name, bool value);
  // RFC 3339 in UTC, to the millisecond.
  void Time(std::string_view name, const google::protobuf::Timestamp& time);
  void Object(std::string_view name, const JsonObject& value);
  void Array(std::string_view name, const JsonArray& value);

  std::string Close() const { return "{" + members_ + "}"; }

 private:
  friend class JsonArray;

  std::string& Member(std::string_view name);

  std::string members_;
};

class JsonArray {
 public:
  void Add(const JsonObject& value);

  std::string Close() const { return "[" + elements_ + "]"; }

 private:
  friend class JsonObject;

  std::string elements_;
};

}  // namespace platen::notifier::edge
