// Whatever somebody puts behind "/acknowledge/": it is refused, or is a link that was signed, in
// the one text that it has. And what is signed, be it ever so odd, is opened by nobody who has
// another key.
#include <cstdint>
#include <string>
#include <string_view>

#include <google/protobuf/stubs/logging.h>

#include "absl/base/internal/raw_logging.h"
#include "libs/links/link_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platen;
  static const links::LinkKeys keys =
      links::LinkKeys::Parse("a key that stands in the corpus, too\n").value();
  static const links::LinkKeys others =
      links::LinkKeys::Parse("another key, with which nothing is signed").value();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // What it says of texts that are not UTF-8, thousands of times.
  const google::protobuf::LogSilencer silencer;
  const base::WallTime now = base::WallFromMillis(0);

  const auto opened = keys.Open(input, now);
  if (opened.ok()) {
    ABSL_RAW_CHECK(keys.Sign(*opened) == input, "a link has one text");
    ABSL_RAW_CHECK(!others.Open(input, now).ok(), "another key opens nothing");
  }

  links::v1::AcknowledgeLink link;
  if (link.ParseFromArray(data, static_cast<int>(size))) {
    const std::string token = keys.Sign(link);
    const auto again = keys.Open(token, now);
    ABSL_RAW_CHECK(again.ok() || token.size() > links::kTokenBytesMax ||
                       again.status().code() == absl::StatusCode::kDeadlineExceeded,
                   "what was signed is opened");
    ABSL_RAW_CHECK(!others.Open(token, now).ok(), "another key opens nothing");
  }
  return 0;
}
