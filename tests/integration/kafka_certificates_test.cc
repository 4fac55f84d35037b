// Certificates of Kafka's clients are replaced under load: nothing fails, nothing is lost, nothing
// comes twice, and the broker sees the new ones.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/service/kafka_tls_watch.h"
#include "libs/tls/test_ca.h"
#include "tests/support/own_kafka.h"

namespace platen::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::OwnKafka;
using testing_support::TemporaryDirectory;
using tls::testing::Leaf;
using tls::testing::TestCa;

constexpr int kPartitions = 3;

// The client's files as Kubernetes mounts a secret: links into a directory that is exchanged whole.
class Secret {
 public:
  explicit Secret(const TestCa& server_ca) : server_ca_(server_ca.cert_pem()) {}

  void Put(const Leaf& leaf) {
    const std::filesystem::path version = folder_.File(base::StrCat("version-", ++versions_));
    std::filesystem::create_directory(version);
    folder_.Write(version.filename().string() + "/tls.crt", leaf.cert_pem);
    folder_.Write(version.filename().string() + "/tls.key", leaf.key_pem);
    folder_.Write(version.filename().string() + "/ca.crt", server_ca_);
    std::filesystem::create_directory_symlink(version, folder_.File("next"));
    std::filesystem::rename(folder_.File("next"), folder_.File("data"));
  }

  std::string File(const std::string& name) const { return folder_.File("data/" + name); }

 private:
  const TemporaryDirectory folder_;
  const std::string server_ca_;
  int versions_ = 0;
};

class KafkaCertificatesTest : public testing::Test {
 protected:
  KafkaCertificatesTest() : secret_(server_ca_) {
    const Leaf server = server_ca_.Issue();
    server_.Write("server.pem", server.key_pem + server.cert_pem);
    server_.Write("clients.pem", former_ca_.cert_pem() + next_ca_.cert_pem());
    secret_.Put(former_ca_.Issue());
    kafka_.emplace(server_.path());
    kafka::KafkaOptions options;
    options.bootstrap_servers = kafka_->tls_address();
    options.properties = {{"security.protocol", "ssl"},
                          {"ssl.certificate.location", secret_.File("tls.crt")},
                          {"ssl.key.location", secret_.File("tls.key")},
                          {"ssl.ca.location", secret_.File("ca.crt")}};
    config::v1::Kafka config;
    config.mutable_tls_reload_interval()->set_seconds(3600);
    auto watch = service::KafkaTlsWatch::Start(config, options, metrics_, clock_);
    EXPECT_TRUE(watch.ok()) << watch.status();
    watch_ = *std::move(watch);
    tls_ = options.tls;
    broker_.emplace(std::move(options));
    const std::vector<TopicSpec> topics = {{.name = "t", .partitions = kPartitions}};
    const absl::Status made = broker_->EnsureTopics(topics, seconds(60));
    EXPECT_TRUE(made.ok()) << made;
    publisher_ = *broker_->NewPublisher({.linger = milliseconds(5)});
    member_ = *broker_->NewSubscriber({.topics = {"t"}, .group = "g"});
    reader_ = *broker_->NewSubscriber(
        {.partitions = {{{"t", 0}, kBeginning}, {{"t", 1}, kBeginning}, {{"t", 2}, kBeginning}},
         .use_committed = false});
  }

  // What a subscriber was given: by partition the numbers in order.
  using Given = std::map<std::int32_t, std::vector<int>>;

  void Hear(Subscriber& subscriber, Given& given) {
    const auto step = subscriber.Poll(milliseconds(1));
    ASSERT_TRUE(step.ok() || !count_errors_) << step.status();
    if (!step.ok()) return;
    if (const auto* batch = std::get_if<RecordBatch>(&*step)) {
      for (const RecordView& record : batch->records) {
        given[batch->partition.number].push_back(std::stoi(std::string(*record.value)));
        if (&subscriber != member_.get()) continue;
        subscriber.Commit({batch->partition, record.offset + 1});
      }
    } else if (const auto* revoked = std::get_if<Revoked>(&*step)) {
      ++revocations_;
      subscriber.Release(revoked->partitions);
    } else if (const auto* result = std::get_if<CommitResult>(&*step)) {
      EXPECT_TRUE(result->status.ok() || !count_errors_) << result->status;
    }
  }

