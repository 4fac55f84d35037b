// The page behind a link in a message: what it is about, how that stands, and a form. Pure; all
// that devices and people say is escaped, and nothing is fetched from elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platen/event/v1/event.pb.h"
#include "platen/links/v1/acknowledge_link.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "services/gateway/core/names.h"

namespace platen::gateway::core {

// How the alert of a link stands.
struct LinkedAlert {
  // The last that was said of it; absent: it is not known (any more).
  std::optional<event::v1::Event> last;
  bool is_open = false;
  // When the link was used, in milliseconds since the Unix epoch; 0: never.
  std::int64_t use_ms = 0;
  // The acknowledgement that was set last.
  std::optional<rules::v1::Record> care;
};

// What came of a request with a link.
enum class LinkOutcome {
  kShown,         // Looked at: it may be used.
  kAcknowledged,  // Used, now.
  kUsed,          // It was used before.
  kOver,          // What it is about is over.
  kUnknown,       // What it is about is not known.
  kExpired,
  kForged,       // Damaged, cut, or never ours.
  kBadForm,      // The note or the time can't be taken.
  kWrongMethod,  // Neither GET, HEAD nor POST.
  kNoPage,       // Another path.
  kTooMany,      // Above the rate.
  kUnavailable,  // The store takes or says nothing now.
};

inline constexpr std::size_t kLinkOutcomes = 12;

// Which alert a link is about. kInvalidArgument where it names no device.
absl::StatusOr<AlertPlace> PlaceOfLink(const links::v1::AcknowledgeLink& link);

// kShown where it may be used, or why not.
LinkOutcome JudgeLink(const links::v1::AcknowledgeLink& link, const LinkedAlert& alert);

// "contacts/alice by link": whom the acknowledgement is said to be of.
std::string AuthorOf(const links::v1::AcknowledgeLink& link);

// How long the form's choice is: "1h", "4h", "24h" or "72h"; 4 h where nothing was chosen.
// kInvalidArgument for anything else.
absl::StatusOr<base::Duration> ReadChoice(std::string_view text);

// For the status line of HTTP.
int HttpStatusOf(LinkOutcome outcome);

// The page of what came of it. `link` and `alert` may be null where nothing is known of them, but
// for kShown and kUsed;
// `fault` is what is wrong with the form, one sentence.
std::string RenderLinkPage(LinkOutcome outcome,
                           const links::v1::AcknowledgeLink* link,
                           const LinkedAlert* alert,
                           std::string_view fault,
                           base::WallTime now);

}  // namespace platen::gateway::core
