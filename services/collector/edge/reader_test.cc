#include "services/collector/edge/reader.h"

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/snmp/agent.h"
#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/recording_mib.h"
#include "libs/snmp/usm/agent_engine.h"

namespace platen::collector::edge {
namespace {

class ReaderTest : public testing::Test {
 protected:
  // Asks a host that never answers.
  void Ask(Reader& reader,
           core::DeviceSlot slot,
           const std::string& address = "192.0.2.7",
           bool once = false) {
    event::v1::Target target;
    target.set_address(address);
    core::ReadingPlan plan;
    plan.scalars = {*snmp::Oid::Parse("1.3.6.1.2.1.1.1.0")};
    reader.Start(
        {.id = {slot, 1}, .access = core::AccessOf(target), .plan = std::move(plan), .once = once});
  }

  base::SimClock clock_;
  snmp::memory::SimNetwork network_{clock_, 1};
  std::unique_ptr<snmp::Datagrams> port_ =
      network_.Open({.address = snmp::Endpoint::V4(0xc0000264, 0)});
  std::vector<core::ReadAnswer> answers_;
};

TEST_F(ReaderTest, SendsNoFasterThanItsRateAndSleepsInBetween) {
  Reader reader(
      {.requests_per_second = 10, .communities = {{"default", "public"}}}, *port_, {1, 2});
  for (core::DeviceSlot slot = 0; slot < 12; ++slot) Ask(reader, slot);

  reader.Poll(clock_.Now(), answers_);

  EXPECT_EQ(reader.figures().requests, 10);
  for (std::uint64_t sent = 11; sent <= 12; ++sent) {
    ASSERT_TRUE(reader.next().has_value());
    EXPECT_EQ(*reader.next() - clock_.Now(), std::chrono::milliseconds(100));
    clock_.Advance(*reader.next() - clock_.Now());
    reader.Poll(clock_.Now(), answers_);
    EXPECT_EQ(reader.figures().requests, sent);
  }
  EXPECT_EQ(*reader.next(), clock_.Now() + std::chrono::milliseconds(1800)) << "the first timeout";
}

TEST_F(ReaderTest, WhoIsPerhapsNotThereHasAQuarterOfTheRateWhereOthersWait) {
  int doubtful = 0;
  int others = 0;
  const auto counted_at = [this](std::uint32_t host, int& count) {
    network_.Serve(snmp::Endpoint::V4(host, snmp::kSnmpPort), [&count](const snmp::InDatagram&) {
      ++count;
      return std::vector<snmp::memory::SimNetwork::Bytes>();
    });
  };
  counted_at(0xc0000207, others);
  counted_at(0xc0000208, doubtful);
  Reader reader(
      {.requests_per_second = 40, .communities = {{"default", "public"}}}, *port_, {1, 2});
  for (core::DeviceSlot slot = 0; slot < 100; ++slot) Ask(reader, slot, "192.0.2.8", true);
  for (core::DeviceSlot slot = 100; slot < 150; ++slot) Ask(reader, slot);

  // What is sent in one turn has arrived by the next.
  for (const auto& [of_others, of_doubtful] : {std::pair(0, 0), {30, 10}, {45, 15}, {50, 30}}) {
    reader.Poll(clock_.Now(), answers_);
    EXPECT_EQ(others, of_others);
    EXPECT_EQ(doubtful, of_doubtful);
    clock_.Advance(std::chrono::milliseconds(500));
  }
}

TEST_F(ReaderTest, WhatALineBearsHoldsUpNobodyElse) {
  const LinkOptions link{*Network::Parse("192.0.2.8/32"), 4};
  Reader reader(
      {.links = {.links = {link}}, .communities = {{"default", "public"}}}, *port_, {1, 2});
  for (core::DeviceSlot slot = 0; slot < 4; ++slot) Ask(reader, slot, "192.0.2.8");
  for (core::DeviceSlot slot = 4; slot < 8; ++slot) Ask(reader, slot);

  reader.Poll(clock_.Now(), answers_);

  EXPECT_EQ(reader.figures().requests, 5u);
  EXPECT_EQ(reader.figures().waiting_for_links, 3u);
  EXPECT_EQ(reader.next(), clock_.Now() + std::chrono::milliseconds(250));
  reader.Forget(1);
  for (std::uint64_t sent = 6; sent <= 7; ++sent) {
    clock_.Advance(*reader.next() - clock_.Now());
    reader.Poll(clock_.Now(), answers_);
    EXPECT_EQ(reader.figures().requests, sent);
  }
  EXPECT_EQ(reader.figures().waiting_for_links, 0u);
}

TEST_F(ReaderTest, ForgetsAReadingSoThatThePlaceCanBeGivenAgain) {
  Reader reader({.communities = {{"default", "public"}}}, *port_, {1, 2});
  Ask(reader, 0);
  Ask(reader, 1);
  reader.Poll(clock_.Now(), answers_);
  ASSERT_EQ(reader.figures().under_way, 2u);

  reader.Forget(0);
  reader.Forget(7);  // Nobody was ever there.
  EXPECT_EQ(reader.figures().under_way, 1u);
  Ask(reader, 0);
  reader.Poll(clock_.Now(), answers_);
  EXPECT_EQ(reader.figures().requests, 3u);
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(std::chrono::seconds(2));
    reader.Poll(clock_.Now(), answers_);
  }
  EXPECT_EQ(answers_.size(), 2u) << "one for each reading that was not forgotten";
}

TEST_F(ReaderTest, KnowsWhoAnswersAsAnEngine) {
  const snmp::usm::UserOptions user{
      .name = "fleet", .auth = snmp::usm::AuthProtocol::kSha256, .auth_password = "maplesyrup"};
  snmp::usm::AgentEngine engine({.users = {user}});
  std::string engine_id = "an engine id";
  network_.Serve(
      snmp::Endpoint::V4(0xc0000207, snmp::kSnmpPort),
      [&](const snmp::InDatagram& in) -> std::vector<snmp::memory::SimNetwork::Bytes> {
        const snmp::usm::EngineNow agent{.engine_id = engine_id};
        auto received = engine.Receive(agent, in.bytes);
        if (!received.request.has_value()) return {received.report};
        std::vector<std::uint8_t> room(512);
        snmp::MessageWriter writer(room, 0);
        writer.Add({received.request->varbinds.front().name, snmp::ValueView::Integer(1)});
        const auto answer = writer.Finish(
            {.type = snmp::PduType::kResponse, .request_id = received.request->head.request_id});
        return {engine.Reply(agent, answer)};
      });
  Reader reader({.users = {{"default", user}}}, *port_, {1, 2});
  const auto read = [&](core::DeviceSlot slot) {
    event::v1::Target target;
    target.set_address("192.0.2.7");
    target.mutable_snmp()->set_version(event::v1::SnmpAccess::VERSION_V3);
    core::ReadingPlan plan;
    plan.scalars = {*snmp::Oid::Parse("1.3.6.1.2.1.1.1.0")};
    reader.Start({.id = {slot, 1}, .access = core::AccessOf(target), .plan = std::move(plan)});
    answers_.clear();
    while (answers_.empty()) {
      clock_.Advance(std::chrono::milliseconds(500));
      reader.Poll(clock_.Now(), answers_);
    }
    EXPECT_EQ(answers_.front().result, core::ReadAnswer::Result::kAnswered);
  };
  using Slots = std::vector<core::DeviceSlot>;
  EXPECT_EQ(reader.WithEngine(engine_id), Slots());
  read(3);
  read(5);
  EXPECT_EQ(reader.WithEngine(engine_id), (Slots{3, 5}));
  reader.Forget(3);
  EXPECT_EQ(reader.WithEngine(engine_id), Slots{5});

  // Another board, and the place stays.
  const std::string before = std::exchange(engine_id, "another engine id");
  read(5);
  EXPECT_EQ(reader.WithEngine(before), Slots());
  EXPECT_EQ(reader.WithEngine(engine_id), Slots{5});
}

// An agent with room for few answers in a message, and from some day on for more.
class NarrowAgent {
 public:
  static constexpr int kNames = 12;

