#include "tools/platenctl/dead_letters.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "platen/event/v1/event.pb.h"

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/event/headers.h"

namespace platen::platenctl {
namespace {

using std::chrono::milliseconds;

// Says which letter was replayed, by its offset; such a record has no value of its own.
constexpr std::string_view kReplayed = "replayed";
constexpr milliseconds kPoll{200};

std::string_view HeaderOf(const broker::RecordView& record, std::string_view name) {
  std::string_view value;
  for (const broker::HeaderView& header : record.headers) {
    if (header.name == name) value = header.value;
  }
  return value;
}

absl::Status NoAnswer(const std::string& topic) {
  return base::Unavailable("Kafka does not answer for ", topic, "; is it running, and reachable?");
}

// Publishes and waits for the acknowledgement.
absl::Status Write(broker::Publisher& publisher,
                   const broker::OutgoingRecord& record,
                   base::MonotonicTime deadline,
                   const base::Clock& clock) {
  PLATEN_ASSIGN_OR_RETURN(const broker::PublishId id, publisher.Publish(record));
  while (clock.Now() < deadline) {
    for (const broker::Delivery& delivery : publisher.Poll(kPoll)) {
      if (delivery.id == id) return delivery.status;
    }
  }
  return NoAnswer(std::string(record.topic));
}

}  // namespace

std::string ToText(LetterId id) {
  return base::StrCat(id.first, ":", id.second);
}

bool LetterFilter::Takes(LetterId id, const StoredLetter& stored) const {
  if (stored.is_replayed && !with_replayed) return false;
  if (!reason.empty() && stored.letter.reason() != reason) return false;
  return ids.empty() || std::ranges::find(ids, id) != ids.end();
}

void Take(const broker::Partition& partition,
          const broker::RecordView& record,
          LetterMap& letters) {
  if (const std::string_view said = HeaderOf(record, kReplayed); !said.empty()) {
    std::int64_t offset = 0;
    if (!absl::SimpleAtoi(base::ToAbsl(said), &offset)) return;
    const auto marked = letters.find({partition.number, offset});
    if (marked != letters.end()) marked->second.is_replayed = true;
    return;
  }
  StoredLetter& stored = letters[{partition.number, record.offset}];
  stored.stored = record.append_time;
  stored.key = record.key;
  stored.route = HeaderOf(record, event::kHeaderRoute);
  const std::string_view value = record.value.value_or("");
  stored.is_readable =
      !value.empty() && stored.letter.ParseFromArray(value.data(), static_cast<int>(value.size()));
  if (!stored.is_readable) stored.letter.Clear();
}

absl::StatusOr<Letters> ReadLetters(broker::Broker& broker,
                                    const std::string& topic,
                                    std::size_t bytes_max,
                                    base::Duration max_wait,
                                    const base::Clock& clock) {
  const base::MonotonicTime deadline = clock.Now() + max_wait;
  std::int32_t partitions = 0;
  {
    PLATEN_ASSIGN_OR_RETURN(const auto publisher, broker.NewPublisher({}));
    PLATEN_ASSIGN_OR_RETURN(partitions, publisher->PartitionCount(topic));
  }
  broker::SubscriberOptions options;
  std::set<std::int32_t> unread;
  for (std::int32_t number = 0; number < partitions; ++number) {
    options.partitions.push_back({{topic, number}, broker::kBeginning});
    unread.insert(number);
  }
  PLATEN_ASSIGN_OR_RETURN(const auto subscriber, broker.NewSubscriber(options));
  Letters read;
  std::size_t bytes = 0;
  while (!unread.empty()) {
    if (clock.Now() >= deadline) return NoAnswer(topic);
    PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step, subscriber->Poll(kPoll));
    if (const auto* records = std::get_if<broker::RecordBatch>(&step)) {
      for (const broker::RecordView& record : records->records) {
        if (HeaderOf(record, kReplayed).empty()) {
          bytes += record.key.size() + record.value.value_or("").size() + sizeof(StoredLetter);
          if (bytes > bytes_max) read.are_all = false;
          if (!read.are_all) continue;
        }
        Take(records->partition, record, read.letters);
      }
    } else if (const auto* end = std::get_if<broker::EndReached>(&step)) {
      unread.erase(end->position.partition.number);
    } else if (const auto* gap = std::get_if<broker::OutOfRange>(&step)) {
      subscriber->StartAt({gap->partition, gap->earliest});
    }
  }
  return read;
}

absl::StatusOr<ReplayedRecord> ToReplay(const StoredLetter& stored) {
  const event::v1::DeadLetter& letter = stored.letter;
  if (!stored.is_readable) return base::FailedPrecondition("it is no dead letter");
  if (letter.reason() == "too-large") {
    return base::FailedPrecondition("it is too large for the gateway, and its end may be missing");
  }
  event::v1::Event event;
  if (letter.payload().empty() || !event.ParseFromString(letter.payload())) {
    return base::FailedPrecondition("what it holds is no event (", letter.reason(), ")");
  }
  return ReplayedRecord{.to = {letter.topic(), letter.partition()},
                        .key = stored.key,
                        .value = letter.payload(),
                        .headers = event::MakeHeaders(event)};
}

absl::Status Replay(broker::Broker& broker,
                    const std::string& topic,
                    const LetterMap& letters,
                    base::Duration max_wait,
                    const base::Clock& clock,
                    const std::function<void(LetterId, const absl::Status&)>& done) {
  PLATEN_ASSIGN_OR_RETURN(const auto publisher,
                          broker.NewPublisher({.linger = std::chrono::milliseconds(0)}));
  for (const auto& [id, stored] : letters) {
    const auto record = ToReplay(stored);
    if (!record.ok()) {
      done(id, record.status());
      continue;
    }
    const std::vector<broker::HeaderView> headers = broker::ViewsOf(record->headers);
    const base::MonotonicTime deadline = clock.Now() + max_wait;
    PLATEN_RETURN_IF_ERROR(Write(*publisher,
                                 {.topic = record->to.topic,
                                  .partition = record->to.number,
                                  .key = record->key,
                                  .value = record->value,
                                  .headers = headers},
                                 deadline,
                                 clock));
    const std::string offset = base::StrCat(id.second);
    const broker::HeaderView marker{kReplayed, offset};
    PLATEN_RETURN_IF_ERROR(Write(*publisher,
                                 {.topic = topic,
                                  .partition = id.first,
                                  .key = stored.key,
                                  .value = "",
                                  .headers = std::span(&marker, 1)},
                                 deadline,
                                 clock));
    done(id, absl::OkStatus());
  }
  return absl::OkStatus();
}

}  // namespace platen::platenctl
