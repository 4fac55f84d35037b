#include "libs/rules/field.h"

#include <charconv>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "libs/event/enum_names.h"

namespace platen::rules {
namespace {

namespace pb = google::protobuf;
using event::v1::Event;
using Cpp = pb::FieldDescriptor;

absl::Status NoSuchField(std::string_view path, std::string_view name, const pb::Descriptor& type) {
  std::vector<std::string_view> known;
  for (int i = 0; i < type.field_count(); ++i) known.emplace_back(type.field(i)->name());
  const std::string nearest = base::NearestName(name, known);
  return base::InvalidArgument(
      "field '",
      path,
      "': ",
      type.name(),
      " has no '",
      name,
      "'",
      nearest.empty() ? "" : base::StrCat("; did you mean '", nearest, "'?"));
}

// Nothing where no condition can be on a field of this type.
std::optional<Field::Kind> KindOf(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case Cpp::CPPTYPE_INT32:
    case Cpp::CPPTYPE_INT64:
    case Cpp::CPPTYPE_UINT32:
    case Cpp::CPPTYPE_UINT64:
    case Cpp::CPPTYPE_BOOL:
      return Field::Kind::kNumber;
    case Cpp::CPPTYPE_ENUM:
      return Field::Kind::kName;
    case Cpp::CPPTYPE_STRING:
      return field.type() == Cpp::TYPE_BYTES ? Field::Kind::kId : Field::Kind::kText;
    default:
      return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<Field> Field::Parse(std::string_view path) {
  Field field;
  field.path_ = path;
  const pb::Descriptor* type = Event::descriptor();
  for (const absl::string_view part : absl::StrSplit(base::ToAbsl(path), '.')) {
    const std::string name(part);
    if (type == nullptr) {
      return base::InvalidArgument(
          "field '", path, "': nothing is below '", field.steps_.back()->name(), "'");
    }
    const pb::FieldDescriptor* const step = type->FindFieldByName(name);
    if (step == nullptr) return NoSuchField(path, name, *type);
    if (step->is_repeated()) {
      return base::InvalidArgument("field '", path, "': there may be several '", name, "'");
    }
    field.steps_.push_back(step);
    type = step->message_type();
  }
  const auto kind = KindOf(*field.steps_.back());
  if (!kind.has_value()) {
    return base::InvalidArgument(
        "field '", path, "' is no number, name, text or id; name a field of it");
  }
  field.kind_ = *kind;
  return field;
}

const pb::Message* Field::Holder(const Event& event) const {
  const pb::Message* holder = &event;
  for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
    const pb::Reflection& reflection = *holder->GetReflection();
    if (!reflection.HasField(*holder, steps_[i])) return nullptr;
    holder = &reflection.GetMessage(*holder, steps_[i]);
  }
  const pb::FieldDescriptor* const last = steps_.back();
  if (last->has_presence() && !holder->GetReflection()->HasField(*holder, last)) return nullptr;
  return holder;
}

std::optional<std::int64_t> Field::Number(const Event& event) const {
  const pb::Message* const holder = Holder(event);
  if (holder == nullptr) return std::nullopt;
  const pb::Reflection& reflection = *holder->GetReflection();
  const pb::FieldDescriptor* const field = steps_.back();
  switch (field->cpp_type()) {
    case Cpp::CPPTYPE_INT32:
      return reflection.GetInt32(*holder, field);
    case Cpp::CPPTYPE_INT64:
      return reflection.GetInt64(*holder, field);
    case Cpp::CPPTYPE_UINT32:
      return reflection.GetUInt32(*holder, field);
    case Cpp::CPPTYPE_UINT64:
      return static_cast<std::int64_t>(reflection.GetUInt64(*holder, field));
    case Cpp::CPPTYPE_BOOL:
      return reflection.GetBool(*holder, field) ? 1 : 0;
    case Cpp::CPPTYPE_ENUM:
      return reflection.GetEnumValue(*holder, field);
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> Field::Text(const Event& event, std::string& scratch) const {
  const pb::Message* const holder = Holder(event);
  if (holder == nullptr || !is_text()) return std::nullopt;
  const std::string& text =
      holder->GetReflection()->GetStringReference(*holder, steps_.back(), &scratch);
  if (text.empty()) return std::nullopt;
  return text;
}

absl::StatusOr<std::int64_t> Field::ParseNumber(std::string_view text) const {
  if (kind_ == Kind::kName) {
    const pb::EnumDescriptor& type = *steps_.back()->enum_type();
    for (int i = 0; i < type.value_count(); ++i) {
      if (event::ShortEnumName(*type.value(i)) == text) return type.value(i)->number();
    }
    return base::InvalidArgument("field '",
                                 path_,
                                 "': '",
                                 text,
                                 "' is none of: ",
                                 absl::StrJoin(event::ShortEnumNames(type), ", "));
  }
  if (steps_.back()->cpp_type() == Cpp::CPPTYPE_BOOL) {
    if (text == "true" || text == "false") return text == "true" ? 1 : 0;
    return base::InvalidArgument("field '", path_, "': '", text, "' is neither true nor false");
  }
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size() || text.empty()) {
    return base::InvalidArgument("field '", path_, "': '", text, "' is no whole number");
  }
  return number;
}

absl::StatusOr<std::string> Field::ParseId(std::string_view text) {
  const bool is_hex = !text.empty() && text.size() % 2 == 0 &&
                      text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!is_hex) return base::InvalidArgument("'", text, "' is no id in hexadecimal");
  return absl::HexStringToBytes(base::ToAbsl(text));
}

}  // namespace platen::rules