  NarrowAgent(snmp::memory::SimNetwork& network, const snmp::Endpoint& at) {
    std::string text;
    for (int i = 1; i <= kNames; ++i) {
      plan.scalars.push_back(*snmp::Oid::Parse("1.3.6.1.4.1.9." + std::to_string(i)));
      text += plan.scalars.back().ToString() + "|4|" + std::string(100, 'x') + "\n";
    }
    recording_ = snmp::ReadRecording(text);
    network.Serve(at, [this](const snmp::InDatagram& in) { return Answer(in); });
  }

  core::ReadingPlan plan;
  std::size_t message_bytes_max = 484;
  std::vector<std::size_t> asked;  // Names in each request.

 private:
  std::vector<snmp::memory::SimNetwork::Bytes> Answer(const snmp::InDatagram& in) {
    snmp::MessageView request;
    if (decoder_.Decode(in.bytes, request) != snmp::DecodeFault::kNone) return {};
    asked.push_back(request.varbinds.size());
    std::vector<std::uint8_t> buffer(2048);
    const auto bytes =
        snmp::Answer(request, mib_, {.message_bytes_max = message_bytes_max}, buffer);
    return {{bytes.begin(), bytes.end()}};
  }

  snmp::Recording recording_;
  snmp::RecordingMib mib_{recording_};
  snmp::MessageDecoder decoder_;
};

TEST_F(ReaderTest, WhatAnAgentWasLearnedToBearIsTriedAgainAfterADay) {
  NarrowAgent agent(network_, snmp::Endpoint::V4(0xc0000207, snmp::kSnmpPort));
  Reader reader({.communities = {{"default", "public"}}}, *port_, {1, 2});
  event::v1::Target target;
  target.set_address("192.0.2.7");
  const auto first_asked = [&] {
    agent.asked.clear();
    answers_.clear();
    reader.Start({.id = {0, 1}, .access = core::AccessOf(target), .plan = agent.plan});
    while (answers_.empty()) {
      reader.Poll(clock_.Now(), answers_);
      port_->Wait(std::chrono::seconds(1));
    }
    EXPECT_EQ(answers_[0].values.size(), NarrowAgent::kNames);
    return agent.asked.at(0);
  };

  EXPECT_EQ(first_asked(), 12U);
  const std::size_t learned = first_asked();
  EXPECT_LT(learned, 12U);
  agent.message_bytes_max = 1472;
  EXPECT_EQ(first_asked(), learned);
  clock_.Advance(snmp::kGoodTime);
  reader.Poll(clock_.Now(), answers_);
  EXPECT_EQ(first_asked(), 2 * learned);
}

// An agent that is asked at one address and answers from another.
class ReaderElsewhereTest : public ReaderTest {
 protected:
  ReaderElsewhereTest() {
    network_.Serve(snmp::Endpoint::V4(0xc0000207, snmp::kSnmpPort),
                   [this](const snmp::InDatagram& in) {
                     const snmp::OutDatagram answer{.to = in.from, .bytes = AnswerTo(in)};
                     EXPECT_EQ(elsewhere_->Send(std::span(&answer, 1)), 1u);
                     return std::vector<snmp::memory::SimNetwork::Bytes>();
                   });
  }

