// The contract of every way to reach a receiver. One small folder a channel: its configuration, its
// message, how an answer is read, its tests. tests/contract/channel_contract.h holds them all to
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/base/time.h"
#include "services/notifier/core/send_result.h"

namespace platen::notifier::edge {

// One try to hand a notification over.
struct SendTry {
  std::shared_ptr<const v1::Notification> notification;
  // From 1.
  std::uint32_t attempt = 1;
  base::WallTime now;
};

// Thread-safe. Keeps no state between tries: order and retries are the caller's.
class Channel {
 public:
  using Done = std::function<void(core::SendResult)>;

  virtual ~Channel() = default;

  // As metrics and reports name it: "email".
  virtual std::string_view kind() const = 0;

  // Begins to hand it over and returns at once. `done` is called exactly once, from any thread,
  // also before this returns. Every try of a notification carries the same id and the same text.
  // The result's detail holds no secret and nothing of the message.
  virtual void Send(const SendTry& send, Done done) = 0;
};

}  // namespace platen::notifier::edge
