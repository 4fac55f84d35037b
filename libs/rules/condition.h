// What a rule, silence or inhibition holds for: alternatives of conditions on an event's fields
// (platen.rules.v1.Match), compiled.
//
// Pure. Thread-compatible: value types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "libs/rules/field.h"

namespace platen::rules {

inline constexpr int kAlternativesMax = 16;
inline constexpr int kMatchersMax = 16;
inline constexpr int kValuesMax = 256;
inline constexpr std::size_t kValueBytesMax = 256;

// One condition on one field.
class Test {
 public:
  // That the field is, or unless `holds` is not, one of `values`. kInvalidArgument where a value
  // can't be one of the field's.
  static absl::StatusOr<Test> Compile(Field field,
                                      const std::vector<std::string>& values,
                                      bool holds);

  bool Takes(const event::v1::Event& event) const;

  const Field& field() const { return field_; }

  // The values as keys of an index (Key) where the field has to be exactly one of them; empty
  // otherwise.
  std::vector<std::string> ExactKeys() const;

 private:
  explicit Test(Field field) : field_(std::move(field)) {}

  absl::Status AddNumber(std::string_view value);
  absl::Status AddText(std::string_view value);
  bool Has(const event::v1::Event& event) const;

  Field field_;
  bool holds_ = true;
  // First and last.
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges_;
  absl::flat_hash_set<std::string> texts_;
  // What stands between the asterisks; the first and the last are at the ends.
  std::vector<std::vector<std::string>> patterns_;
};

// Whether the event passes all of them.
bool AllTake(const std::vector<Test>& tests, const event::v1::Event& event);

// What the field of an event is, as a key of an index; nothing where it is absent.
std::optional<std::string> KeyOf(const Field& field, const event::v1::Event& event);

// Alternatives of tests, of which all hold.
class Condition {
 public:
  using Alternative = std::vector<Test>;

  // What holds for every event.
  Condition() : alternatives_(1) {}

  // kInvalidArgument, with what is wrong and how it would be right. No alternatives: holds for
  // every event.
  static absl::StatusOr<Condition> Compile(
      const google::protobuf::RepeatedPtrField<v1::Match>& alternatives);

  // Adds a test to each alternative.
  void Narrow(const Test& test);

  bool Takes(const event::v1::Event& event) const;

  const std::vector<Alternative>& alternatives() const { return alternatives_; }

 private:
  std::vector<Alternative> alternatives_;
};

}  // namespace platen::rules
