// What every implementation of platen::snmp::Datagrams promises, run against each of them.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/snmp/memory/sim_network.h"
#include "libs/snmp/udp/udp_datagrams.h"

namespace platen::snmp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A network, and how to open a party on it.
class World {
 public:
  virtual ~World() = default;
  virtual std::unique_ptr<Datagrams> Open(std::size_t ports) = 0;
};

class MemoryWorld final : public World {
 public:
  std::unique_ptr<Datagrams> Open(std::size_t ports) override {
    return network_.Open({.address = Endpoint::V4(0xc0000201, 0), .ports = ports});
  }

 private:
  base::SimClock clock_;
  memory::SimNetwork network_{clock_, 1};
};

class UdpWorld final : public World {
 public:
  std::unique_ptr<Datagrams> Open(std::size_t ports) override {
    return *udp::OpenUdp({.ports = ports, .local = Endpoint::V4(0x7f000001, 0)});
  }
};

struct Implementation {
  std::string name;
  std::function<std::unique_ptr<World>()> make;
};

std::vector<std::uint8_t> Bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

struct Received {
  std::string text;
  Endpoint from;
  std::uint8_t via = 0;
};

class DatagramsContract : public testing::TestWithParam<Implementation> {
 protected:
  // Everything that arrives until `count` datagrams have.
  static std::vector<Received> ReceiveSome(Datagrams& party, std::size_t count) {
    std::vector<Received> all;
    while (all.size() < count && party.Wait(seconds(10))) {
      for (const InDatagram& in : party.Receive()) {
        all.push_back({std::string(in.bytes.begin(), in.bytes.end()), in.from, in.via});
      }
    }
    return all;
  }

  static void Send(Datagrams& party, std::uint8_t via, const Endpoint& to, std::string_view text) {
    const auto bytes = Bytes(text);
    const OutDatagram out{.to = to, .bytes = bytes, .via = via};
    ASSERT_EQ(party.Send({&out, 1}), 1u);
  }

  const std::unique_ptr<World> world_ = GetParam().make();
};

TEST_P(DatagramsContract, DeliversABatchInOrder) {
  const auto a = world_->Open(1);
  const auto b = world_->Open(1);
  std::vector<std::vector<std::uint8_t>> texts;
  for (int i = 0; i < 200; ++i) texts.push_back(Bytes(std::to_string(i)));
  std::vector<OutDatagram> batch;
  for (const auto& text : texts) batch.push_back({.to = b->local(0), .bytes = text});

  EXPECT_EQ(a->Send(batch), 200u);

  const auto received = ReceiveSome(*b, 200);
  ASSERT_EQ(received.size(), 200u);
  for (std::size_t i = 0; i < received.size(); ++i) EXPECT_EQ(received[i].text, std::to_string(i));
}

TEST_P(DatagramsContract, TellsWhoSentAndToWhichPort) {
  const auto a = world_->Open(3);
  const auto b = world_->Open(2);

  Send(*a, 2, b->local(1), "hello");

  const auto received = ReceiveSome(*b, 1);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].from, a->local(2));
  EXPECT_EQ(received[0].via, 1);
}

TEST_P(DatagramsContract, AnAnswerComesBackToThePortItsQuestionLeft) {
  const auto client = world_->Open(4);
  const auto agent = world_->Open(1);
  for (std::uint8_t via = 0; via < 4; ++via) {
    Send(*client, via, agent->local(0), "question");
    const auto question = ReceiveSome(*agent, 1);
    ASSERT_EQ(question.size(), 1u);

    Send(*agent, 0, question[0].from, "answer");

    const auto answer = ReceiveSome(*client, 1);
    ASSERT_EQ(answer.size(), 1u);
    EXPECT_EQ(answer[0].via, via);
    EXPECT_EQ(answer[0].from, agent->local(0));
  }
}

TEST_P(DatagramsContract, ReceivesNothingWhenThereIsNothing) {
  const auto a = world_->Open(2);

  EXPECT_TRUE(a->Receive().empty());
  EXPECT_FALSE(a->Wait(milliseconds(1)));
  EXPECT_FALSE(a->Wait(milliseconds(-1)));
  EXPECT_TRUE(a->Receive().empty());
}

TEST_P(DatagramsContract, CarriesEmptyAndLongDatagramsUnchanged) {
  const auto a = world_->Open(1);
  const auto b = world_->Open(1);
  std::string longest(8192, 'x');
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<char>(i * 7);

  Send(*a, 0, b->local(0), "");
  Send(*a, 0, b->local(0), longest);

  const auto received = ReceiveSome(*b, 2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].text, "");
  EXPECT_EQ(received[1].text, longest);
}

TEST_P(DatagramsContract, EachPortHasItsOwnAddress) {
  const auto a = world_->Open(4);
  ASSERT_EQ(a->port_count(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(a->local(i), a->local(j));
  }
}

TEST_P(DatagramsContract, CountsWhatItCarried) {
  const auto a = world_->Open(1);
  const auto b = world_->Open(1);
  Send(*a, 0, b->local(0), "one");
  Send(*a, 0, b->local(0), "two");
  ReceiveSome(*b, 2);

  EXPECT_EQ(a->counts().sent, 2u);
  EXPECT_EQ(b->counts().received, 2u);
  EXPECT_EQ(b->counts().receive_overflow, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Implementations,
    DatagramsContract,
    testing::Values(Implementation{"memory", [] { return std::make_unique<MemoryWorld>(); }},
                    Implementation{"udp", [] { return std::make_unique<UdpWorld>(); }}),
    [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace platen::snmp
