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

Responder::Responder(bool restless) : restless_(restless) {
  auto network = snmp::udp::OpenUdp({.ports = 1, .local = snmp::Endpoint::V4(0x7f000001, 0)});
  if (!network.ok()) std::abort();
  network_ = *std::move(network);
  thread_ = std::thread([this] { Serve(); });
}

Responder::~Responder() {
  stop_ = true;
  thread_.join();
}

void Responder::Serve() {
  constexpr std::size_t kAnswerBytes = 1024;
  std::vector<std::uint8_t> bytes(kAnswerBytes * 64);
  std::vector<snmp::OutDatagram> answers;
  snmp::MessageDecoder decoder;
  snmp::MessageView request;
  const snmp::Oid printer_status = {1, 3, 6, 1, 2, 1, 25, 3, 5, 1, 1, 1};
  std::uint64_t polls = 0;
  while (!stop_) {
    if (!network_->Wait(std::chrono::milliseconds(100))) continue;
    answers.clear();
    for (const snmp::InDatagram& in : network_->Receive()) {
      if (decoder.Decode(in.bytes, request) != snmp::DecodeFault::kNone) continue;
      const std::span<std::uint8_t> place(bytes.data() + answers.size() * kAnswerBytes,
                                          kAnswerBytes);
      snmp::MessageWriter writer(place, request.head.community.size());
      for (const snmp::VarbindView& varbind : request.varbinds) {
        std::int32_t value = 4711;
        if (restless_ && varbind.name == printer_status.view()) {
          value = polls++ / kInFlight % 2 == 0 ? 1 : 3;
        }
        writer.Add({varbind.name, snmp::ValueView::Integer(value)});
      }
      request.head.type = snmp::PduType::kResponse;
      answers.push_back({.to = in.from, .bytes = writer.Finish(request.head)});
    }
    network_->Send(answers);
  }
}

}  // namespace platen::bench
