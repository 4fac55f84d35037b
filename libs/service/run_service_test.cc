#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/service/test_config.pb.h"

#include "libs/service/common_config.h"
#include "libs/service/main.h"

namespace platen::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

bool Connects(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

class RunServiceTest : public ::testing::Test {
 protected:
  RunServiceTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "platen-run-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    definition_.name = "platen-sample";
    definition_.description = "Does nothing.";
    definition_.defaults.mutable_limits()->set_connections_max(8);
    definition_.validate = [](const test::Sample& config, FaultList& faults) {
      ValidateCommon(config, faults);
      RequireValue(config.instance(), "instance", faults);
      if (config.limits().connections_max() > 100)
        faults.Add("limits.connections_max", "is above 100");
    };
    definition_.common = ToCommonOptions<test::Sample>;
    definition_.run = [](const test::Sample&, ServiceContext<test::Sample>&) {
      return absl::OkStatus();
    };
  }

  ~RunServiceTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& text) const {
    const std::string file = directory_ / "sample.yaml";
    std::ofstream(file) << text;
    return file;
  }

  int Run(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"platen-sample"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code =
        RunService<test::Sample>(static_cast<int>(argv.size()), argv.data(), definition_);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::filesystem::path directory_;
  ServiceDefinition<test::Sample> definition_;
  std::string out_;
  std::string err_;
};

TEST_F(RunServiceTest, CheckConfigListsEveryFaultOfReadingAndOfValidation) {
  const std::string file =
      Write("instnce: a\nlimits:\n  connections_max: 1000\n  ratio: high\nlog: {level: loud}\n");

  EXPECT_EQ(Run({"--config", file, "--check-config"}), 1);

  EXPECT_EQ(
      err_,
      file + ":1: instnce: is no known key; did you mean 'instance'?\n" +  //
          file + ":1: instance: is required\n" +                           //
          file + ":3: limits.connections_max: is above 100\n" +            //
          file + ":4: limits.ratio: 'high' is not a number\n" +            //
          file +
          ":5: log.level: unknown log level 'loud'; choose one of: debug, info, warning, error\n");
  EXPECT_EQ(out_, "");
}

TEST_F(RunServiceTest, CheckConfigIsSilentWhereAllIsWell) {
  EXPECT_EQ(Run({"--config", Write("instance: a\n"), "--check-config"}), 0);
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(RunServiceTest, PrintConfigShowsTheEffectiveValuesButNoSecret) {
  EXPECT_EQ(Run({"--config",
                 Write("instance: a\npassword: hunter2\n"),
                 "--set",
                 "instance=b",
                 "--print-config"}),
            0);
  EXPECT_THAT(out_, HasSubstr("instance: \"b\"\n"));
  EXPECT_THAT(out_, HasSubstr("connections_max: 8\n"));
  EXPECT_THAT(out_, Not(HasSubstr("hunter2")));
}

TEST_F(RunServiceTest, ASignalDuringASlowStartThatThenFailsIsAnOrderlyEnd) {
  for (const int signal : {SIGTERM, SIGINT}) {
    definition_.run = [signal](const test::Sample&, ServiceContext<test::Sample>& context) {
      kill(getpid(), signal);
      EXPECT_TRUE(context.lifecycle.stop_requested());
      return absl::UnavailableError("no broker");
    };

    EXPECT_EQ(Run({"--config", Write("instance: a\n")}), 0);
    EXPECT_THAT(out_, HasSubstr("stopped while starting"));
    EXPECT_THAT(out_, HasSubstr("no broker"));
  }
}

TEST_F(RunServiceTest, ASignalWhileTheConfigurationIsReadIsNotLost) {
  definition_.validate = [](const test::Sample&, FaultList&) { kill(getpid(), SIGTERM); };
  bool asked = false;
  definition_.run = [&](const test::Sample&, ServiceContext<test::Sample>& context) {
    asked = context.lifecycle.stop_requested();
    return context.lifecycle.Run();
  };

  EXPECT_EQ(Run({"--config", Write("instance: a\n")}), 0);

  EXPECT_TRUE(asked);
}

TEST_F(RunServiceTest, WrongUsageIsExitCodeTwoAndOneLine) {
  EXPECT_EQ(Run({"--confg=a"}), 2);
  EXPECT_EQ(err_, "platen-sample: unknown option --confg; did you mean --config?\n");
}

TEST_F(RunServiceTest, SaysItsVersionAndItsOptions) {
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(out_, "platen-sample " + Version() + "\n");
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_, StartsWith("Usage: platen-sample [OPTION]...\nDoes nothing.\n"));
}

