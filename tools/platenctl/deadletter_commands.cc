// deadletter list, deadletter replay.
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"
#include "libs/service/kafka_config.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/dead_letters.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

// Letters held in memory at once: some 100,000 of the usual size.
constexpr std::size_t kBytesMax = 64u << 20;

// The installation's Kafka, and its topic of dead letters.
struct Place {
  broker::kafka::KafkaBroker broker;
  std::string topic;
};

absl::StatusOr<Place> Open(const Session& session) {
  config::v1::Kafka kafka = session.context.kafka();
  if (session.arguments.Has("kafka")) {
    kafka.set_bootstrap_servers(session.arguments.Get("kafka"));
  }
  if (kafka.bootstrap_servers().empty()) {
    return UsageError(
        "dead letters lie in the installation's Kafka, and it is not said which: give --kafka "
        "HOST:PORT, or kafka.bootstrap_servers in the context file");
  }
  PLATEN_ASSIGN_OR_RETURN(broker::kafka::KafkaOptions options,
                          service::ToKafkaOptions(kafka, "platenctl"));
  return Place{.broker = broker::kafka::KafkaBroker(std::move(options)),
               .topic = event::Topics(kafka.topic_prefix()).deadletter()};
}

base::Duration Timeout(const Session& session) {
  return std::chrono::seconds(session.arguments.Number("timeout", 20));
}

absl::StatusOr<LetterId> ParseId(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  LetterId id;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &id.first) ||
      !absl::SimpleAtoi(parts[1], &id.second)) {
    return UsageError("\"", text, "\" is no dead letter's id: 3:1287, as list shows it");
  }
  return id;
}

// What the command line means, of what there is.
absl::StatusOr<LetterMap> Chosen(Session& session, Place& place, const LetterFilter& filter) {
  PLATEN_ASSIGN_OR_RETURN(
      Letters read,
      ReadLetters(place.broker, place.topic, kBytesMax, Timeout(session), session.clock));
  LetterMap& letters = read.letters;
  if (!read.are_all) {
    session.err << "platenctl: only the first " << letters.size()
                << " dead letters were looked at: more would take more than " << (kBytesMax >> 20)
                << " MB of memory\n";
  }
  for (const LetterId& id : filter.ids) {
    if (!letters.contains(id)) return base::NotFound("there is no dead letter ", ToText(id));
  }
  std::erase_if(letters,
                [&filter](const auto& entry) { return !filter.Takes(entry.first, entry.second); });
  return std::move(letters);
}

absl::Status List(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(Place place, Open(session));
  const LetterFilter filter{.reason = session.arguments.Get("reason"),
                            .with_replayed = session.arguments.Has("all")};
  PLATEN_ASSIGN_OR_RETURN(const LetterMap letters, Chosen(session, place, filter));
  Table table({{"ID"},
               {"TIME"},
               {"REASON"},
               {"DETAIL", Align::kLeft, true},
               {"FROM"},
               {"BY"},
               {"BYTES", Align::kRight},
               {"DEVICE"},
               {"REPLAYED"}});
  for (const auto& [id, stored] : letters) {
    const event::v1::DeadLetter& letter = stored.letter;
    if (format == Format::kJson) {
      session.out << ToJson(letter) << '\n';
      continue;
    }
    table.Add({ToText(id),
               Time(event::ToProto(stored.stored)),
               stored.is_readable ? letter.reason() : "unreadable",
               letter.detail(),
               base::StrCat(letter.topic(), "[", letter.partition(), "]@", letter.offset()),
               letter.refused_by(),
               base::StrCat(letter.payload().size()),
               base::HexEncode(stored.key),
               stored.is_replayed ? "yes" : ""});
  }
  if (format != Format::kJson) Write(table, format, "there are no dead letters", session);
  return absl::OkStatus();
}

absl::Status Replay(Session& session) {
  LetterFilter filter{.reason = session.arguments.Get("reason"),
                      .with_replayed = session.arguments.Has("again")};
  for (const std::string& text : session.arguments.operands()) {
    PLATEN_ASSIGN_OR_RETURN(filter.ids.emplace_back(), ParseId(text));
  }
  if (filter.ids.empty() && filter.reason.empty() && !session.arguments.Has("all")) {
    return UsageError("which? give their ids, --reason REASON, or --all");
  }
  PLATEN_ASSIGN_OR_RETURN(Place place, Open(session));
  PLATEN_ASSIGN_OR_RETURN(const LetterMap letters, Chosen(session, place, filter));
  std::size_t replayed = 0;
  PLATEN_RETURN_IF_ERROR(Replay(place.broker,
                                place.topic,
                                letters,
                                Timeout(session),
                                session.clock,
                                [&](LetterId id, const absl::Status& status) {
                                  replayed += status.ok() ? 1 : 0;
                                  if (status.ok()) return;
                                  session.err << ToText(id) << " was not replayed: "
                                              << base::ToStd(status.message()) << '\n';
                                }));
  session.out << replayed << " of " << letters.size() << " replayed\n";
  return replayed == letters.size()
             ? absl::OkStatus()
             : base::FailedPrecondition(letters.size() - replayed, " can't be replayed");
}

constexpr OptionSpec kKafkaOption = {
    "kafka", "HOST:PORT,…", "the installation's Kafka; default the context's"};
constexpr OptionSpec kReasonOption = {
    "reason", "REASON", "only these: unregistered-device, undecodable, invalid, too-large, …"};

}  // namespace

Command DeadletterListCommand() {
  return {.name = "deadletter list",
          .help = "events that nobody could use, with the reason and where they came from",
          .options = {kReasonOption,
                      {"all", "", "also those that were replayed"},
                      kKafkaOption,
                      kOutputOption},
          .run = List};
}

Command DeadletterReplayCommand() {
  return {.name = "deadletter replay",
          .operands = "[ID…]",
          .help = "say them again where they came from, once the reason is gone",
          .options = {kReasonOption,
                      {"all", "", "all that were not replayed yet"},
                      {"again", "", "also those that were"},
                      kKafkaOption},
          .operands_max = 1000,
          .run = Replay};
}

}  // namespace platen::platenctl
