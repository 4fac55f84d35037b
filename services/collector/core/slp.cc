#include "services/collector/core/slp.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "libs/base/text.h"
#include "services/collector/core/address_set.h"
#include "services/collector/core/byte_reader.h"

namespace platen::collector::core {
namespace {

constexpr std::uint32_t kVersion = 2;

enum Function : std::uint8_t { kServiceRequest = 1, kServiceReply = 2 };

constexpr std::uint32_t kOverflow = 0x8000;
constexpr std::uint8_t kToGroup = 0x20;  // Of the flags' first byte: REQUEST MCAST.
constexpr std::string_view kLanguage = "en";
constexpr std::string_view kPrinting = "service:printer";
constexpr std::string_view kScope = "DEFAULT";

absl::Status Refused(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("SLP: ", why));
}

void AppendNumber(std::vector<std::uint8_t>& bytes, std::size_t number) {
  bytes.push_back(static_cast<std::uint8_t>(number >> 8));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

void AppendText(std::vector<std::uint8_t>& bytes, std::string_view text) {
  AppendNumber(bytes, text.size());
  bytes.insert(bytes.end(), text.begin(), text.end());
}

std::string_view ReadText(ByteReader& reader) {
  return reader.Text(reader.Number(2));
}

struct Head {
  bool has_more = false;
  std::size_t extension = 0;  // Where it begins; 0 for none.
};

absl::StatusOr<Head> ReadHead(std::span<const std::uint8_t> datagram,
                              std::uint16_t id,
                              ByteReader& reader) {
  if (datagram.size() > kSlpMessageBytesMax) return Refused("too long");
  const std::uint32_t version = reader.Number(1);
  const std::uint32_t function = reader.Number(1);
  const std::uint32_t length = reader.Number(3);
  const std::uint32_t flags = reader.Number(2);
  const std::uint32_t extension = reader.Number(3);
  const std::uint32_t answered_id = reader.Number(2);
  ReadText(reader);  // The language.
  const std::uint32_t error = reader.Number(2);
  if (version != kVersion) return Refused("another version");
  if (function != kServiceReply) return Refused("no such answer");
  if (length != datagram.size()) return Refused("its length is another");
  if (extension >= datagram.size()) return Refused("an extension beyond the end");
  if (answered_id != id) return Refused("answers another request");
  // An agent that can't answer may end behind the error.
  if (!reader.ok()) return Refused("shorter than a header");
  if (error != 0) return absl::FailedPreconditionError(absl::StrCat("SLP: error ", error));
  return Head{.has_more = (flags & kOverflow) != 0, .extension = extension};
}

// Signatures, which are not verified: an answer only proposes.
absl::Status SkipSignatures(ByteReader& reader) {
  const std::uint32_t count = reader.Number(1);
  for (std::uint32_t i = 0; i < count; ++i) {
    reader.Number(2);
    const std::uint32_t length = reader.Number(2);
    // Of all of it, with these four bytes.
    if (length < 4) return Refused("a signature has no length");
    reader.Text(length - 4);
  }
  return reader.ok() ? absl::OkStatus() : Refused("a signature goes beyond the end");
}

absl::Status CheckEnd(const ByteReader& reader, const Head& head) {
  if (head.extension == 0) {
    return reader.at_end() ? absl::OkStatus() : Refused("something follows the answer");
  }
  return reader.place() <= head.extension ? absl::OkStatus()
                                          : Refused("an extension within the answer");
}

// Of "service:printer:lpr://user@192.0.2.7:515/queue": 192.0.2.7.
std::optional<snmp::Endpoint> AddressOf(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  std::string_view site = url.substr(slashes + 3);
  site = site.substr(0, site.find_first_of("/;?#"));
  if (const std::size_t at = site.rfind('@'); at != std::string_view::npos) {
    site.remove_prefix(at + 1);
  }
  auto endpoint = snmp::Endpoint::Parse(site, 0);
  if (!endpoint.ok() || !IsOneHosts(*endpoint)) return std::nullopt;
  endpoint->port = 0;
  return *endpoint;
}

}  // namespace

std::vector<std::uint8_t> SlpServiceRequest(std::uint16_t id, SlpAsked asked) {
  const std::uint8_t flags = asked == SlpAsked::kGroup ? kToGroup : 0;
  // Its length of three bytes is known at the end; no extension.
  std::vector<std::uint8_t> request = {kVersion, kServiceRequest, 0, 0, 0, flags, 0, 0, 0, 0};
  AppendNumber(request, id);
  // Language, who has answered already, type, scope, which of them, whose signature.
  for (const std::string_view text :
       {kLanguage, std::string_view(), kPrinting, kScope, std::string_view(), std::string_view()}) {
    AppendText(request, text);
  }
  request[3] = static_cast<std::uint8_t>(request.size() >> 8);
  request[4] = static_cast<std::uint8_t>(request.size());
  return request;
}

absl::StatusOr<SlpServices> ParseSlpServices(std::span<const std::uint8_t> datagram,
                                             std::uint16_t id) {
  ByteReader reader(datagram);
  const auto head = ReadHead(datagram, id, reader);
  if (!head.ok()) return head.status();
  const std::uint32_t count = reader.Number(2);
  if (count > kSlpServicesMax) return Refused("too many services");
  SlpServices answer;
  answer.has_more = head->has_more;
  for (std::uint32_t i = 0; i < count; ++i) {
    reader.Number(1);  // Reserved.
    reader.Number(2);  // How long it may be kept: nothing is kept.
    const std::string_view url = ReadText(reader);
    if (!reader.ok()) return Refused("a service goes beyond the end");
    if (const auto status = SkipSignatures(reader); !status.ok()) return status;
    answer.services.push_back({base::ToUtf8(url), AddressOf(url)});
  }
  if (!reader.ok()) return Refused("shorter than an answer");
  if (const auto status = CheckEnd(reader, *head); !status.ok()) return status;
  return answer;
}

}  // namespace platen::collector::core