TEST_F(RunServiceTest, RunsUntilSigtermThenDrainsAndExitsZero) {
  std::string ready_while_running;
  definition_.run = [&](const test::Sample& config, ServiceContext<test::Sample>& context) {
    EXPECT_EQ(config.instance(), "a");
    EXPECT_NE(context.admin.port(), 0);
    context.lifecycle.AddPart({.name = "part", .start = [] {
                                 kill(getpid(), SIGTERM);
                                 return absl::OkStatus();
                               }});
    return context.lifecycle.Run();
  };

  EXPECT_EQ(Run({"--set", "instance=a", "--log-format", "text"}), 0);

  EXPECT_THAT(out_, HasSubstr(" info    starting service=platen-sample "));
  EXPECT_THAT(out_, HasSubstr(" info    stopping signal=SIGTERM\n"));
  EXPECT_THAT(out_, HasSubstr(" info    stopped service=platen-sample\n"));
}

TEST_F(RunServiceTest, NothingIsAskedOnceTheLifecycleHasEnded) {
  bool answers_while_running = false;
  bool answers_afterwards = true;
  definition_.run = [&](const test::Sample&, ServiceContext<test::Sample>& context) {
    const std::uint16_t port = context.admin.port();
    context.lifecycle.AddPart({.name = "part", .start = [&, port] {
                                 answers_while_running = Connects(port);
                                 context.lifecycle.RequestStop();
                                 return absl::OkStatus();
                               }});
    const absl::Status outcome = context.lifecycle.Run();
    answers_afterwards = Connects(port);
    return outcome;
  };

  EXPECT_EQ(Run({"--set", "instance=a"}), 0);

  EXPECT_TRUE(answers_while_running);
  EXPECT_FALSE(answers_afterwards) << "its checks look at what the run function owns";
}

