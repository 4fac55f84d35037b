// Channels against the servers that people run: Exim, rsyslog, net-snmp's snmptrapd, Alertmanager,
// out of Debian's packages, which scripts/setup unpacks into .receivers and does not install. Skips
// where they are not there.
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs/base/real_clock.h"
#include "libs/event/timestamps.h"
#include "services/notifier/edge/channels/alertmanager/alertmanager_channel.h"
#include "services/notifier/edge/channels/email/email_channel.h"
#include "services/notifier/edge/channels/snmp_inform/snmp_inform_channel.h"
#include "services/notifier/edge/channels/syslog/syslog_channel.h"
#include "services/notifier/edge/channels/test_notification.h"
#include "services/notifier/edge/ways_out.h"
#include "tests/support/child_process.h"

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;
using testing::HasSubstr;
using testing::Not;

// Servers that begin as root want to become somebody else.
constexpr uid_t kNobody = 65534;

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t FreePort(int type) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

bool Answers(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const bool answers =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return answers;
}

class RealReceiversTest : public testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);  // As every service does.
    if (access((root_ + "/usr/sbin/exim4").c_str(), X_OK) != 0) {
      GTEST_SKIP() << "the servers are not there; scripts/setup unpacks them where it can";
    }
    const std::string dev_ca = testing_support::SourceFile("deploy/local/dev-ca");
    for (const char* ca : {"ca", "other"}) {
      ASSERT_EQ(testing_support::RunProgram({dev_ca, directory_.File(ca), "issue", "server"}), 0);
    }
    ca_file_ = directory_.File("ca/ca.crt");
  }

  // Starts a program of the unpacked packages, as nobody where the test runs as root; `name` is
  // also its output's file.
  void Start(const std::string& name,
             const std::string& program,
             const std::vector<std::string>& arguments) {
    std::vector<std::string> command;
    if (geteuid() == 0) {
      const std::string id = std::to_string(kNobody);
      EXPECT_EQ(testing_support::RunProgram({"chown", "-R", id + ":" + id, directory_.path()}), 0);
      command = {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"};
    }
    const std::string libraries = root_ + "/usr/lib/x86_64-linux-gnu";
    command.insert(
        command.end(),
        {"env",
         "LD_LIBRARY_PATH=" + libraries,
         // Exim asks for a user of its own that only an installation makes.
         "LD_PRELOAD=" + libraries + "/libnss_wrapper.so",
         "NSS_WRAPPER_PASSWD=" + directory_.Write("passwd", Users("/nonexistent:/bin/false")),
         "NSS_WRAPPER_GROUP=" + directory_.Write("group", Users("")),
         root_ + program});
    command.insert(command.end(), arguments.begin(), arguments.end());
    server_ =
        std::make_unique<testing_support::ChildProcess>(command, directory_.File(name + ".out"));
  }

  core::SendResult Send(Channel& channel, v1::NotificationKind kind) {
    const base::WallTime now = base::RealClock().WallNow();
    v1::Notification notification = JamNotification(kind);
    // Alertmanager has a clock of its own.
    *notification.mutable_decide_time() = event::ToProto(now);
    std::promise<core::SendResult> outcome;
    channel.Send({.notification = std::make_shared<const v1::Notification>(notification),
                  .attempt = 1,
                  .now = now},
                 [&outcome](core::SendResult result) { outcome.set_value(std::move(result)); });
    return outcome.get_future().get();
  }

  std::string Read(const std::string& name) const {
    return testing_support::ReadWholeFile(directory_.File(name));
  }

  const std::string root_ = std::filesystem::absolute(testing_support::SourceFile(".receivers"));
  testing_support::TemporaryDirectory directory_;
  std::string ca_file_;
  WaysOut ways_;

 private:
  // Lines of /etc/passwd, or of /etc/group where `rest` is empty.
  static std::string Users(const std::string& rest) {
    const std::string id = std::to_string(geteuid() == 0 ? kNobody : geteuid());
    std::string lines;
    for (const std::string name : {"Debian-exim", "nobody", "mail"}) {
      lines += name + ":x:" + id + ":" + (rest.empty() ? "" : id + "::" + rest) + "\n";
    }
    return lines + (rest.empty() ? "root:x:0:\n" : "root:x:0:0::" + rest + "\n");
  }

  std::unique_ptr<testing_support::ChildProcess> server_;
};

// --- Exim ----------------------------------------------------------------------------------------

