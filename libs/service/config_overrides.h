// What the environment and the command line say over the file. config.h documents the notation.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/service/faults.h"

namespace google::protobuf {
class Message;
}

namespace platen::service {

void ApplyEnvironment(const std::vector<std::pair<std::string, std::string>>& environment,
                      google::protobuf::Message& config,
                      FaultList& faults);

void ApplySets(const std::vector<std::string>& sets,
               google::protobuf::Message& config,
               FaultList& faults);

}  // namespace platen::service
