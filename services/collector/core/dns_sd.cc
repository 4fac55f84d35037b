#include "services/collector/core/dns_sd.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/text.h"
#include "services/collector/core/address_set.h"
#include "services/collector/core/byte_reader.h"

namespace platen::collector::core {
namespace {

constexpr std::array<std::string_view, 4> kServices = {
    "_ipp", "_ipps", "_pdl-datastream", "_printer"};

constexpr std::uint32_t kTypeA = 1;
constexpr std::uint32_t kTypePtr = 12;
constexpr std::uint32_t kTypeTxt = 16;
constexpr std::uint32_t kTypeAaaa = 28;
constexpr std::uint32_t kTypeSrv = 33;
constexpr std::uint32_t kClassInternet = 1;
// Of a question: answer by unicast. Of a record: what was known before is void.
constexpr std::uint32_t kTopBitOfClass = 0x8000;
constexpr std::size_t kNameBytesMax = 255;
// Of one name. A name has 127 labels at the most; pointers to pointers are nobody's but a forger's,
// who would have each of many names go through the whole datagram.
constexpr int kPointersMax = 127;

// Labels with their lengths before them, as in a datagram: a dot in a label is no end of it. In
// small letters, because names are the same in any.
using Name = std::string;

Name NameOf(std::initializer_list<std::string_view> labels) {
  Name name;
  for (const std::string_view label : labels) {
    name += static_cast<char>(label.size());
    name += label;
  }
  return name;
}

std::string InSmallLetters(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), text.size()});
}

absl::Status Refused(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("DNS: ", why));
}

// A name as it is written, with its capitals.
absl::StatusOr<std::string> ReadName(std::span<const std::uint8_t> datagram, ByteReader& reader) {
  std::string name;
  // Where the stretch of labels begins that is read now. A pointer has to go before it, so that no
  // chain of them returns.
  std::size_t begin = reader.place();
  ByteReader elsewhere(datagram);
  ByteReader* from = &reader;
  int pointers = 0;
  while (true) {
    const std::uint32_t length = from->Number(1);
    if (!from->ok()) return Refused("a name goes beyond the end");
    if (length == 0) return name;
    if (length >= 0xc0) {
      const std::size_t target = (length & 0x3f) << 8 | from->Number(1);
      if (!from->ok()) return Refused("a name goes beyond the end");
      if (target >= begin) return Refused("a name points forward");
      if (++pointers > kPointersMax) return Refused("a name has too many pointers");
      begin = target;
      elsewhere = ByteReader(datagram);
      elsewhere.Text(target);
      from = &elsewhere;
      continue;
    }
    if (length > 63) return Refused("a label of unknown kind");
    const std::string_view label = from->Text(length);
    if (!from->ok()) return Refused("a label goes beyond the end");
    // One for the end of the name.
    if (name.size() + 1 + length + 1 > kNameBytesMax) return Refused("a name is too long");
    name += static_cast<char>(length);
    name += label;
  }
}

std::string_view FirstLabel(std::string_view name) {
  return name.empty() ? name : name.substr(1, static_cast<std::uint8_t>(name.front()));
}

std::string WithDots(std::string_view name) {
  std::string text;
  while (!name.empty()) {
    const std::string_view label = FirstLabel(name);
    if (!text.empty()) text += '.';
    text += label;
    name.remove_prefix(1 + label.size());
  }
  return base::ToUtf8(text);
}

struct Pointer {
  Name service;
  std::string instance;  // With its capitals.
};

struct Service {
  Name instance;
  std::string host;  // With its capitals.
};

struct Text {
  Name instance;
  std::string model;
  std::string product;
  std::string note;
};

struct Address {
  Name host;
  snmp::Endpoint endpoint;
};

struct Records {
  std::vector<Pointer> pointers;
  std::vector<Service> services;
  std::vector<Text> texts;
  std::vector<Address> addresses;
};