class EximTest : public RealReceiversTest {
 protected:
  void StartExim() {
    port_ = FreePort(SOCK_STREAM);
    const std::string here = directory_.path();
    const std::string config = directory_.Write(
        "exim.conf",
        "primary_hostname = mta.example.com\nspool_directory = " + here +
            "/spool\nlog_file_path = " + here + "/exim-%slog\nlocal_interfaces = 127.0.0.1\n" +
            "daemon_smtp_ports = " + std::to_string(port_) +
            "\ndeliver_drop_privilege = true\nhost_lookup =\nrfc1413_query_timeout = 0s\n"
            "tls_advertise_hosts = *\ntls_certificate = " +
            here + "/ca/server.crt\ntls_privatekey = " + here +
            "/ca/server.key\nacl_smtp_rcpt = rcpt\nbegin acl\nrcpt:\n"
            "  deny message = encrypt it\n       !encrypted = *\n"
            "  defer message = greylisted\n        local_parts = grey\n"
            "        condition = ${if !exists{" +
            here +
            "/seen}}\n"
            "  deny message = unknown user\n       !local_parts = desk : grey\n"
            "  accept domains = example.com\n"
            "begin routers\nlocal:\n  driver = accept\n  transport = box\n"
            "begin transports\nbox:\n  driver = appendfile\n  file = " +
            here + "/box\n");
    // Each delivery at once, and none of the queue's runs.
    Start("exim", "/usr/sbin/exim4", {"-C", config, "-bdf", "-odi"});
    ASSERT_TRUE(testing_support::Eventually([this] { return Answers(port_); })) << Read("exim.out");
  }

  core::SendResult Mail(const std::string& to,
                        v1::NotificationKind kind = v1::NOTIFICATION_KIND_RAISED,
                        const std::string& ca = "ca") {
    EmailChannel channel({.server = "smtp://localhost:" + std::to_string(port_),
                          .frame = {.from = "Platen <alarms@example.com>",
                                    .to = {to},
                                    .message_id_domain = "example.com"},
                          .ca_file = directory_.File(ca + "/ca.crt")},
                         ways_.transfers);
    return Send(channel, kind);
  }

  std::string Box() const { return Read("box"); }

 private:
  std::uint16_t port_ = 0;
};

TEST_F(EximTest, TakesABeginningAndItsEndOverTlsAndDeliversThem) {
  ASSERT_NO_FATAL_FAILURE(StartExim());
  const core::SendResult raised = Mail("desk@example.com");
  EXPECT_EQ(raised.outcome, SendOutcome::kDelivered) << raised.detail << Read("exim.out");
  EXPECT_EQ(Mail("desk@example.com", v1::NOTIFICATION_KIND_CLEARED).outcome,
            SendOutcome::kDelivered);

  ASSERT_TRUE(testing_support::Eventually([this] {
    return Box().find("In-Reply-To: ") != std::string::npos;
  })) << Box();
  EXPECT_THAT(Box(), HasSubstr("with esmtps"));
  const std::string beginning = Box().substr(Box().find("Message-ID: ") + 12);
  EXPECT_THAT(Box(), HasSubstr("In-Reply-To: " + beginning.substr(0, beginning.find('\n'))));
}

TEST_F(EximTest, IsBelievedWhereItRefusesAndAskedAgainWhereItGreylists) {
  ASSERT_NO_FATAL_FAILURE(StartExim());
  const core::SendResult refused = Mail("nobody-here@example.com");
  EXPECT_EQ(refused.outcome, SendOutcome::kRefused);
  EXPECT_THAT(refused.detail, HasSubstr("550"));

  EXPECT_EQ(Mail("grey@example.com").outcome, SendOutcome::kRetry);
  EXPECT_EQ(Box(), "");
  directory_.Write("seen", "");
  EXPECT_EQ(Mail("grey@example.com").outcome, SendOutcome::kDelivered);
}

TEST_F(EximTest, HearsNothingWhereItsCertificateIsNotTrusted) {
  ASSERT_NO_FATAL_FAILURE(StartExim());
  EXPECT_EQ(Mail("desk@example.com", v1::NOTIFICATION_KIND_RAISED, "other").outcome,
            SendOutcome::kRetry);
  EXPECT_EQ(Mail("desk@example.com").outcome, SendOutcome::kDelivered);
  ASSERT_TRUE(testing_support::Eventually([this] { return !Box().empty(); }));
  EXPECT_EQ(Box().find("Subject:"), Box().rfind("Subject:")) << "one mail: " << Box();
}

// --- rsyslog -------------------------------------------------------------------------------------

