// However an agent behaves, a walk and a fetch end, within a bounded number of requests, and hand
// over only what they promise. The input is the agent: it decides each answer, byte by byte.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/fetch.h"
#include "libs/snmp/walk.h"

namespace {

using namespace platen::snmp;

constexpr std::size_t kVarbindsMax = 200;
constexpr int kRequestsMax = 3000;

class AgentFromBytes {
 public:
  explicit AgentFromBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  bool exhausted() const { return bytes_.empty(); }

  // False: silence. Otherwise an answer, about the names asked for or about others.
  bool Answer(const RequestSpec& request, MessageView& message) {
    const std::uint8_t choice = Byte();
    if (exhausted() || choice % 8 == 0) return false;
    message.head = {.type = PduType::kResponse};
    names_.clear();
    varbinds_.clear();
    if (choice % 8 == 1) {
      message.head.error_status = Byte() % 20;
      message.head.error_index = static_cast<std::int8_t>(Byte());
    }
    const std::size_t count = Byte() % 70;
    names_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t kind = Byte();
      const OidView asked = request.names[i % request.names.size()];
      names_.push_back(NameFor(kind, asked));
      const bool exception = kind % 16 == 15;
      varbinds_.push_back(
          {names_.back(),
           exception ? ValueView::Empty(ValueType::kEndOfMibView) : ValueView::Integer(kind)});
    }
    message.varbinds = varbinds_;
    return true;
  }

 private:
  // The name asked for, one below it, or any other.
  Oid NameFor(std::uint8_t kind, OidView asked) {
    if (kind % 4 == 0) return Oid(asked);
    if (kind % 4 == 1 && asked.ber().size() < kMaxOidArcs / 2) return Oid(asked).Child(Byte() % 4);
    return "1.3.6"_oid.Child({1, kind % 5u, Byte()});
  }

  std::span<const std::uint8_t> bytes_;
  std::vector<Oid> names_;
  std::vector<VarbindView> varbinds_;
};

std::size_t Run(Dialogue& dialogue, AgentFromBytes& agent) {
  std::size_t taken = 0;
  int requests = 0;
  while (const auto request = dialogue.Next()) {
    ABSL_RAW_CHECK(++requests < kRequestsMax, "the dialogue goes on for ever");
    ABSL_RAW_CHECK(!request->names.empty(), "a request asks for something");
    ABSL_RAW_CHECK(request->version == Version::kV2c || request->type != PduType::kGetBulk,
                   "v1 has no GETBULK");
    MessageView message;
    if (agent.Answer(*request, message)) {
      taken += dialogue.OnResponse(message).size();
    } else {
      dialogue.OnTimeout();
    }
  }
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  AgentFromBytes agent({data, size});
  AgentLimits limits;
  limits.version_confirmed = (agent.Byte() & 1) != 0;
  const std::vector<Oid> names = {
      "1.3.6.1.0"_oid, "1.3.6.1.1"_oid, "1.3.6.1.2"_oid, "1.3.6.1.3"_oid, "1.3.6.1.4"_oid};

  Walk walk({.subtrees = names, .varbinds_max = kVarbindsMax}, limits);
  ABSL_RAW_CHECK(Run(walk, agent) <= kVarbindsMax, "no more than the bound");
  const auto& ends = walk.ends();
  ABSL_RAW_CHECK(std::find(ends.begin(), ends.end(), SubtreeEnd::kReading) == ends.end(),
                 "every subtree has ended");

  Fetch fetch({.names = names}, limits);
  ABSL_RAW_CHECK(Run(fetch, agent) + fetch.refused() <= names.size(), "each name at most once");
  ABSL_RAW_CHECK(fetch.end() != FetchEnd::kReading, "the fetch has ended");
  return 0;
}
