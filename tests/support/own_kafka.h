// A broker of one test alone, which may be killed and started again; its port stays the same.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/support/child_process.h"

namespace platen::testing_support {

class OwnKafka {
 public:
  OwnKafka() { Start(); }

  ~OwnKafka() { RunProgram({script_, "kill", "--state", directory_.path()}); }

  void Kill() { ASSERT_EQ(RunProgram({script_, "kill", "--state", directory_.path()}), 0); }

  void Start() {
    ChildProcess start({script_, "start", "--state", directory_.path()});
    const std::string line = start.ReadLine().value_or("");
    address_ = line.substr(0, line.find(' '));
    EXPECT_EQ(start.Wait(), 0);
  }

  const std::string& address() const { return address_; }

 private:
  const TemporaryDirectory directory_;
  const std::string script_ = SourceFile("deploy/local/kafka-node");
  std::string address_;
};

}  // namespace platen::testing_support
