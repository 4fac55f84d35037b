#include <cstdio>
#include <string>
#include <vector>

#include "libs/broker/kafka/kafka_broker.h"
#include "tools/topics/run.h"

// Exit codes: 0 done, 1 it could not be done, 2 wrong usage.
int main(int argc, char** argv) {
  const auto fail = [](const absl::Status& status, int code) {
    std::fprintf(stderr, "platen-topics: %s\n", std::string(status.message()).c_str());
    return code;
  };
  const auto options =
      platen::topics::ParseOptions(std::vector<std::string>(argv + 1, argv + argc));
  if (!options.ok()) return fail(options.status(), 2);
  platen::broker::kafka::KafkaBroker broker(
      {.bootstrap_servers = options->bootstrap_servers, .client_id = "platen-topics"});
  const absl::Status status = platen::topics::Run(*options, broker, [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  });
  return status.ok() ? 0 : fail(status, 1);
}
