#include "services/gateway/gateway_config.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/child_process.h"

namespace platen::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AcknowledgePageConfigTest : public testing::Test {
 protected:
  // What is wrong with a page of these two.
  static std::string Faults(const std::string& listen, const std::string& key_file) {
    config::v1::Gateway config = DefaultConfig();
    config.mutable_acknowledge_page()->set_listen(listen);
    config.mutable_acknowledge_page()->set_key_file(key_file);
    return PageFaultsOf(config);
  }

  // The lines about the page.
  static std::string PageFaultsOf(const config::v1::Gateway& config) {
    service::FaultList faults;
    ValidateConfig(config, base::WallTime(), faults);
    std::string found;
    for (const service::Fault& fault : faults.faults()) {
      if (fault.path.starts_with("acknowledge_page")) {
        found += fault.path + ": " + fault.message + "\n";
      }
    }
    return found;
  }

  std::string KeyFile(const std::string& lines) const { return directory_.Write("keys", lines); }

  const testing_support::TemporaryDirectory directory_;
  const std::string key_ = std::string(32, 'k');
};

TEST_F(AcknowledgePageConfigTest, IsNotAskedForWhereThereIsNone) {
  EXPECT_THAT(PageFaultsOf(DefaultConfig()), IsEmpty());
}

TEST_F(AcknowledgePageConfigTest, TakesLoopbackAndAFileOfKeys) {
  const std::string keys = KeyFile(key_ + "\n" + key_ + "2\n");
  for (const char* const listen : {"127.0.0.1:7480", "[::1]:7480", "localhost:0"}) {
    EXPECT_THAT(Faults(listen, keys), IsEmpty()) << listen;
  }
}

TEST_F(AcknowledgePageConfigTest, WantsBoth) {
  EXPECT_THAT(Faults("", ""),
              AllOf(HasSubstr("acknowledge_page.listen: is required"),
                    HasSubstr("acknowledge_page.key_file: is required")));
}

TEST_F(AcknowledgePageConfigTest, StaysOnLoopbackForItHasNoTls) {
  const std::string keys = KeyFile(key_);
  for (const char* const listen : {"0.0.0.0:7480", "[::]:7480", "192.0.2.1:7480"}) {
    EXPECT_THAT(Faults(listen, keys),
                AllOf(HasSubstr("acknowledge_page.listen: "), HasSubstr("not a loopback address")))
        << listen;
  }
  for (const char* const listen : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "page:7480"}) {
    EXPECT_THAT(Faults(listen, keys), HasSubstr("is not host:port")) << listen;
  }
}

TEST_F(AcknowledgePageConfigTest, SaysThatItsFileCannotBeRead) {
  EXPECT_THAT(
      Faults("127.0.0.1:7480", directory_.File("none")),
      AllOf(HasSubstr("acknowledge_page.key_file: cannot read '"), HasSubstr("No such file")));
}

TEST_F(AcknowledgePageConfigTest, SaysWhatIsWrongWithTheKeysAndNotWhatTheyAre) {
  const std::string short_key = "correct-horse-battery";
  EXPECT_THAT(Faults("127.0.0.1:7480", KeyFile(key_ + "\n" + short_key)),
              AllOf(HasSubstr("acknowledge_page.key_file: "),
                    HasSubstr("at least 32 characters"),
                    Not(HasSubstr(short_key)),
                    Not(HasSubstr(key_))));
  EXPECT_THAT(Faults("127.0.0.1:7480", KeyFile("\n")), HasSubstr("is empty"));
  EXPECT_THAT(Faults("127.0.0.1:7480", KeyFile(" \n \n")), HasSubstr("there is no key"));
}

}  // namespace
}  // namespace platen::gateway
