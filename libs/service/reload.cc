#include "libs/service/reload.h"

#include <algorithm>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

namespace platen::service {
namespace {

namespace pb = google::protobuf;

void RefuseBelow(const pb::Message& running,
                 const pb::Message& changed,
                 const std::string& parent,
                 std::span<const std::string> reloadable,
                 FaultList& faults) {
  for (int i = 0; i < running.GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor* const field = running.GetDescriptor()->field(i);
    const std::string path = parent.empty() ? field->name() : parent + "." + field->name();
    if (std::find(reloadable.begin(), reloadable.end(), path) != reloadable.end()) continue;
    pb::util::MessageDifferencer differencer;
    if (differencer.CompareWithFields(running, changed, {field}, {field})) continue;
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      RefuseBelow(running.GetReflection()->GetMessage(running, field),
                  changed.GetReflection()->GetMessage(changed, field),
                  path,
                  reloadable,
                  faults);
    } else {
      faults.Add(path, "can't change while running; restart, or put the former value back");
    }
  }
}

}  // namespace

void RefuseFixedChanges(const pb::Message& running,
                        const pb::Message& changed,
                        std::span<const std::string> reloadable,
                        FaultList& faults) {
  RefuseBelow(running, changed, "", reloadable, faults);
}

}  // namespace platen::service
