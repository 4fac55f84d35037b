// All records of platen.rules.v1, compiled: asked for an alert, it says which rules take it, who is
// told, and what keeps it quiet.
//
// A record is taken whole or refused whole, and then what was before under its name stands. What it
// names (a calendar, a contact) may come later or never: whoever can't be found is left out, and a
// calendar that can't be found is always open, for a message too many is better than one too few;
// Missing() tells.
//
// Pure. Thread-compatible. Memory: some 2 KB a record; at most kRecordsMax of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/rules/calendar.h"
#include "libs/rules/condition.h"
#include "libs/rules/condition_index.h"
#include "libs/rules/record_name.h"
#include "libs/rules/roster.h"

namespace platen::rules {

inline constexpr std::size_t kRecordsMax = 200'000;

// Whether a record could be taken: by its name, and in itself. kInvalidArgument with the field.
absl::Status CheckRecord(const v1::Record& record);

// Somebody to be told.
struct Receiver {
  // "service-desk", or "contacts/NAME": whoever a roster means by then is named.
  std::string name;
  // Where mail goes; empty where `name` is one of the notifier's configuration.
  std::vector<std::string> emails;

  friend bool operator==(const Receiver&, const Receiver&) = default;
};

// A rule that takes an alert. Points into the book: valid until the next Put() or Remove().
struct Taken {
  const std::string* name = nullptr;
  const v1::Rule* rule = nullptr;
  // The earliest moment at which its hours let people be told; `now` where they do now.
  base::WallTime open_at;
};

// What keeps an alert quiet.
struct Quiet {
  std::string silence;
  // When it may be over; asked again then.
  base::WallTime until;
};

class RuleBook {
 public:
  RuleBook();
  ~RuleBook();
  RuleBook(RuleBook&&) noexcept;
  RuleBook& operator=(RuleBook&&) noexcept;

  // Takes a record under its name, in the place of what was there. kInvalidArgument where it is
  // wrong, kResourceExhausted where there are kRecordsMax; nothing has changed then.
  absl::Status Put(const v1::Record& record);

  // True if there was one.
  bool Remove(std::string_view name);

  std::size_t size() const;

  // The rules that take it, the deciding one last (one that does not go on). REQUIRES: `event` has
  // an alert.
  std::vector<Taken> RulesFor(const event::v1::Event& event, base::WallTime now) const;

  // The escalation of this name, as it holds at a place; null where there is none.
  const v1::Escalation* FindEscalation(std::string_view id,
                                       std::string_view tenant,
                                       std::string_view site) const;

  // The same receivers with rosters and contacts resolved, each once.
  std::vector<Receiver> Resolve(const google::protobuf::RepeatedPtrField<std::string>& receivers,
                                std::string_view tenant,
                                std::string_view site,
                                base::WallTime now) const;

  // The silence that holds longest.
  std::optional<Quiet> QuietFor(const event::v1::Event& event, base::WallTime now) const;

  // Name of an inhibition by which `source`, being open, keeps `target` quiet; both of one device.
  // Null where there is none.
  const std::string* Inhibits(const event::v1::Event& source, const event::v1::Event& target) const;

  // Whether any inhibition could keep it quiet: then what is open is worth looking at.
  bool MayBeInhibited(const event::v1::Event& target) const;

  // What records name and nobody has set, each once: "rules/jam: calendar 'office'".
  std::vector<std::string> Missing() const;

  // Names of receivers that only the notifier's configuration can know, each with a record that
  // names it.
  std::map<std::string, std::string> NamedReceivers() const;

  // The record of this name; null where there is none. Valid until the next Put() or Remove().
  const v1::Record* Find(std::string_view name) const;

  // All records in the order of their names.
  std::vector<const v1::Record*> Records() const;

 private:
  struct Kept;
  struct Place;

  const Kept* FindNarrowest(RecordKind kind,
                            std::string_view id,
                            std::string_view tenant,
                            std::string_view site) const;
  const Place& PlaceOf(std::string_view tenant, std::string_view site) const;
  std::optional<base::WallTime> SilentUntil(const Kept& kept, base::WallTime now) const;
  void AddReceiver(std::string_view name,
                   std::string_view tenant,
                   std::string_view site,
                   base::WallTime now,
                   std::vector<Receiver>& receivers) const;

  std::map<std::string, std::unique_ptr<Kept>, std::less<>> records_;
  // By the id of the silence.
  absl::flat_hash_map<ConditionIndex::Id, const Kept*> silences_;
  ConditionIndex silence_index_;
  ConditionIndex::Id last_silence_ = 0;
  // What holds at (tenant, site): made when first asked for, forgotten at each change of a rule or
  // inhibition.
  mutable absl::flat_hash_map<std::string, std::unique_ptr<Place>> places_;
};

}  // namespace platen::rules
