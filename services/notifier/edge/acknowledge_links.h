// Puts the links into messages by which their readers say that they take care of an alert
// (docs/decisions/0013-links-that-acknowledge.md).
#pragma once

#include <string>

#include "platen/config/v1/notifier.pb.h"
#include "platen/notifier/v1/notification.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/links/link_keys.h"
#include "libs/service/faults.h"

namespace platen::notifier::edge {

// Adds every fault of `config`, which stands at `path`; of the keys' file too, without a word of
// what is in it.
void ValidateAcknowledgeLinks(const config::v1::AcknowledgeLinks& config,
                              const std::string& path,
                              service::FaultList& faults);

// A value.
class AcknowledgeLinks {
 public:
  // Digests of more than this have no links: nobody goes through them one by one.
  static constexpr int kMembersMax = 50;

  // Reads the keys; errors name their file. REQUIRES: ValidateAcknowledgeLinks() found no fault.
  static absl::StatusOr<AcknowledgeLinks> Make(const config::v1::AcknowledgeLinks& config);

  AcknowledgeLinks(std::string url, links::LinkKeys keys, base::Duration valid_for)
      : url_(std::move(url)), keys_(std::move(keys)), valid_for_(valid_for) {}

  // `notification` with a link where it tells of an alert that is open as far as it says: a
  // beginning, an escalation, a reminder, and such members of a digest. The same at every try.
  v1::Notification AddTo(const v1::Notification& notification) const;

 private:
  std::string UrlOf(const std::string& receiver,
                    const std::string& id,
                    const event::v1::Event& event,
                    const google::protobuf::Timestamp& decide_time) const;

  std::string url_;  // Without '/' at its end.
  links::LinkKeys keys_;
  base::Duration valid_for_;
};

}  // namespace platen::notifier::edge
