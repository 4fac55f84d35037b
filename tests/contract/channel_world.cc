#include "tests/contract/channel_world.h"

#include <future>
#include <sstream>

#include <arpa/inet.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platen::notifier::edge {
namespace {

// A socket bound to a free port of loopback, and that port.
std::pair<int, int> BindLoopback() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return {fd, ntohs(address.sin_port)};
}

void AddTexts(const google::protobuf::Value& value, std::vector<std::string>& texts) {
  if (value.has_string_value()) texts.push_back(value.string_value());
  for (const auto& element : value.list_value().values()) AddTexts(element, texts);
  for (const auto& [name, member] : value.struct_value().fields()) AddTexts(member, texts);
}

}  // namespace

ChannelWorld::ChannelWorld(const WorldOptions& options) : options_(options) {
  signal(SIGPIPE, SIG_IGN);  // As every service does.
  if (!options.sink_speaks_tls) return;
  const std::string dev_ca = testing_support::SourceFile("deploy/local/dev-ca");
  EXPECT_EQ(testing_support::RunProgram({dev_ca, directory_.File("sink-ca"), "issue", "sink"}), 0);
  EXPECT_EQ(testing_support::RunProgram({dev_ca, directory_.File("other-ca"), "issue", "x"}), 0);
  ca_file_ = directory_.File(options.channel_trusts_sink ? "sink-ca/ca.crt" : "other-ca/ca.crt");
}

ChannelWorld::~ChannelWorld() {
  if (mute_listener_ >= 0) close(mute_listener_);
}

void ChannelWorld::Start(const std::string& program,
                         const std::vector<std::string>& more_arguments) {
  int port = 0;
  if (options_.sink_is_mute || options_.sink_is_down) {
    const auto [fd, bound] = BindLoopback();
    port = bound;
    if (options_.sink_is_mute) {
      EXPECT_EQ(listen(fd, 16), 0);
      mute_listener_ = fd;
    } else {
      close(fd);
    }
  } else {
    std::vector<std::string> arguments = {
        testing_support::SourceFile("deploy/local/sinks/" + program),
        "--store",
        directory_.File("store.jsonl"),
        "--answers",
        options_.answers};
    if (options_.sink_speaks_tls) {
      arguments.insert(arguments.end(),
                       {"--cert",
                        directory_.File("sink-ca/sink.crt"),
                        "--key",
                        directory_.File("sink-ca/sink.key")});
    }
    if (options_.sink_asks_for_certificate) {
      arguments.insert(arguments.end(), {"--client-ca", directory_.File("sink-ca/ca.crt")});
    }
    arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
    sink_ = std::make_unique<testing_support::ChildProcess>(arguments);
    const std::string line = sink_->ReadLine().value_or("");
    EXPECT_EQ(line.rfind("listening on 127.0.0.1:", 0), 0u) << line;
    port = std::stoi(line.substr(line.rfind(':') + 1));
  }
  channel_ = MakeChannel(port);
}

HttpTarget ChannelWorld::Target(const std::string& path, int port) const {
  const bool tls = options_.sink_speaks_tls || !options_.channel_allows_plaintext;
  HttpTarget target{
      .address = *ParseHttpAddress((tls ? "https://localhost:" : "http://127.0.0.1:") +
                                   std::to_string(port) + path),
      .files = {.ca_file = ca_file_},
      .allow_private_addresses = options_.channel_allows_private_addresses};
  if (options_.channel_has_certificate) {
    target.files.cert_file = directory_.File("sink-ca/sink.crt");
    target.files.key_file = directory_.File("sink-ca/sink.key");
  }
  if (options_.sink_is_mute || options_.answers == "drip")
    target.timeout = std::chrono::milliseconds(300);
  return target;
}

core::SendResult ChannelWorld::Send(const v1::Notification& notification, std::uint32_t attempt) {
  std::promise<core::SendResult> outcome;
  channel_->Send({.notification = std::make_shared<const v1::Notification>(notification),
                  .attempt = attempt,
                  .now = base::WallFromMillis(1'700'000'000'000 + attempt * 1000)},
                 [&outcome](core::SendResult result) { outcome.set_value(std::move(result)); });
  return outcome.get_future().get();
}

std::vector<Receipt> ChannelWorld::Receipts() const {
  std::vector<Receipt> receipts;
  std::istringstream lines(testing_support::ReadWholeFile(directory_.File("store.jsonl")));
  for (std::string line; std::getline(lines, line);) {
    google::protobuf::Struct record;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &record).ok()) << line;
    Receipt receipt = Read(record);
    receipt.record = std::move(record);
    receipts.push_back(std::move(receipt));
  }
  return receipts;
}

std::vector<std::string> ChannelWorld::Shown(const Receipt& receipt) const {
  google::protobuf::Value json;
  if (!google::protobuf::util::JsonStringToMessage(receipt.content, &json).ok()) {
    return {receipt.content};
  }
  std::vector<std::string> texts;
  AddTexts(json, texts);
  return texts;
}

std::vector<std::string> ChannelWorld::ShownTexts() const {
  std::vector<std::string> texts;
  for (const Receipt& receipt : Receipts()) {
    const std::vector<std::string> shown = Shown(receipt);
    texts.insert(texts.end(), shown.begin(), shown.end());
  }
  return texts;
}

std::vector<std::string> ChannelWorld::secrets() const {
  return {kSecret, "E78123F4N554711", "desk@example.com", "Acme"};
}

}  // namespace platen::notifier::edge
