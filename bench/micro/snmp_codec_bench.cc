// What one poll costs besides the kernel: rendering, decoding, matching, and the agent's side.
#include <vector>

#include <benchmark/benchmark.h>

#include "libs/snmp/match.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/request_template.h"
#include "libs/snmp/usm/agent_engine.h"
#include "libs/snmp/usm/session.h"

namespace platen::snmp {
namespace {

std::vector<Oid> Names(std::int64_t count) {
  std::vector<Oid> names;
  for (std::int64_t i = 1; i <= count; ++i) {
    names.push_back("1.3.6.1.2.1.43.11.1.1.9.1"_oid.Child(static_cast<std::uint32_t>(i)));
  }
  return names;
}

std::vector<std::uint8_t> AnswerTo(const std::vector<Oid>& names, std::int32_t id) {
  std::vector<std::uint8_t> buffer(kMaxMessageBytes);
  MessageWriter writer(buffer, 6);
  for (const Oid& name : names) writer.Add({name, ValueView::Integer(4711)});
  const auto bytes =
      writer.Finish({.type = PduType::kResponse, .request_id = id, .community = "public"});
  return {bytes.begin(), bytes.end()};
}

void BM_Snmp_Render(benchmark::State& state) {
  const RequestTemplate request(Version::kV2c, PduType::kGet, Names(state.range(0)));
  std::vector<std::uint8_t> out(kMaxMessageBytes);
  std::int32_t id = 1;
  for (auto _ : state) benchmark::DoNotOptimize(request.Render("public", id++, out).data());
}

BENCHMARK(BM_Snmp_Render)->Arg(10)->Arg(20);

void BM_Snmp_Decode(benchmark::State& state) {
  const auto answer = AnswerTo(Names(state.range(0)), 1);
  MessageDecoder decoder;
  MessageView message;
  for (auto _ : state) benchmark::DoNotOptimize(decoder.Decode(answer, message));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * answer.size()));
}

BENCHMARK(BM_Snmp_Decode)->Arg(10)->Arg(20)->Arg(100);

void BM_Snmp_OpenAndMatch(benchmark::State& state) {
  const auto names = Names(10);
  const RequestTemplate request(Version::kV2c, PduType::kGet, names);
  const Endpoint peer = Endpoint::V4(0x7f000001, 161);
  ResponseMatcher matcher({1, 2}, static_cast<std::size_t>(state.range(0)), 4);
  for (std::int64_t i = 1; i < state.range(0); ++i)
    matcher.Open({.peer = peer, .request = &request, .community = "public"});
  const auto answer = AnswerTo(names, 1);
  MessageDecoder decoder;
  MessageView message;
  decoder.Decode(answer, message);
  for (auto _ : state) {
    const auto issued = matcher.Open({.peer = peer, .request = &request, .community = "public"});
    message.head.request_id = issued->request_id;
    benchmark::DoNotOptimize(matcher.Accept(peer, issued->via, message));
  }
}

BENCHMARK(BM_Snmp_OpenAndMatch)->Arg(512)->Arg(65536);

void BM_Snmp_WriteAnswer(benchmark::State& state) {
  const auto names = Names(10);
  std::vector<std::uint8_t> buffer(2048);
  for (auto _ : state) {
    MessageWriter writer(buffer, 6);
    for (const Oid& name : names) writer.Add({name, ValueView::Integer(4711)});
    benchmark::DoNotOptimize(
        writer.Finish({.type = PduType::kResponse, .request_id = 1, .community = "public"}).data());
  }
}

BENCHMARK(BM_Snmp_WriteAnswer);

// A poll in v2c and in v3, without matching and the kernel: the request written, the answer read.
void BM_Snmp_Ask(benchmark::State& state) {
  const auto names = Names(10);
  const RequestTemplate request(Version::kV2c, PduType::kGet, names);
  const auto answer = AnswerTo(names, 1);
  std::vector<std::uint8_t> room(2048);
  MessageDecoder decoder;
  MessageView message;
  for (auto _ : state) {
    benchmark::DoNotOptimize(request.Render("public", 1, room).data());
    benchmark::DoNotOptimize(decoder.Decode(answer, message));
  }
}

BENCHMARK(BM_Snmp_Ask);

void BM_Usm_Ask(benchmark::State& state, usm::AuthProtocol auth, usm::PrivProtocol priv) {
  const auto names = Names(10);
  const usm::UserOptions options{.name = "fleet",
                                 .auth = auth,
                                 .auth_password = "a password to sign",
                                 .priv = priv,
                                 .priv_password = "one to encrypt"};
  usm::AgentEngine agent({.users = {options}});
  const usm::EngineNow engine{.engine_id = "a printer's engine"};
  usm::User user(options);
  usm::Session session(user, 1);
  const RequestTemplate request(Version::kV3, PduType::kGet, names);
  usm::Cipher cipher;
  MessageDecoder decoder;
  MessageView message;
  std::vector<std::uint8_t> room(2048);
  usm::Frame frame;
  const auto hear = [&](const std::vector<std::uint8_t>& datagram) {
    usm::Parse(datagram, frame);
    return session.Accept(cipher, decoder, {}, datagram, frame, message);
  };
  hear(agent.Receive(engine, session.Write(cipher, {}, request, 1, room)).report);
  agent.Receive(engine, session.Write(cipher, {}, request, 2, room));
  std::vector<std::uint8_t> buffer(2048);
  MessageWriter writer(buffer, 0);
  for (const Oid& name : names) writer.Add({name, ValueView::Integer(4711)});
  const auto answer =
      agent.Reply(engine, writer.Finish({.type = PduType::kResponse, .request_id = 2}));
  for (auto _ : state) {
    benchmark::DoNotOptimize(session.Write(cipher, {}, request, 2, room).data());
    if (hear(answer) != usm::Heard::kAnswer) state.SkipWithError("the answer is not believed");
  }
}

BENCHMARK_CAPTURE(BM_Usm_Ask, noAuth, usm::AuthProtocol::kNone, usm::PrivProtocol::kNone);
BENCHMARK_CAPTURE(BM_Usm_Ask, SHA256, usm::AuthProtocol::kSha256, usm::PrivProtocol::kNone);
BENCHMARK_CAPTURE(BM_Usm_Ask, MD5_DES, usm::AuthProtocol::kMd5, usm::PrivProtocol::kDes);
BENCHMARK_CAPTURE(BM_Usm_Ask,
                  SHA256_AES128,
                  usm::AuthProtocol::kSha256,
                  usm::PrivProtocol::kAes128);
BENCHMARK_CAPTURE(BM_Usm_Ask,
                  SHA512_AES256,
                  usm::AuthProtocol::kSha512,
                  usm::PrivProtocol::kAes256);

}  // namespace
}  // namespace platen::snmp

BENCHMARK_MAIN();