absl::Status ReadAddress(std::string_view data, const Name& host, Records& records) {
  snmp::Endpoint endpoint;
  if (data.size() == 4) {
    endpoint = snmp::Endpoint::V4(0, 0);
  } else if (data.size() != 16) {
    return Refused("an address has another length");
  }
  std::copy(data.begin(), data.end(), endpoint.address.end() - static_cast<int>(data.size()));
  if (IsOneHosts(endpoint)) records.addresses.push_back({host, endpoint});
  return absl::OkStatus();
}

// "key=value" strings; of a key that comes twice, the first counts (RFC 6763, section 6.4).
absl::Status ReadText(std::string_view data, const Name& instance, Records& records) {
  Text text{.instance = instance, .model = {}, .product = {}, .note = {}};
  const std::array<std::pair<std::string_view, std::string*>, 3> wanted = {
      {{"ty", &text.model}, {"product", &text.product}, {"note", &text.note}}};
  while (!data.empty()) {
    const std::size_t length = static_cast<std::uint8_t>(data.front());
    data.remove_prefix(1);
    if (length > data.size()) return Refused("a text goes beyond its record");
    const std::string_view pair = data.substr(0, length);
    data.remove_prefix(length);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    for (const auto& [key, value] : wanted) {
      if (value->empty() && InSmallLetters(pair.substr(0, equals)) == key) {
        *value = base::ToUtf8(pair.substr(equals + 1));
      }
    }
  }
  records.texts.push_back(std::move(text));
  return absl::OkStatus();
}

// A name that has to end where its record does.
absl::StatusOr<std::string> ReadLastName(std::span<const std::uint8_t> datagram,
                                         ByteReader& reader,
                                         std::size_t end) {
  auto name = ReadName(datagram, reader);
  if (name.ok() && reader.place() != end) return Refused("a record's name has another length");
  return name;
}

absl::Status ReadRecord(std::span<const std::uint8_t> datagram,
                        ByteReader& reader,
                        Records& records) {
  const auto written_name = ReadName(datagram, reader);
  if (!written_name.ok()) return written_name.status();
  const Name name = InSmallLetters(*written_name);
  const std::uint32_t type = reader.Number(2);
  const std::uint32_t record_class = reader.Number(2) & ~kTopBitOfClass;
  reader.Number(4);  // How long it may be kept: nothing is kept.
  const std::uint32_t length = reader.Number(2);
  ByteReader data = reader;
  const std::string_view bytes = reader.Text(length);
  if (!reader.ok()) return Refused("a record goes beyond the end");
  if (record_class != kClassInternet) return absl::OkStatus();
  if (type == kTypeA && length != 4) return Refused("an address has another length");
  if (type == kTypeAaaa && length != 16) return Refused("an address has another length");
  if (type == kTypeA || type == kTypeAaaa) return ReadAddress(bytes, name, records);
  if (type == kTypeTxt) return ReadText(bytes, name, records);
  if (type == kTypePtr) {
    auto instance = ReadLastName(datagram, data, reader.place());
    if (!instance.ok()) return instance.status();
    records.pointers.push_back({name, *std::move(instance)});
  } else if (type == kTypeSrv) {
    data.Text(6);  // Priority, weight and port: what is asked then is SNMP's.
    auto host = ReadLastName(datagram, data, reader.place());
    if (!host.ok()) return host.status();
    records.services.push_back({name, *std::move(host)});
  }
  return absl::OkStatus();
}

absl::StatusOr<Records> ReadRecords(std::span<const std::uint8_t> datagram, std::uint16_t id) {
  if (datagram.size() > kDnsMessageBytesMax) return Refused("too long");
  ByteReader reader(datagram);
  const std::uint32_t answered_id = reader.Number(2);
  const std::uint32_t flags = reader.Number(2);
  const std::uint32_t questions = reader.Number(2);
  const std::size_t count = std::size_t{reader.Number(2)} + reader.Number(2) + reader.Number(2);
  if (!reader.ok()) return Refused("shorter than a header");
  if (answered_id != id) return Refused("answers another query");
  if ((flags & 0x8000) == 0) return Refused("no answer");
  // Operation and result: others have to be ignored (RFC 6762, sections 18.3 and 18.11).
  if ((flags & 0x780f) != 0) return Refused("no plain answer");
  if (questions + count > kDnsRecordsMax) return Refused("too many records");
  for (std::uint32_t i = 0; i < questions; ++i) {
    if (const auto name = ReadName(datagram, reader); !name.ok()) return name.status();
    reader.Text(4);
    if (!reader.ok()) return Refused("a question goes beyond the end");
  }
  Records records;
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto status = ReadRecord(datagram, reader, records); !status.ok()) return status;
  }
  if (!reader.at_end()) return Refused("something follows the last record");
  return records;
}

