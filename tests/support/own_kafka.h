// A broker of one test alone, which may be killed and started again; its port stays the same.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/child_process.h"

namespace platen::testing_support {

class OwnKafka {
 public:
  OwnKafka() { Start(); }

  // With a listener for clients with certificates; `tls` has server.pem and clients.pem, which are
  // read at each start.
  explicit OwnKafka(std::string tls) : tls_(std::move(tls)) { Start(); }

  ~OwnKafka() { RunProgram({script_, "kill", "--state", directory_.path()}); }

  void Kill() { ASSERT_EQ(RunProgram({script_, "kill", "--state", directory_.path()}), 0); }

  void Start() {
    std::vector<std::string> command = {script_, "start", "--state", directory_.path()};
    if (!tls_.empty()) command.insert(command.end(), {"--tls", tls_});
    ChildProcess start(command);
    const std::string line = start.ReadLine().value_or("");
    address_ = line.substr(0, line.find(' '));
    if (!tls_.empty()) tls_address_ = line.substr(line.rfind(' ') + 1);
    EXPECT_EQ(start.Wait(), 0);
  }

  const std::string& address() const { return address_; }

  const std::string& tls_address() const { return tls_address_; }

 private:
  const TemporaryDirectory directory_;
  const std::string script_ = SourceFile("deploy/local/kafka-node");
  const std::string tls_;
  std::string address_;
  std::string tls_address_;
};

}  // namespace platen::testing_support