TEST_F(RunServiceTest, AFailureIsExitCodeOneAndOneLine) {
  definition_.run = [](const test::Sample&, ServiceContext<test::Sample>&) {
    return absl::UnavailableError("no broker at localhost:9092; see kafka.bootstrap_servers");
  };
  EXPECT_EQ(Run({"--set", "instance=a"}), 1);
  EXPECT_THAT(
      out_,
      HasSubstr(
          R"("level":"error","message":"failed","service":"platen-sample","reason":"no broker at)"));
}

TEST_F(RunServiceTest, HangUpHandsOverOnlyAValidConfiguration) {
  const std::string file = Write("instance: a\n");
  definition_.reloadable = {"instance"};
  std::vector<std::string> seen;
  definition_.run = [&](const test::Sample&, ServiceContext<test::Sample>& context) {
    context.on_reload = [&](const test::Sample& changed) {
      seen.push_back(changed.instance());
      EXPECT_THAT(context.metrics.Text(), HasSubstr("platen_config_last_reload_successful 0\n"))
          << "after the faulty one";
      EXPECT_THAT(context.metrics.Text(),
                  HasSubstr("platen_config_reloads_total{result=\"failure\"} 1\n"));
      context.lifecycle.RequestStop();
      return absl::OkStatus();
    };
    context.lifecycle.AddPart({.name = "part", .start = [&] {
                                 Write("instance: b\nunknown_key: 1\n");
                                 kill(getpid(), SIGHUP);
                                 return absl::OkStatus();
                               }});
    // A second one must wait until the first was handled: signals of one kind are not queued.
    context.admin.AddReadinessCheck("unused", [] { return absl::OkStatus(); });
    return context.lifecycle.Run();
  };
  // The faulty configuration is corrected, and reloaded, as soon as its fault shows in the metric.
  std::thread operator_thread;
  const auto run = definition_.run;
  definition_.run = [&](const test::Sample& config, ServiceContext<test::Sample>& context) {
    operator_thread = std::thread([&] {
      while (context.metrics.Text().find("platen_config_last_reload_successful 0\n") ==
             std::string::npos) {
        std::this_thread::yield();
      }
      Write("instance: c\n");
      kill(getpid(), SIGHUP);
    });
    const absl::Status outcome = run(config, context);
    operator_thread.join();
    return outcome;
  };

  EXPECT_EQ(Run({"--config", file}), 0);

  EXPECT_THAT(seen, ::testing::ElementsAre("c"));
  EXPECT_THAT(out_, HasSubstr("sample.yaml:2: unknown_key: is no known key"));
}

// One SIGHUP, after the file became `changed`; the metrics afterwards.
class ReloadOnceTest : public RunServiceTest {
 protected:
  std::string MetricsAfter(const std::string& original, const std::string& changed) {
    std::string after;
    definition_.run = [&](const test::Sample&, ServiceContext<test::Sample>& context) {
      context.on_reload = [&](const test::Sample& config) {
        handed_over_ = config.instance();
        return outcome_;
      };
      std::thread watch;
      context.lifecycle.AddPart({.name = "part", .start = [&] {
                                   Write(changed);
                                   kill(getpid(), SIGHUP);
                                   watch = std::thread([&] {
                                     while (!Reloaded(after = context.metrics.Text())) {
                                       std::this_thread::yield();
                                     }
                                     context.lifecycle.RequestStop();
                                   });
                                   return absl::OkStatus();
                                 }});
      const absl::Status outcome = context.lifecycle.Run();
      watch.join();
      return outcome;
    };
    EXPECT_EQ(Run({"--config", Write(original)}), 0);
    return after;
  }

  static bool Reloaded(const std::string& metrics) {
    return metrics.find("platen_config_reloads_total{result=\"success\"} 1\n") !=
               std::string::npos ||
           metrics.find("platen_config_reloads_total{result=\"failure\"} 1\n") != std::string::npos;
  }

  absl::Status outcome_;
  std::string handed_over_ = "nothing";
};

TEST_F(ReloadOnceTest, AChangeOfWhatStaysFixedIsRefusedAsAWhole) {
  definition_.reloadable = {"instance"};

  const std::string metrics =
      MetricsAfter("instance: a\nlimits: {offset: 1}\n", "instance: b\nlimits: {offset: 2}\n");

  EXPECT_EQ(handed_over_, "nothing");
  EXPECT_THAT(metrics, HasSubstr("platen_config_reloads_total{result=\"failure\"} 1\n"));
  EXPECT_THAT(out_, HasSubstr("sample.yaml:2: limits.offset: can't change while running"));
  EXPECT_THAT(out_, HasSubstr("the former one stays"));
}

TEST_F(ReloadOnceTest, WhatTheServiceCannotTakeOverIsNotCountedAsTaken) {
  definition_.reloadable = {"instance"};
  outcome_ = absl::NotFoundError("no key for receiver erp");

  const std::string metrics = MetricsAfter("instance: a\n", "instance: b\n");

  EXPECT_EQ(handed_over_, "b");
  EXPECT_THAT(metrics, HasSubstr("platen_config_reloads_total{result=\"failure\"} 1\n"));
  EXPECT_THAT(out_, HasSubstr("no key for receiver erp"));
}

TEST_F(ReloadOnceTest, EveryServiceTakesOverItsLogLevel) {
  const std::string metrics =
      MetricsAfter("instance: a\nlog: {level: error}\n", "instance: a\nlog: {level: info}\n");

  EXPECT_THAT(metrics, HasSubstr("platen_config_reloads_total{result=\"success\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("platen_config_last_reload_success_timestamp_seconds 1"));
  EXPECT_THAT(out_, HasSubstr("configuration reloaded"));
}

}  // namespace
}  // namespace platen::service