  void Turn(int publish_up_to) {
    for (int i = 0; i < 20 && published_ < publish_up_to; ++i) {
      const std::string value = base::StrCat(published_);
      const auto id = publisher_->Publish(
          {.topic = "t", .partition = published_ % kPartitions, .key = "k", .value = value});
      ASSERT_TRUE(id.ok()) << id.status();
      ++published_;
    }
    for (const Delivery& delivery : publisher_->Poll(milliseconds(1))) {
      ASSERT_TRUE(delivery.status.ok()) << delivery.status;
      EXPECT_TRUE(delivered_.insert(delivery.id).second) << "told twice";
    }
    Hear(*member_, by_member_);
    Hear(*reader_, by_reader_);
  }

  static std::size_t Count(const Given& given) {
    std::size_t count = 0;
    for (const auto& [partition, numbers] : given) count += numbers.size();
    return count;
  }

  // Publishes up to `number` and goes on until all of it is delivered and read by both.
  void RunTo(int number) {
    const base::MonotonicTime deadline = clock_.Now() + seconds(120);
    const auto all = static_cast<std::size_t>(number);
    while ((delivered_.size() < all || Count(by_member_) < all || Count(by_reader_) < all) &&
           clock_.Now() < deadline) {
      Turn(number);
      if (HasFatalFailure()) return;
    }
  }

  void ExpectEachOnceInOrder(const Given& given, const std::string& who) {
    EXPECT_EQ(Count(given), static_cast<std::size_t>(published_)) << who;
    for (const auto& [partition, numbers] : given) {
      int expected = partition;
      for (const int number : numbers) {
        ASSERT_EQ(number, expected) << who << ", partition " << partition;
        expected += kPartitions;
      }
    }
  }

  bool AllHaveGoneOver() const { return tls_->former_users() == 0; }

  TestCa former_ca_{"Former CA"};
  TestCa next_ca_{"Next CA"};
  TestCa server_ca_{"Server CA"};
  const TemporaryDirectory server_;
  Secret secret_;
  std::optional<OwnKafka> kafka_;
  base::RealClock clock_;
  service::Metrics metrics_;
  std::unique_ptr<service::KafkaTlsWatch> watch_;
  std::shared_ptr<kafka::TlsMaterial> tls_;
  std::optional<kafka::KafkaBroker> broker_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Subscriber> member_;
  std::unique_ptr<Subscriber> reader_;

  bool count_errors_ = true;
  int published_ = 0;
  int revocations_ = 0;
  std::set<PublishId> delivered_;
  Given by_member_;
  Given by_reader_;
};

TEST_F(KafkaCertificatesTest, AreReplacedUnderLoadWithoutErrorLossOrRepetition) {
  RunTo(3000);
  for (TestCa* const ca : {&former_ca_, &next_ca_, &next_ca_}) {
    for (int i = 0; i < 50; ++i) Turn(published_ + 20);
    ASSERT_GT(publisher_->in_flight(), 0u);
    const Leaf leaf = ca->Issue();
    secret_.Put({leaf.cert_pem, former_ca_.Issue().key_pem});
    EXPECT_FALSE(watch_->LookNow().ok()) << "the key is another's";
    EXPECT_TRUE(AllHaveGoneOver()) << "nothing has changed";
    secret_.Put(leaf);
    ASSERT_TRUE(watch_->LookNow().ok());
    EXPECT_FALSE(AllHaveGoneOver());
    const base::MonotonicTime deadline = clock_.Now() + seconds(60);
    while (!AllHaveGoneOver() && clock_.Now() < deadline) Turn(published_ + 20);
    ASSERT_TRUE(AllHaveGoneOver());
    RunTo(published_ + 300);
  }

  EXPECT_EQ(revocations_, 3);
  ExpectEachOnceInOrder(by_member_, "the group's member");
  ExpectEachOnceInOrder(by_reader_, "the reader of named partitions");

  // Whoever still has a certificate of the former authority is refused from now on.
  count_errors_ = false;
  kafka_->Kill();
  server_.Write("clients.pem", next_ca_.cert_pem());
  kafka_->Start();
  const int before = published_;
  RunTo(before + 300);
  EXPECT_EQ(delivered_.size(), static_cast<std::size_t>(before + 300));
  member_->Close(seconds(10));
  reader_->Close(seconds(10));
}

}  // namespace
}  // namespace platen::broker