  core::ReadAnswer Read(Reader& reader, bool accept_from_other_address, bool secured = false) {
    event::v1::Target target;
    target.set_address("192.0.2.7");
    target.mutable_snmp()->set_accept_from_other_address(accept_from_other_address);
    target.mutable_snmp()->set_version(secured ? event::v1::SnmpAccess::VERSION_V3
                                               : event::v1::SnmpAccess::VERSION_V2C);
    core::ReadingPlan plan;
    plan.scalars = {*snmp::Oid::Parse("1.3.6.1.2.1.1.1.0")};
    reader.Start({.id = {0, 1}, .access = core::AccessOf(target), .plan = std::move(plan)});
    answers_.clear();
    while (answers_.empty()) {
      reader.Poll(clock_.Now(), answers_);
      port_->Wait(std::chrono::seconds(1));
    }
    return answers_.front();
  }

  static std::uint64_t WrongAddresses(const Reader& reader) {
    return reader.match_counts()[static_cast<std::size_t>(snmp::MatchResult::kWrongAddress)];
  }

  const snmp::usm::UserOptions user_{
      .name = "fleet", .auth = snmp::usm::AuthProtocol::kSha256, .auth_password = "maplesyrup"};

 private:
  std::span<const std::uint8_t> AnswerTo(const snmp::InDatagram& in) {
    const snmp::usm::EngineNow agent{.engine_id = "an engine id"};
    if (!snmp::usm::IsVersion3(in.bytes)) {
      snmp::MessageView request;
      EXPECT_EQ(decoder_.Decode(in.bytes, request), snmp::DecodeFault::kNone);
      return Write(request);
    }
    auto received = engine_.Receive(agent, in.bytes);
    secured_ = received.request.has_value() ? engine_.Reply(agent, Write(*received.request))
                                            : received.report;
    return secured_;
  }

