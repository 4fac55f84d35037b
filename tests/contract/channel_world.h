// A receiver on loopback (deploy/local/sinks) and a channel that reaches it, for the contract of
// channels. One world a kind of channel.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <google/protobuf/struct.pb.h>

#include "services/notifier/edge/channels/http_channel.h"
#include "services/notifier/edge/ways_out.h"
#include "tests/support/child_process.h"

namespace platen::notifier::edge {

// What the receiver got.
struct Receipt {
  std::string id;
  // All that must be the same at every try.
  std::string content;
  google::protobuf::Struct record;
};

// How a world is to be made.
struct WorldOptions {
  // Answers to the first messages, in the sink's words.
  std::string answers;
  bool sink_speaks_tls = false;
  bool channel_allows_plaintext = true;
  bool channel_trusts_sink = true;
  bool channel_allows_private_addresses = true;
  // With TLS, of channels by HTTP.
  bool sink_asks_for_certificate = false;
  bool channel_has_certificate = false;
  // Nobody listens at the receiver's address.
  bool sink_is_down = false;
  // The receiver takes connections and never says a word.
  bool sink_is_mute = false;
};

// Thread-confined but for the channel.
class ChannelWorld {
 public:
  explicit ChannelWorld(const WorldOptions& options);
  virtual ~ChannelWorld();

  // Sends and waits for the outcome.
  core::SendResult Send(const v1::Notification& notification, std::uint32_t attempt = 1);

  // What the receiver has got so far.
  std::vector<Receipt> Receipts() const;

  // What people see of that.
  std::vector<std::string> ShownTexts() const;

  // What must never be seen in a result.
  std::vector<std::string> secrets() const;

  Channel& channel() { return *channel_; }

 protected:
  static constexpr const char* kSecret = "correct-horse-battery";

  // Starts the sink, then makes the channel.
  void Start(const std::string& program, const std::vector<std::string>& more_arguments);
  // For channels by HTTP: the sink, as the options have it.
  HttpTarget Target(const std::string& path, int port) const;
  virtual std::unique_ptr<Channel> MakeChannel(int port) = 0;
  virtual Receipt Read(const google::protobuf::Struct& record) const = 0;
  // What people see of it: here all texts, of JSON those that it holds.
  virtual std::vector<std::string> Shown(const Receipt& receipt) const;

  const WorldOptions options_;
  testing_support::TemporaryDirectory directory_;
  std::string ca_file_;
  WaysOut ways_;

 private:
  std::unique_ptr<testing_support::ChildProcess> sink_;
  int mute_listener_ = -1;
  std::unique_ptr<Channel> channel_;
};

}  // namespace platen::notifier::edge
