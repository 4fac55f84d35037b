// Alertmanager as a peer of the notifier: a process without a cluster that tells one webhook of
// each alert by itself, as soon as it can.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/pipeline/http_sink.h"
#include "tests/support/child_process.h"

namespace platen::bench {

class AlertmanagerPeer {
 public:
  // `program`: path of alertmanager. Its state outlives Kill() and Start().
  AlertmanagerPeer(std::string program, const HttpSink& sink);
  ~AlertmanagerPeer();

  // Returns once it takes alerts.
  void Start();
  // kill -9.
  void Kill();

  // Posts alerts that go on for a day. False where it is not there to take them.
  bool Post(const std::vector<std::uint64_t>& alerts);

  pid_t pid() const { return process_->pid(); }

 private:
  const std::string program_;
  const int port_;
  testing_support::TemporaryDirectory directory_;
  std::unique_ptr<testing_support::ChildProcess> process_;
};

}  // namespace platen::bench
