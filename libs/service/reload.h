// What may change while a process runs, and what may not.
#pragma once

#include <span>
#include <string>

#include "libs/service/faults.h"

namespace google::protobuf {
class Message;
}

namespace platen::service {

// Adds a fault for each value of `changed` that differs from `running` and lies below none of
// `reloadable` ("receivers", "log.level"), at the place where the new one was given. REQUIRES: both
// are of one type. Pure.
void RefuseFixedChanges(const google::protobuf::Message& running,
                        const google::protobuf::Message& changed,
                        std::span<const std::string> reloadable,
                        FaultList& faults);

}  // namespace platen::service
