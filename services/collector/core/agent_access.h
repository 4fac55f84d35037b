// Where a device's agent is, and how it is asked: what a target says of it, ready to be used.
#pragma once

#include <string_view>

#include "platen/event/v1/pipeline.pb.h"

#include "libs/snmp/endpoint.h"

namespace platen::collector::core {

struct AgentAccess {
  // Port 0: the target's address is none.
  snmp::Endpoint agent;
  event::v1::SnmpAccess::Version version = event::v1::SnmpAccess::VERSION_UNSPECIFIED;
  // Name of a community or user; borrowed from whom AccessOf() was given, or who keeps it instead.
  std::string_view credential;
  // Its answers may come from another address than it is asked at.
  bool answers_from_elsewhere = false;
};

AgentAccess AccessOf(const event::v1::Target& target);

}  // namespace platen::collector::core
