// Any datagram is either refused or understood; what is understood can be written and means the
// same again.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/base/internal/raw_logging.h"
#include "libs/snmp/message_writer.h"

namespace {

// Everything in a view must lie inside the datagram: touching it under AddressSanitizer proves it.
std::uint64_t Touch(const platen::snmp::MessageView& message) {
  std::uint64_t sum = message.head.community.size();
  for (const char c : message.head.community) sum += static_cast<std::uint8_t>(c);
  for (const auto& varbind : message.varbinds) {
    sum += varbind.name.ToString().size() + varbind.value.raw_number();
    for (const char c : varbind.value.raw_bytes()) sum += static_cast<std::uint8_t>(c);
    if (const auto oid = varbind.value.AsOid()) sum += oid->ToArcs().size();
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platen::snmp;
  static MessageDecoder first;
  static MessageDecoder second;
  static std::vector<std::uint8_t> buffer(kMaxMessageBytes);
  MessageView message;
  if (first.Decode({data, size}, message) != DecodeFault::kNone) return 0;
  static volatile std::uint64_t sink = 0;
  sink = sink + Touch(message);
  if (message.head.type == PduType::kTrapV1) return 0;  // Has a head that nobody here writes.

  MessageWriter writer(buffer, message.head.community.size());
  for (const VarbindView& varbind : message.varbinds) {
    if (!writer.Add(varbind)) return 0;
  }
  const auto again = writer.Finish(message.head);
  if (again.empty()) return 0;
  MessageView copy;
  ABSL_RAW_CHECK(second.Decode(again, copy) == DecodeFault::kNone, "what we write, we read");
  ABSL_RAW_CHECK(copy.head.request_id == message.head.request_id, "the same id");
  ABSL_RAW_CHECK(copy.head.community == message.head.community, "the same community");
  ABSL_RAW_CHECK(std::equal(copy.varbinds.begin(),
                            copy.varbinds.end(),
                            message.varbinds.begin(),
                            message.varbinds.end()),
                 "the same varbinds");
  return 0;
}
