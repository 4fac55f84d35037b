// A status poll that says what the one before said costs no memory: from the datagram to "nothing
// has happened", nothing is allocated.
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "libs/event/sequence.h"
#include "libs/snmp/message.h"
#include "libs/snmp/message_writer.h"
#include "services/collector/core/fleet_poller.h"
#include "services/collector/core/printer_oids.h"

namespace {

bool counting = false;
std::size_t allocations = 0;

// Not inlined, or the compiler sees `free` for what `new` has given.
[[gnu::noinline]] void Release(void* memory) {
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  Release(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  Release(memory);
}

namespace platen::collector::core {
namespace {

using snmp::Value;
using snmp::ValueType;

constexpr base::WallTime kStart = base::WallFromMillis(1'767'225'600'000);

class UnchangedPollTest : public testing::Test {
 protected:
  UnchangedPollTest() {
    event::v1::Target target;
    target.set_device_id(std::string(device_.bytes()));
    target.set_tenant("acme");
    target.set_site("hq");
    collector::v1::DeviceState state;
    state.set_known(true);
    state.add_printer_device_indexes(1);
    state.set_alert_all_events(12);
    state.mutable_status()->set_device_status(event::v1::DEVICE_STATUS_RUNNING);
    state.mutable_status()->set_printer_status(event::v1::PRINTER_STATUS_IDLE);
    state.mutable_status()->set_reachability(event::v1::REACHABILITY_REACHABLE);
    for (const char* kind : {"meters/36000000", "supplies/36000000"}) {
      (*state.mutable_intervals())[kind] = ~std::uint64_t{0};  // Long read.
    }
    effects_ = {};
    poller_.Add(0, device_, target, state.SerializeAsString(), 1, now_, effects_);
  }

  // Lets the next status poll begin; what it is answered, as a datagram.
  std::vector<std::uint8_t> NextPoll() {
    for (int seconds = 0; seconds < 100 && (seconds == 0 || effects_.reads.empty()); ++seconds) {
      now_.monotonic += std::chrono::seconds(1);
      now_.wall += std::chrono::seconds(1);
      ticks_ += 100;
      effects_ = {};
      poller_.OnTimer(now_, false, effects_);
    }
    EXPECT_EQ(effects_.reads.size(), 1u);
    if (effects_.reads.empty()) return {};
    id_ = effects_.reads[0].id;
    std::vector<std::uint8_t> buffer(2048);
    snmp::MessageWriter writer(buffer, 6);
    const auto add = [&writer](const snmp::Oid& name, const Value& value) {
      writer.Add({name, value.view()});
    };
    add(oids::kSysUpTime, Value::Number(ValueType::kTimeTicks, ticks_));
    add(oids::kHrDeviceEntry.Child({oids::kHrDeviceStatus, 1}), Value::Integer(2));
    add(oids::kHrPrinterEntry.Child({oids::kHrPrinterStatus, 1}), Value::Integer(3));
    add(oids::kHrPrinterEntry.Child({oids::kHrPrinterDetectedErrorState, 1}),
        Value::Octets(std::string_view("\0\0", 2)));
    add(oids::kGeneralEntry.Child({oids::kAlertAllEvents, 1}),
        Value::Number(ValueType::kCounter32, 12));
    add(oids::kMarkerEntry.Child({oids::kMarkerLifeCount, 1, 1}),
        Value::Number(ValueType::kCounter32, 1000 + ticks_ / 100));
    const auto bytes =
        writer.Finish({.type = snmp::PduType::kResponse, .request_id = 1, .community = "public"});
    return {bytes.begin(), bytes.end()};
  }

  // Takes the answer in and returns how often memory was allocated for it.
  std::size_t Allocations(const std::vector<std::uint8_t>& datagram) {
    ReadAnswer answer;
    answer.values.reserve(16);
    effects_ = {};
    allocations = 0;
    counting = true;
    snmp::MessageView message;
    const snmp::DecodeFault fault = decoder_.Decode(datagram, message);
    answer.id = id_;
    answer.result = ReadAnswer::Result::kAnswered;
    answer.complete = true;
    for (const snmp::VarbindView& varbind : message.varbinds) answer.values.emplace_back(varbind);
    poller_.OnAnswer(now_, std::move(answer), effects_);
    counting = false;
    EXPECT_EQ(fault, snmp::DecodeFault::kNone);
    return allocations;
  }

  Now now_{base::MonotonicTime(std::chrono::hours(1)), kStart};
  base::DeviceId device_ = *base::DeviceId::FromBytes("device number 01");
  ProfileSet profiles_;
  event::Sequencer sequencer_{"a", 1};
  FleetPoller poller_{{.cadence = {.meters = std::chrono::hours(10000),
                                   .supplies = std::chrono::hours(10000),
                                   .firmware = std::chrono::hours(10000),
                                   .full = std::chrono::hours(10000)}},
                      profiles_,
                      sequencer_};
  Effects effects_;
  ReadingId id_;
  std::uint64_t ticks_ = 100'000;
  snmp::MessageDecoder decoder_;
};

TEST_F(UnchangedPollTest, AllocatesNothing) {
  EXPECT_GT(Allocations(NextPoll()), 0u) << "the first answer is compared with the state";

  EXPECT_EQ(Allocations(NextPoll()), 0u);
  EXPECT_EQ(Allocations(NextPoll()), 0u);
  EXPECT_EQ(poller_.figures().answered, 3u);
}

}  // namespace
}  // namespace platen::collector::core
