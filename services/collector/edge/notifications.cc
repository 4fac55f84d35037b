#include "services/collector/edge/notifications.h"

#include <utility>

#include "libs/snmp/message_writer.h"
#include "libs/snmp/usm/secured_message.h"

namespace platen::collector::edge {

namespace {

// Datagrams of a batch and batches of a turn are few enough to be a moment.
constexpr int kBatchesMax = 4;

}  // namespace

std::string_view Name(Notified result) {
  switch (result) {
    case Notified::kHeard:
      return "heard";
    case Notified::kUndecodable:
      return "undecodable";
    case Notified::kVersion3:
      return "version_3";
    case Notified::kOther:
      return "other";
    case Notified::kWrongCommunity:
      return "wrong_community";
  }
  return "unknown";
}

Notifications::Notifications(snmp::Datagrams& network,
                             std::set<std::string, std::less<>> communities)
    : network_(network), communities_(std::move(communities)) {}

std::vector<Notifications::Sender> Notifications::Take() {
  std::vector<Sender> senders;
  answers_.clear();
  for (int i = 0; i < kBatchesMax; ++i) {
    const std::span<const snmp::InDatagram> batch = network_.Receive();
    if (batch.empty()) break;
    for (const snmp::InDatagram& in : batch) {
      ++figures_.results[static_cast<std::size_t>(Hear(in, senders))];
    }
  }
  return senders;
}

Notified Notifications::Hear(const snmp::InDatagram& in, std::vector<Sender>& senders) {
  if (snmp::usm::IsVersion3(in.bytes)) return Notified::kVersion3;
  snmp::MessageView message;
  if (decoder_.Decode(in.bytes, message) != snmp::DecodeFault::kNone) {
    return Notified::kUndecodable;
  }
  const snmp::MessageHead& head = message.head;
  const bool inform = head.type == snmp::PduType::kInform;
  if (!inform && head.type != snmp::PduType::kTrap && head.type != snmp::PduType::kTrapV1) {
    return Notified::kOther;
  }
  if (!communities_.contains(head.community)) return Notified::kWrongCommunity;
  Sender& sender = senders.emplace_back();
  sender.push_back(in.from);
  if (head.trap_agent != 0) sender.push_back(snmp::Endpoint::V4(head.trap_agent, 0));
  if (inform) PrepareAnswer(in, message);
  return Notified::kHeard;
}

// The same in a Response (RFC 3416 §4.2.7).
void Notifications::PrepareAnswer(const snmp::InDatagram& in, const snmp::MessageView& inform) {
  std::vector<std::uint8_t> buffer(in.bytes.size() +
                                   snmp::MaxHeadBytes(inform.head.community.size()));
  snmp::MessageWriter writer(buffer, inform.head.community.size());
  for (const snmp::VarbindView& varbind : inform.varbinds) {
    if (!writer.Add(varbind)) return;
  }
  const auto bytes = writer.Finish({.version = inform.head.version,
                                    .type = snmp::PduType::kResponse,
                                    .request_id = inform.head.request_id,
                                    .community = inform.head.community});
  answers_.push_back({in.from, {bytes.begin(), bytes.end()}});
}

void Notifications::Acknowledge() {
  std::vector<snmp::OutDatagram> batch;
  for (const Answer& answer : answers_) batch.push_back({.to = answer.to, .bytes = answer.bytes});
  (void)network_.Send(batch);
  answers_.clear();
}

NotificationFigures Notifications::figures() const {
  NotificationFigures figures = figures_;
  figures.overflow = network_.counts().receive_overflow;
  return figures;
}

}  // namespace platen::collector::edge
