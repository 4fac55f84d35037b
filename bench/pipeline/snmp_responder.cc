#include <algorithm>
#include <cstdlib>

#include <time.h>

#include "bench/pipeline/snmp_poll.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/udp/udp_datagrams.h"

namespace platen::bench {

std::vector<snmp::Oid> PollNames() {
  const snmp::Oid printer = {1, 3, 6, 1, 2, 1, 43};
  std::vector<snmp::Oid> names = {{1, 3, 6, 1, 2, 1, 1, 3, 0},
                                  {1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 5, 1},
                                  {1, 3, 6, 1, 2, 1, 25, 3, 5, 1, 1, 1},
                                  printer.Child({5, 1, 1, 19, 1}),
                                  printer.Child({10, 2, 1, 4, 1, 1})};
  for (std::uint32_t supply = 1; names.size() < kVarbinds; ++supply)
    names.push_back(printer.Child({11, 1, 1, 9, 1, supply}));
  return names;
}

double ThreadCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

snmp::usm::UserOptions SecuredUser() {
  return {.name = "fleet",
          .auth = snmp::usm::AuthProtocol::kSha256,
          .auth_password = "a password to sign",
          .priv = snmp::usm::PrivProtocol::kAes128,
          .priv_password = "one to encrypt"};
}

Responder::Responder(bool restless) : restless_(restless), engine_({.users = {SecuredUser()}}) {
  auto network = snmp::udp::OpenUdp({.ports = 1, .local = snmp::Endpoint::V4(0x7f000001, 0)});
  if (!network.ok()) std::abort();
  network_ = *std::move(network);
  thread_ = std::thread([this] { Serve(); });
}

Responder::~Responder() {
  stop_ = true;
  thread_.join();
}

std::span<const std::uint8_t> Responder::Answer(const snmp::MessageView& request,
                                                std::span<std::uint8_t> place) {
  const snmp::Oid printer_status = {1, 3, 6, 1, 2, 1, 25, 3, 5, 1, 1, 1};
  snmp::MessageWriter writer(place, request.head.community.size());
  for (const snmp::VarbindView& varbind : request.varbinds) {
    std::int32_t value = 4711;
    if (restless_ && varbind.name == printer_status.view()) {
      value = polls_++ / kInFlight % 2 == 0 ? 1 : 3;
    }
    writer.Add({varbind.name, snmp::ValueView::Integer(value)});
  }
  snmp::MessageHead head = request.head;
  head.type = snmp::PduType::kResponse;
  return writer.Finish(head);
}

std::span<const std::uint8_t> Responder::AnswerSecured(std::span<const std::uint8_t> datagram,
                                                       std::span<std::uint8_t> place) {
  const snmp::usm::EngineNow engine{.engine_id = "a printer's engine"};
  auto received = engine_.Receive(engine, datagram);
  std::vector<std::uint8_t> answer = std::move(received.report);
  if (received.request.has_value())
    answer = engine_.Reply(engine, Answer(*received.request, place));
  if (answer.size() > place.size()) std::abort();
  std::copy(answer.begin(), answer.end(), place.begin());
  return place.first(answer.size());
}

void Responder::Serve() {
  constexpr std::size_t kAnswerBytes = 1024;
  std::vector<std::uint8_t> bytes(kAnswerBytes * 64);
  std::vector<snmp::OutDatagram> answers;
  snmp::MessageView request;
  while (!stop_) {
    if (!network_->Wait(std::chrono::milliseconds(100))) continue;
    answers.clear();
    for (const snmp::InDatagram& in : network_->Receive()) {
      const std::span<std::uint8_t> place(bytes.data() + answers.size() * kAnswerBytes,
                                          kAnswerBytes);
      if (snmp::usm::IsVersion3(in.bytes)) {
        answers.push_back({.to = in.from, .bytes = AnswerSecured(in.bytes, place)});
      } else if (decoder_.Decode(in.bytes, request) == snmp::DecodeFault::kNone) {
        answers.push_back({.to = in.from, .bytes = Answer(request, place)});
      }
    }
    network_->Send(answers);
  }
}

}  // namespace platen::bench