  std::span<const std::uint8_t> Write(const snmp::MessageView& request) {
    snmp::MessageWriter writer(room_, request.head.community.size());
    writer.Add({request.varbinds.front().name, snmp::ValueView::Integer(1)});
    return writer.Finish({.type = snmp::PduType::kResponse,
                          .request_id = request.head.request_id,
                          .community = request.head.community});
  }

  std::unique_ptr<snmp::Datagrams> elsewhere_ =
      network_.Open({.address = snmp::Endpoint::V4(0xc0000209, snmp::kSnmpPort)});
  snmp::usm::AgentEngine engine_{{.users = {user_}}};
  snmp::MessageDecoder decoder_;
  std::vector<std::uint8_t> room_ = std::vector<std::uint8_t>(512);
  std::vector<std::uint8_t> secured_;
};

TEST_F(ReaderElsewhereTest, AnAnswerFromAnotherAddressIsTakenOnlyWhereTheTargetSaysSo) {
  Reader reader(
      {.communities = {{"default", "public"}}, .users = {{"default", user_}}}, *port_, {1, 2});
  for (const bool secured : {false, true}) {
    EXPECT_EQ(Read(reader, false, secured).result, core::ReadAnswer::Result::kSilent);
    EXPECT_EQ(reader.figures().answers_from_elsewhere, secured ? 1u : 0u);
    EXPECT_EQ(WrongAddresses(reader), secured ? 6u : 3u) << "one for each try";
    EXPECT_EQ(Read(reader, true, secured).result, core::ReadAnswer::Result::kAnswered);
    EXPECT_EQ(reader.figures().answers_from_elsewhere, secured ? 2u : 1u);
    reader.Forget(0);
  }
}

TEST_F(ReaderElsewhereTest, CredentialsThatChangeHoldFromTheNextReadingOn) {
  snmp::usm::UserOptions before = user_;
  before.auth_password = "a former password";
  Reader reader({.users = {{"default", before}}}, *port_, {1, 2});
  EXPECT_EQ(Read(reader, true, true).result, core::ReadAnswer::Result::kRefused);

  reader.SetCredentials({}, {{"default", user_}});
  EXPECT_EQ(Read(reader, true, true).result, core::ReadAnswer::Result::kAnswered);
  const std::uint64_t requests = reader.figures().requests;
  reader.SetCredentials({}, {{"default", user_}});
  EXPECT_EQ(Read(reader, true, true).result, core::ReadAnswer::Result::kAnswered);
  EXPECT_EQ(reader.figures().requests, requests + 1) << "the engine is known as before";

  reader.SetCredentials({}, {});
  EXPECT_EQ(Read(reader, true, true).result, core::ReadAnswer::Result::kNotAsked);
}

}  // namespace
}  // namespace platen::collector::edge
