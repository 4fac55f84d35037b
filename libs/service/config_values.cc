#include "libs/service/config_values.h"

#include <array>
#include <charconv>
#include <limits>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include "platen/config/v1/options.pb.h"

#include "libs/base/status.h"
#include "libs/event/enum_names.h"

namespace platen::service {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};

// From large to small, as FormatDuration tries them.
constexpr std::array<Unit, 7> kUnits = {{{"d", 86'400'000'000'000},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"ns", 1}}};

absl::Status BadDuration(std::string_view text) {
  return base::InvalidArgument(
      "'", text, "' is not a duration; write a number and a unit, such as 30s, 200ms, 12h");
}

// One "<number><unit>" from the front of `text`, added to `total`.
bool TakeDurationPart(std::string_view& text, std::int64_t& total) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest == text.data() || number < 0) return false;
  const char* unit_end = rest;
  while (unit_end != end && absl::ascii_isalpha(static_cast<unsigned char>(*unit_end))) ++unit_end;
  const std::string_view name(rest, static_cast<std::size_t>(unit_end - rest));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    std::int64_t nanos = 0;
    if (__builtin_mul_overflow(number, unit.nanos, &nanos)) return false;
    if (__builtin_add_overflow(total, nanos, &total)) return false;
    text.remove_prefix(static_cast<std::size_t>(unit_end - text.data()));
    return true;
  }
  return false;
}

template <class Number>
bool ParseNumber(std::string_view text, Number& out) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && rest == end && !text.empty();
}

template <class Number>
absl::Status WholeNumberExpected(std::string_view shown) {
  return base::InvalidArgument(shown,
                               " is not a whole number from ",
                               std::numeric_limits<Number>::min(),
                               " to ",
                               std::numeric_limits<Number>::max());
}

absl::Status SetEnum(pb::Message& message,
                     const pb::FieldDescriptor& field,
                     std::string_view text) {
  const pb::EnumDescriptor& type = *field.enum_type();
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor* value = type.value(i);
    if (value->number() == 0 || event::ShortEnumName(*value) != text) continue;
    const pb::Reflection& reflection = *message.GetReflection();
    field.is_repeated() ? reflection.AddEnum(&message, &field, value)
                        : reflection.SetEnum(&message, &field, value);
    return absl::OkStatus();
  }
  std::string choices;
  for (const std::string& name : event::ShortEnumNames(type))
    choices += (choices.empty() ? "" : ", ") + name;
  return base::InvalidArgument("'", text, "' is none of: ", choices);
}

absl::Status SetDuration(pb::Message& message,
                         const pb::FieldDescriptor& field,
                         std::string_view text) {
  PLATEN_ASSIGN_OR_RETURN(const std::chrono::nanoseconds nanos, ParseDuration(text));
  const pb::Reflection& reflection = *message.GetReflection();
  pb::Message* target = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                            : reflection.MutableMessage(&message, &field);
  auto& duration = *pb::DynamicCastToGenerated<pb::Duration>(target);
  duration.set_seconds(nanos.count() / 1'000'000'000);
  duration.set_nanos(static_cast<std::int32_t>(nanos.count() % 1'000'000'000));
  return absl::OkStatus();
}

absl::Status SetTimestamp(pb::Message& message,
                          const pb::FieldDescriptor& field,
                          std::string_view text) {
  pb::Timestamp time;
  if (!pb::util::TimeUtil::FromString(std::string(text), &time)) {
    return base::InvalidArgument("'", text, "' is no time: 2026-01-31T12:00:00Z");
  }
  const pb::Reflection& reflection = *message.GetReflection();
  pb::Message* target = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                            : reflection.MutableMessage(&message, &field);
  target->CopyFrom(time);
  return absl::OkStatus();
}

bool IsDuration(const pb::FieldDescriptor& field) {
  return field.cpp_type() == Type::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == pb::Duration::descriptor()->full_name();
}

bool IsTimestamp(const pb::FieldDescriptor& field) {
  return field.cpp_type() == Type::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == pb::Timestamp::descriptor()->full_name();
}

// Set… and Add… of reflection, by the field's type.
#define PLATEN_SET_NUMBER(Name, type)                                        \
  do {                                                                       \
    type number{};                                                           \
    if (!ParseNumber(text, number)) return WholeNumberExpected<type>(shown); \
    field.is_repeated() ? reflection.Add##Name(&message, &field, number)     \
                        : reflection.Set##Name(&message, &field, number);    \
    return absl::OkStatus();                                                 \
  } while (false)

absl::Status SetReal(pb::Message& message,
                     const pb::FieldDescriptor& field,
                     std::string_view text,
                     std::string_view shown) {
  const pb::Reflection& reflection = *message.GetReflection();
  double number = 0;
  if (!absl::SimpleAtod(base::ToAbsl(text), &number)) {
    return base::InvalidArgument(shown, " is not a number");
  }
  if (field.cpp_type() == Type::CPPTYPE_FLOAT) {
    const auto single = static_cast<float>(number);
    field.is_repeated() ? reflection.AddFloat(&message, &field, single)
                        : reflection.SetFloat(&message, &field, single);
  } else {
    field.is_repeated() ? reflection.AddDouble(&message, &field, number)
                        : reflection.SetDouble(&message, &field, number);
  }
  return absl::OkStatus();
}

std::string TextOfMessage(const pb::Message& message) {
  if (const auto* time = pb::DynamicCastToGenerated<pb::Timestamp>(&message)) {
    return pb::util::TimeUtil::ToString(*time);
  }
  const auto& duration = *pb::DynamicCastToGenerated<pb::Duration>(&message);
  return FormatDuration(std::chrono::seconds(duration.seconds()) +
                        std::chrono::nanoseconds(duration.nanos()));
}

std::string RealText(double number) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string("nan");
}

}  // namespace

absl::StatusOr<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  std::int64_t total = 0;
  do {
    if (!TakeDurationPart(rest, total)) return BadDuration(text);
  } while (!rest.empty());
  return std::chrono::nanoseconds(negative ? -total : total);
}