// Of "_ipp._tcp.local": "_ipp._tcp". Empty where that is no printers' service.
std::string ServiceOf(const Name& name) {
  for (const std::string_view service : kServices) {
    if (name == NameOf({service, "_tcp", "local"})) return std::string(service) + "._tcp";
  }
  return {};
}

std::string ModelOf(const Text& text) {
  if (!text.model.empty()) return text.model;
  std::string_view product = text.product;
  if (product.starts_with('(') && product.ends_with(')')) {
    product = product.substr(1, product.size() - 2);
  }
  return std::string(product);
}

DnsSdPrinter PrinterOf(const Pointer& pointer, const Records& records) {
  const Name instance = InSmallLetters(pointer.instance);
  DnsSdPrinter printer;
  printer.name = base::ToUtf8(FirstLabel(pointer.instance));
  const auto text = std::find_if(records.texts.begin(), records.texts.end(), [&](const Text& one) {
    return one.instance == instance;
  });
  if (text != records.texts.end()) {
    printer.model = ModelOf(*text);
    printer.note = text->note;
  }
  const auto service = std::find_if(records.services.begin(),
                                    records.services.end(),
                                    [&](const Service& one) { return one.instance == instance; });
  if (service == records.services.end()) return printer;
  printer.host = WithDots(service->host);
  const Name host = InSmallLetters(service->host);
  for (const Address& address : records.addresses) {
    if (address.host == host) printer.addresses.push_back(address.endpoint);
  }
  std::sort(printer.addresses.begin(), printer.addresses.end());
  printer.addresses.erase(std::unique(printer.addresses.begin(), printer.addresses.end()),
                          printer.addresses.end());
  return printer;
}

void AppendNumber(std::vector<std::uint8_t>& bytes, std::uint32_t number) {
  bytes.push_back(static_cast<std::uint8_t>(number >> 8));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

}  // namespace

std::vector<std::uint8_t> DnsSdQuery(std::uint16_t id) {
  std::vector<std::uint8_t> query;
  for (const std::uint32_t number :
       {std::uint32_t{id}, 0U, std::uint32_t{kServices.size()}, 0U, 0U, 0U}) {
    AppendNumber(query, number);
  }
  for (const std::string_view service : kServices) {
    const Name name = NameOf({service, "_tcp", "local"});
    query.insert(query.end(), name.begin(), name.end());
    query.push_back(0);
    AppendNumber(query, kTypePtr);
    AppendNumber(query, kClassInternet | kTopBitOfClass);
  }
  return query;
}

absl::StatusOr<std::vector<DnsSdPrinter>> ParseDnsSdAnswer(std::span<const std::uint8_t> datagram,
                                                           std::uint16_t id) {
  const auto records = ReadRecords(datagram, id);
  if (!records.ok()) return records.status();
  std::vector<DnsSdPrinter> printers;
  for (const Pointer& pointer : records->pointers) {
    std::string service = ServiceOf(pointer.service);
    // An instance is a label before its service's name.
    const std::string_view instance = pointer.instance;
    if (service.empty() || instance.empty()) continue;
    const std::string_view parent = instance.substr(1 + FirstLabel(instance).size());
    if (InSmallLetters(parent) != pointer.service) {
      continue;
    }
    printers.push_back(PrinterOf(pointer, *records));
    printers.back().service = std::move(service);
  }
  return printers;
}

}  // namespace platen::collector::core
