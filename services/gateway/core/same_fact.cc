#include "services/gateway/core/same_fact.h"

#include "platen/event/v1/event.pb.h"

namespace platen::gateway::core {
namespace {

std::string WithoutObserver(std::string_view bytes) {
  platen::event::v1::Event event;
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return std::string(bytes);
  event.clear_source();
  event.clear_term();
  event.clear_observation_time();
  event.clear_receipt_time();
  event.clear_traceparent();
  return event.SerializeAsString();
}

}  // namespace

bool IsSameFact(std::string_view stored, std::string_view came) {
  // What is sent again after a failure is the same to the byte: the usual case, and cheap.
  return stored == came || WithoutObserver(stored) == WithoutObserver(came);
}

}  // namespace platen::gateway::core