std::string FormatDuration(std::chrono::nanoseconds duration) {
  if (duration.count() == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (duration.count() % unit.nanos == 0)
      return base::StrCat(duration.count() / unit.nanos, unit.name);
  }
  return base::StrCat(duration.count(), "ns");
}

absl::Status SetFromText(pb::Message& message,
                         const pb::FieldDescriptor& field,
                         std::string_view text) {
  const pb::Reflection& reflection = *message.GetReflection();
  const std::string shown = IsSecret(field) ? "the value" : base::StrCat("'", text, "'");
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
      PLATEN_SET_NUMBER(Int32, std::int32_t);
    case Type::CPPTYPE_INT64:
      PLATEN_SET_NUMBER(Int64, std::int64_t);
    case Type::CPPTYPE_UINT32:
      PLATEN_SET_NUMBER(UInt32, std::uint32_t);
    case Type::CPPTYPE_UINT64:
      PLATEN_SET_NUMBER(UInt64, std::uint64_t);
    case Type::CPPTYPE_FLOAT:
    case Type::CPPTYPE_DOUBLE:
      return SetReal(message, field, text, shown);
    case Type::CPPTYPE_ENUM:
      return SetEnum(message, field, text);
    case Type::CPPTYPE_MESSAGE:
      return IsTimestamp(field) ? SetTimestamp(message, field, text)
                                : SetDuration(message, field, text);
    case Type::CPPTYPE_STRING:
      field.is_repeated() ? reflection.AddString(&message, &field, std::string(text))
                          : reflection.SetString(&message, &field, std::string(text));
      return absl::OkStatus();
    case Type::CPPTYPE_BOOL: {
      if (text != "true" && text != "false")
        return base::InvalidArgument(shown, " is not true or false");
      const bool value = text == "true";
      field.is_repeated() ? reflection.AddBool(&message, &field, value)
                          : reflection.SetBool(&message, &field, value);
      return absl::OkStatus();
    }
  }
  return base::Internal("field ", field.full_name(), " has a type unknown here");
}

#undef PLATEN_SET_NUMBER

#define PLATEN_GET(Name)                             \
  (index < 0 ? reflection.Get##Name(message, &field) \
             : reflection.GetRepeated##Name(message, &field, index))

std::string TextOf(const pb::Message& message, const pb::FieldDescriptor& field, int index) {
  const pb::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
      return base::StrCat(PLATEN_GET(Int32));
    case Type::CPPTYPE_INT64:
      return base::StrCat(PLATEN_GET(Int64));
    case Type::CPPTYPE_UINT32:
      return base::StrCat(PLATEN_GET(UInt32));
    case Type::CPPTYPE_UINT64:
      return base::StrCat(PLATEN_GET(UInt64));
    case Type::CPPTYPE_FLOAT:
      return RealText(PLATEN_GET(Float));
    case Type::CPPTYPE_DOUBLE:
      return RealText(PLATEN_GET(Double));
    case Type::CPPTYPE_BOOL:
      return PLATEN_GET(Bool) ? "true" : "false";
    case Type::CPPTYPE_ENUM:
      return event::ShortEnumName(*PLATEN_GET(Enum));
    case Type::CPPTYPE_STRING:
      return PLATEN_GET(String);
    case Type::CPPTYPE_MESSAGE:
      return TextOfMessage(PLATEN_GET(Message));
  }
  return "";
}

#undef PLATEN_GET

bool IsNested(const pb::FieldDescriptor& field) {
  return field.cpp_type() == Type::CPPTYPE_MESSAGE && !IsDuration(field) && !IsTimestamp(field);
}

bool IsSecret(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(platen::config::v1::secret);
}

}  // namespace platen::service
