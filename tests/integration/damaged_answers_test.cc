// What printers said, damaged: every recorded answer cut short at every byte, with bytes changed,
// and with values of the wrong type, sign, size and number. Nothing of it is invented from, and
// nothing crashes.
//
// PLATEN_DAMAGES=N makes N damages of each recording instead of a few hundred.
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/recording.h"
#include "libs/snmp/recording_mib.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/recording_diff.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/edge/profile_files.h"
#include "tests/fuzz/printer_checks.h"
#include "tests/support/child_process.h"
#include "tests/support/printer_recordings.h"

namespace platen::collector {
namespace {

using snmp::MessageView;
using snmp::Recording;
using snmp::Value;
using snmp::ValueType;
using snmp::Varbind;
using testing_support::SourceFile;

struct Printer {
  std::string name;
  Recording recording;
};

std::vector<Printer> Printers() {
  std::vector<Printer> printers;
  for (const auto& [name, file] : testing_support::PrinterRecordings()) {
    printers.push_back({name, snmp::ReadRecording(testing_support::ReadWholeFile(file))});
  }
  return printers;
}

// Damages of each recording.
std::size_t Damages() {
  const char* set = std::getenv("PLATEN_DAMAGES");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : 300;
}

using Bytes = std::vector<std::uint8_t>;

// The datagrams in which an agent tells all of `recording` to who walks it by GETBULK.
std::vector<Bytes> AnswersOf(const Recording& recording) {
  snmp::RecordingMib mib(recording);
  snmp::MessageDecoder decoder;
  std::vector<Bytes> answers;
  std::array<std::uint8_t, 2048> request;
  std::array<std::uint8_t, 2048> buffer;
  snmp::Oid at = *snmp::Oid::Parse("1.3");
  for (;;) {
    snmp::MessageWriter writer(request, 6);
    EXPECT_TRUE(writer.Add({.name = at.view(), .value = snmp::ValueView()}));
    const auto asked = writer.Finish({.type = snmp::PduType::kGetBulk,
                                      .request_id = 77,
                                      .error_index = 20,
                                      .community = "public"});
    MessageView question;
    EXPECT_EQ(decoder.Decode(asked, question), snmp::DecodeFault::kNone);
    const auto answer = snmp::Answer(question, mib, {}, buffer);
    answers.emplace_back(answer.begin(), answer.end());
    MessageView message;
    EXPECT_EQ(decoder.Decode(answers.back(), message), snmp::DecodeFault::kNone);
    if (message.varbinds.empty()) return answers;
    const snmp::VarbindView& last = message.varbinds.back();
    if (last.value.is_exception()) return answers;
    at = snmp::Oid(last.name);
  }
}

class DamagedAnswersTest : public testing::Test {
 protected:
  DamagedAnswersTest() : printers_(Printers()) {
    auto profiles = edge::LoadProfiles(SourceFile("profiles"));
    EXPECT_TRUE(profiles.ok()) << profiles.status();
    if (profiles.ok()) profiles_ = *std::move(profiles);
  }

  core::Recorded Understand(std::vector<Varbind> rows) const {
    core::SortReadings(rows);
    return {.snapshot = core::MakeSnapshot({.readings = rows, .profiles = &profiles_}),
            .rows_complete = true};
  }

  // All that is made of what a printer said after it had said `before`.
  void Check(const core::Recorded& before, std::vector<Varbind> rows) const {
    const core::Recorded after = Understand(std::move(rows));
    fuzz::CheckSnapshot(after.snapshot);
    for (const event::v1::Event& event : core::EventsBetween(before, after)) {
      fuzz::CheckEvent(event);
    }
  }

