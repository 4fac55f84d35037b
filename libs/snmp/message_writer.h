// Writing SNMPv1 and v2c messages into a buffer of the caller's, with the shortest lengths BER
// allows.
//
// Varbinds are appended one by one, each as a whole or not at all, so that an agent can fill a
// GETBULK's answer up to its limit. The head is put in front when it is known, at the end. The
// request id always takes four bytes (RequestTemplate patches it in place).
#pragma once

#include <cstdint>
#include <span>

#include "libs/snmp/message.h"

namespace platen::snmp {

// Bytes a head with this community can take at most.
constexpr std::size_t MaxHeadBytes(std::size_t community_bytes) {
  return 48 + community_bytes;
}

// Bytes that `varbind` takes in a message.
std::size_t EncodedSize(const VarbindView& varbind);

// Thread-confined. Borrows `buffer`.
class MessageWriter {
 public:
  // The message will lie somewhere inside `buffer` and take at most as many bytes as `buffer` has,
  // and at most kMaxMessageBytes. `community_bytes` is what the community of the head will need.
  MessageWriter(std::span<std::uint8_t> buffer, std::size_t community_bytes);

  // False, and nothing is written, when the message would grow out of the buffer.
  bool Add(const VarbindView& varbind);

  // Takes back all varbinds, to answer something else (tooBig).
  void Clear() { end_ = begin_; }

  // Bytes that all varbinds so far take.
  std::size_t varbind_bytes() const { return end_ - begin_; }

  // The complete message; empty when not even the head fits. REQUIRES: the head's community is not
  // longer than announced, and its type is not kTrapV1. The writer is spent.
  std::span<const std::uint8_t> Finish(const MessageHead& head);

 private:
  std::span<std::uint8_t> buffer_;
  std::size_t begin_;  // First byte of the first varbind.
  std::size_t end_;    // Behind the last varbind.
};

}  // namespace platen::snmp
