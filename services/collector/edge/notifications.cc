#include "services/collector/edge/notifications.h"

#include <utility>

#include "libs/snmp/message_writer.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/text.h"

namespace platen::collector::edge {

namespace {

// Datagrams of a batch and batches of a turn are few enough to be a moment.
constexpr int kBatchesMax = 4;

// RFC 3411 §5, SnmpEngineID.
constexpr std::size_t kEngineIdMin = 5;
constexpr std::size_t kEngineIdMax = 32;

// Of what a notification says, so much is looked through for names, and so long one may be.
constexpr std::size_t kTextsMax = 32;
constexpr std::size_t kTextBytesMin = 4;
constexpr std::size_t kTextBytesMax = 64;

// What it says of its sender. A serial number is looked for under any name but sysName: makers send
// it under prtGeneralSerialNumber, or under one of their own.
core::SenderClues CluesOf(const snmp::InDatagram& in, const snmp::MessageView& message) {
  core::SenderClues clues;
  clues.agents.push_back(in.from);
  if (message.head.trap_agent != 0) {
    clues.agents.push_back(snmp::Endpoint::V4(message.head.trap_agent, 0));
  }
  for (const snmp::VarbindView& varbind : message.varbinds) {
    if (varbind.value.type() != snmp::ValueType::kOctetString) continue;
    const std::string_view bytes = varbind.value.raw_bytes();
    if (bytes.size() > kTextBytesMax) continue;
    std::string text = core::DecodeText(bytes, 0);
    if (varbind.name == core::oids::kSysName) {
      clues.sys_name = std::move(text);
    } else if (text.size() >= kTextBytesMin && clues.texts.size() < kTextsMax) {
      clues.texts.push_back(std::move(text));
    }
  }
  return clues;
}

// The same in a Response (RFC 3416 §4.2.7). `bytes`: of the datagram, which has more than the list.
std::vector<std::uint8_t> ResponseTo(const snmp::MessageView& inform, std::size_t bytes) {
  const std::string_view community = inform.head.community;
  std::vector<std::uint8_t> buffer(bytes + snmp::MaxHeadBytes(community.size()));
  snmp::MessageWriter writer(buffer, community.size());
  for (const snmp::VarbindView& varbind : inform.varbinds) (void)writer.Add(varbind);
  const auto response = writer.Finish({.version = inform.head.version,
                                       .type = snmp::PduType::kResponse,
                                       .request_id = inform.head.request_id,
                                       .community = community});
  return {response.begin(), response.end()};
}

}  // namespace

std::string_view Name(Notified result) {
  switch (result) {
    case Notified::kHeard:
      return "heard";
    case Notified::kUndecodable:
      return "undecodable";
    case Notified::kOther:
      return "other";
    case Notified::kWrongCommunity:
      return "wrong_community";
    case Notified::kUnbelieved:
      return "unbelieved";
    case Notified::kReported:
      return "reported";
  }
  return "unknown";
}

Notifications::Notifications(snmp::Datagrams& network,
                             const NotificationOptions& options,
                             base::MonotonicTime now)
    : network_(network), engine_id_(options.engine_id), boots_(options.boots), begin_(now) {
  SetCredentials(options.communities, options.users, options.salt);
}

void Notifications::SetCredentials(std::set<std::string, std::less<>> communities,
                                   const std::vector<snmp::usm::UserOptions>& users,
                                   std::uint64_t salt) {
  communities_ = std::move(communities);
  engine_ = std::make_unique<snmp::usm::AgentEngine>(
      snmp::usm::AgentEngineOptions{.users = users, .salt = salt});
  users_.clear();
  for (const snmp::usm::UserOptions& user : users) {
    users_.push_back(std::make_unique<snmp::usm::User>(user));
  }
}

std::vector<Notifications::Sender> Notifications::Take(base::MonotonicTime now) {
  std::vector<Sender> senders;
  answers_.clear();
  for (int i = 0; i < kBatchesMax; ++i) {
    const std::span<const snmp::InDatagram> batch = network_.Receive();
    if (batch.empty()) break;
    for (const snmp::InDatagram& in : batch) {
      ++figures_.results[static_cast<std::size_t>(Hear(in, now, senders))];
    }
  }
  return senders;
}

// To our engine, or to one that it does not know yet, an agent speaks by an inform; a trap is of
// its own engine. Who is not understood, and wants to be told why, is told our engine: it may know
// us by a former one.
Notified Notifications::Hear(const snmp::InDatagram& in,
                             base::MonotonicTime now,
                             std::vector<Sender>& senders) {
  if (!snmp::usm::IsVersion3(in.bytes)) return HearPlain(in, senders);
  snmp::usm::Frame frame;
  if (snmp::usm::Parse(in.bytes, frame) != snmp::DecodeFault::kNone) return Notified::kUndecodable;
  if (!frame.engine_id.empty() && frame.engine_id != engine_id_) {
    const Notified heard = HearSecured(in, frame, senders);
    if (heard != Notified::kUnbelieved || !frame.reportable) return heard;
  }
  return HearInform(in, now, senders);
}

Notified Notifications::HearPlain(const snmp::InDatagram& in, std::vector<Sender>& senders) {
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
  senders.push_back({CluesOf(in, message), ""});
  if (inform) answers_.push_back({in.from, ResponseTo(message, in.bytes.size())});
  return Notified::kHeard;
}

Notified Notifications::HearSecured(const snmp::InDatagram& in,
                                    const snmp::usm::Frame& frame,
                                    std::vector<Sender>& senders) {
  const std::size_t id_bytes = frame.engine_id.size();
  if (id_bytes < kEngineIdMin || id_bytes > kEngineIdMax) return Notified::kUnbelieved;
  for (const std::unique_ptr<snmp::usm::User>& user : users_) {
    if (user->name() != frame.user) continue;
    if (frame.level != snmp::usm::LevelOf({.auth = user->auth(), .priv = user->priv()})) continue;
    // Anybody may name an engine: more is done only for one that has signed.
    if (!cipher_.IsSigned(in.bytes, frame, user->SigningKeyFor(frame.engine_id))) continue;
    const auto keys = user->KeysFor(frame.engine_id);
    snmp::usm::ScopedPdu scoped;
    if (cipher_.Open(in.bytes, frame, *keys, scoped) != snmp::usm::OpenFault::kNone) continue;
    snmp::MessageView message;
    if (decoder_.DecodePdu(scoped.pdu, message) != snmp::DecodeFault::kNone) {
      return Notified::kUndecodable;
    }
    if (message.head.type != snmp::PduType::kTrap) return Notified::kOther;
    senders.push_back({CluesOf(in, message), std::string(frame.engine_id)});
    return Notified::kHeard;
  }
  return Notified::kUnbelieved;
}

Notified Notifications::HearInform(const snmp::InDatagram& in,
                                   base::MonotonicTime now,
                                   std::vector<Sender>& senders) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin_);
  const snmp::usm::EngineNow us{engine_id_, boots_, static_cast<std::int32_t>(seconds.count())};
  snmp::usm::AgentEngine::Received received = engine_->Receive(us, in.bytes);
  if (!received.report.empty()) {
    answers_.push_back({in.from, std::move(received.report)});
    return Notified::kReported;
  }
  if (!received.request.has_value()) return Notified::kUndecodable;
  if (received.request->head.type != snmp::PduType::kInform) return Notified::kOther;
  senders.push_back({CluesOf(in, *received.request), received.context_engine_id});
  answers_.push_back({in.from, engine_->Reply(us, ResponseTo(*received.request, in.bytes.size()))});
  return Notified::kHeard;
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