  base::Random random_{20261122};
  std::vector<Printer> printers_;
  core::ProfileSet profiles_;
};

TEST_F(DamagedAnswersTest, AnAnswerCutShortIsRefusedAsAWhole) {
  snmp::MessageDecoder decoder;
  std::size_t cuts = 0;
  for (const Printer& printer : printers_) {
    for (const Bytes& answer : AnswersOf(printer.recording)) {
      for (std::size_t size = 0; size < answer.size(); ++size, ++cuts) {
        // In a block of exactly its size, so that AddressSanitizer sees a step beyond it.
        const Bytes cut(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
        MessageView message;
        ASSERT_NE(decoder.Decode(cut, message), snmp::DecodeFault::kNone)
            << printer.name << ", first " << size << " of " << answer.size() << " bytes";
      }
    }
  }
  std::cout << printers_.size() << " recordings, " << cuts << " cuts\n";
  EXPECT_GT(cuts, 10'000U);
}

TEST_F(DamagedAnswersTest, ChangedBytesAreRefusedOrUnderstoodAsWhatTheySay) {
  snmp::MessageDecoder decoder;
  std::size_t refused = 0;
  std::size_t understood = 0;
  for (const Printer& printer : printers_) {
    const std::vector<Bytes> answers = AnswersOf(printer.recording);
    const core::Recorded before = Understand(printer.recording.rows);
    for (std::size_t i = 0; i < Damages(); ++i) {
      std::vector<Varbind> rows = printer.recording.rows;
      Bytes answer = answers[random_.Below(answers.size())];
      for (std::uint64_t changes = 1 + random_.Below(4); changes > 0; --changes) {
        answer[random_.Below(answer.size())] = static_cast<std::uint8_t>(random_.Next());
      }
      MessageView message;
      if (decoder.Decode(answer, message) != snmp::DecodeFault::kNone) {
        ++refused;
        continue;
      }
      ++understood;
      for (const snmp::VarbindView& row : message.varbinds) {
        rows.emplace_back(snmp::Oid(row.name), Value(row.value));
      }
      Check(before, std::move(rows));
    }
  }
  std::cout << refused << " refused, " << understood << " understood\n";
  EXPECT_GT(refused, 0U);
  EXPECT_GT(understood, 0U);
}

// One value as no printer should say it.
Value Absurd(base::Random& random) {
  static const Value kValues[] = {
      Value::Integer(0),
      Value::Integer(-1),
      Value::Integer(-100),
      Value::Integer(-2147483648LL),
      Value::Integer(2147483647),
      Value::Number(ValueType::kCounter32, 4294967295U),
      Value::Number(ValueType::kCounter64, 18446744073709551615ULL),
      Value::Number(ValueType::kGauge32, 3),
      Value::Number(ValueType::kTimeTicks, 0),
      Value::Octets(""),
      Value::Octets(std::string(1, '\0')),
      Value::Octets(std::string("\0\0\xff\xfe"
                                "a\0b",
                                7)),
      Value::Octets("\xc3\x28\xff\x80"),
      Value::Octets(std::string(70'000, 'A')),
      Value::Octets("-3"),
      Value::ObjectId(*snmp::Oid::Parse("1.3.6.1.4.1.4294967295.1")),
      Value(),
  };
  return kValues[random.Below(std::size(kValues))];
}

TEST_F(DamagedAnswersTest, ValuesOfTheWrongTypeSignSizeAndNumberInventNothing) {
  for (const Printer& printer : printers_) {
    const core::Recorded before = Understand(printer.recording.rows);
    for (std::size_t i = 0; i < Damages(); ++i) {
      std::vector<Varbind> rows = printer.recording.rows;
      for (std::uint64_t changes = 1 + random_.Below(12); changes > 0 && !rows.empty(); --changes) {
        const std::size_t at = random_.Below(rows.size());
        const auto row = rows.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random_.Below(3)) {
          case 0:
            row->value = Absurd(random_);
            break;
          case 1:
            rows.erase(row);
            break;
          default:
            // The same row twice, with another value.
            rows.emplace_back(snmp::Oid(row->name), Absurd(random_));
        }
      }
      Check(before, std::move(rows));
    }
  }
}

}  // namespace
}  // namespace platen::collector