TEST_F(RealReceiversTest, RsyslogWritesWhatCountsAsDelivered) {
  const std::uint16_t port = FreePort(SOCK_STREAM);
  const std::string here = directory_.path();
  const std::string modules = root_ + "/usr/lib/x86_64-linux-gnu/rsyslog";
  const std::string config =
      directory_.Write("rsyslog.conf",
                       "global(workDirectory=\"" + here +
                           "\" net.enableDNS=\"off\" defaultNetstreamDriver=\"ossl\""
                           " defaultNetstreamDriverCAFile=\"" +
                           here +
                           "/ca/ca.crt\""
                           " defaultNetstreamDriverCertFile=\"" +
                           here +
                           "/ca/server.crt\""
                           " defaultNetstreamDriverKeyFile=\"" +
                           here +
                           "/ca/server.key\")\n"
                           "module(load=\"imtcp\" streamDriver.name=\"ossl\" "
                           "streamDriver.mode=\"1\" streamDriver.authMode=\"anon\")\n"
                           "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"" +
                           std::to_string(port) +
                           "\")\n"
                           "template(name=\"whole\" type=\"string\" string=\"%rawmsg%\\n\")\n"
                           "action(type=\"omfile\" file=\"" +
                           here + "/log\" template=\"whole\")\n");
  Start("rsyslog", "/usr/sbin/rsyslogd", {"-n", "-f", config, "-i", here + "/pid", "-M", modules});
  ASSERT_TRUE(testing_support::Eventually([&] { return Answers(port); })) << Read("rsyslog.out");
  SyslogChannel channel(
      {.target = {.peer = {.host = "localhost", .port = port, .allow_private_addresses = true},
                  .ca_file = ca_file_}},
      ways_.exchanges);

  const core::SendResult sent = Send(channel, v1::NOTIFICATION_KIND_RAISED);
  EXPECT_EQ(sent.outcome, SendOutcome::kDelivered) << sent.detail << Read("rsyslog.out");

  ASSERT_TRUE(testing_support::Eventually([this] { return !Read("log").empty(); }));
  EXPECT_THAT(Read("log"), HasSubstr(" RAISED ["));
  EXPECT_THAT(Read("log"), HasSubstr("serial=\"E78123F4N554711\""));
  EXPECT_THAT(Read("log"), HasSubstr("Jam in tray 2: Acme Ltd"));
}

// --- snmptrapd -----------------------------------------------------------------------------------

TEST_F(RealReceiversTest, SnmptrapdAnswersAnInformOfItsCommunityAlone) {
  const std::uint16_t port = FreePort(SOCK_DGRAM);
  const std::string config = directory_.Write("snmptrapd.conf", "authCommunity log right\n");
  Start("snmptrapd",
        "/usr/sbin/snmptrapd",
        {"-f",
         "-C",
         "-c",
         config,
         "-m",
         "",
         "-On",
         "-Lf",
         directory_.File("traps"),
         "udp:127.0.0.1:" + std::to_string(port)});
  const auto inform = [&](const std::string& community, std::chrono::milliseconds timeout) {
    SnmpInformChannel channel({.manager = {.host = "127.0.0.1",
                                           .port = port,
                                           .allow_private_addresses = true,
                                           .timeout = timeout},
                               .community = community},
                              ways_.exchanges);
    return Send(channel, v1::NOTIFICATION_KIND_RAISED).outcome;
  };
  // Nothing says when it listens but its first answer.
  ASSERT_TRUE(testing_support::Eventually([&] {
    return inform("right", std::chrono::seconds(2)) == SendOutcome::kDelivered;
  })) << Read("snmptrapd.out");
  EXPECT_EQ(inform("wrong", std::chrono::milliseconds(500)), SendOutcome::kRetry);

  ASSERT_TRUE(testing_support::Eventually([this] { return !Read("traps").empty(); }));
  // printerV2Alert, and where prtAlertDescription is.
  EXPECT_THAT(Read("traps"), HasSubstr(".1.3.6.1.2.1.43.18.2.0.1"));
  EXPECT_THAT(Read("traps"), HasSubstr(".1.3.6.1.2.1.43.18.1.1.8."));
}

// --- Alertmanager --------------------------------------------------------------------------------

TEST_F(RealReceiversTest, AlertmanagerHoldsAnAlertWhileItIsOpen) {
  const std::uint16_t port = FreePort(SOCK_STREAM);
  const std::string at = "127.0.0.1:" + std::to_string(port);
  const std::string config = directory_.Write(
      "alertmanager.yml", "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
  Start("alertmanager",
        "/usr/bin/prometheus-alertmanager",
        {"--config.file=" + config,
         "--storage.path=" + directory_.File("data"),
         "--web.listen-address=" + at,
         "--cluster.listen-address="});
  ASSERT_TRUE(testing_support::Eventually([&] { return Answers(port); }))
      << Read("alertmanager.out");
  AlertmanagerOptions options;
  options.target = {.address = *ParseHttpAddress("http://" + at + "/api/v2/alerts"),
                    .allow_private_addresses = true};
  AlertmanagerChannel channel(options, ways_.posts);
  const auto alerts = [&] {
    const std::string file = directory_.File("alerts.json");
    testing_support::RunProgram({"curl", "-s", "-o", file, "http://" + at + "/api/v2/alerts"});
    return Read("alerts.json");
  };
  EXPECT_EQ(alerts(), "[]\n");

  const core::SendResult raised = Send(channel, v1::NOTIFICATION_KIND_RAISED);
  EXPECT_EQ(raised.outcome, SendOutcome::kDelivered) << raised.detail;
  EXPECT_THAT(alerts(), HasSubstr("\"alertname\":\"PrinterJam\""));

  EXPECT_EQ(Send(channel, v1::NOTIFICATION_KIND_CLEARED).outcome, SendOutcome::kDelivered);
  EXPECT_TRUE(testing_support::Eventually([&] { return alerts() == "[]\n"; })) << alerts();
}

}  // namespace
}  // namespace platen::notifier::edge
