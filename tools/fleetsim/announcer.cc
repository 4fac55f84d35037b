#include "tools/fleetsim/announcer.h"

#include <algorithm>
#include <string_view>

#include "libs/base/status.h"

namespace platen::fleetsim {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kSlpHead = 14;  // Up to its language.
constexpr std::size_t kDnsHead = 12;

void Number(Bytes& bytes, std::size_t number) {
  bytes.push_back(static_cast<std::uint8_t>(number >> 8));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

void Append(Bytes& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

void Label(Bytes& bytes, std::string_view text) {
  bytes.push_back(static_cast<std::uint8_t>(text.size()));
  Append(bytes, text);
}

bool Has(std::span<const std::uint8_t> bytes, std::string_view text) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.find(text) != std::string_view::npos;
}

std::string NameOf(const Announced& printer) {
  return base::StrCat("printer-", printer.number);
}

// A record of the class Internet, which holds for two minutes. `name` points to where the datagram
// has the name.
void Record(Bytes& answer, std::size_t name, std::size_t type, const Bytes& data) {
  Number(answer, 0xc000 | name);
  Number(answer, type);
  Number(answer, 1);
  Number(answer, 0);
  Number(answer, 120);
  Number(answer, data.size());
  answer.insert(answer.end(), data.begin(), data.end());
}

}  // namespace

Bytes AnswerSlp(std::span<const std::uint8_t> request, const Announced& printer) {
  constexpr std::uint8_t kVersion = 2;
  constexpr std::uint8_t kRequest = 1;
  constexpr std::uint8_t kReply = 2;
  if (request.size() < kSlpHead || request[0] != kVersion || request[1] != kRequest) return {};
  if (!Has(request, "service:printer")) return {};
  const std::string url = base::StrCat(
      "service:printer:lpr://", snmp::Endpoint::V4(printer.address, 0).AddressToString(), "/print");
  Bytes answer = {kVersion, kReply, 0, 0, 0, 0, 0, 0, 0, 0, request[10], request[11]};
  Number(answer, 2);
  Append(answer, "en");
  Number(answer, 0);  // No error.
  Number(answer, 1);  // Services.
  answer.push_back(0);
  Number(answer, 600);  // How long it holds, in seconds.
  Number(answer, url.size());
  Append(answer, url);
  answer.push_back(0);  // Signatures.
  answer[3] = static_cast<std::uint8_t>(answer.size() >> 8);
  answer[4] = static_cast<std::uint8_t>(answer.size());
  return answer;
}

Bytes AnswerDnsSd(std::span<const std::uint8_t> query, const Announced& printer) {
  constexpr std::string_view kService("\x04_ipp\x04_tcp\x05local\x00", 17);
  if (query.size() < kDnsHead || (query[2] & 0x80) != 0 || !Has(query, kService)) return {};
  Bytes answer = {query[0], query[1]};
  // An answer with authority; the question, one answer and three records that go with it.
  for (const std::size_t number : {0x8400, 1, 1, 0, 3}) Number(answer, number);
  const std::size_t service = answer.size();
  Append(answer, kService);
  Number(answer, 12);
  Number(answer, 1);

  Bytes instance;
  Label(instance, NameOf(printer));
  Number(instance, 0xc000 | service);
  const std::size_t instance_at = answer.size() + 12;
  Record(answer, service, 12, instance);

  Bytes server;
  for (const std::size_t number : {0, 0, 631}) Number(server, number);
  Label(server, NameOf(printer));
  Label(server, "local");
  server.push_back(0);
  const std::size_t host_at = answer.size() + 12 + 6;
  Record(answer, instance_at, 33, server);

  Bytes text;
  Label(text, "txtvers=1");
  Label(text, ("ty=" + printer.model).substr(0, 255));
  Record(answer, instance_at, 16, text);

  Bytes address;
  for (int shift = 24; shift >= 0; shift -= 8) {
    address.push_back(static_cast<std::uint8_t>(printer.address >> shift));
  }
  Record(answer, host_at, 1, address);
  return answer;
}

void Announcer::Step(base::MonotonicTime now) {
  for (const snmp::InDatagram& request : network_.Receive()) {
    Device* const device = request.to.is_v4() ? fleet_.DeviceAt(request.to.v4()) : nullptr;
    if (device == nullptr || device->link().silent || device->IsBooting(now)) continue;
    const Bytes answer = protocol_(
        request.bytes,
        {.number = device->number(), .address = request.to.v4(), .model = device->model().name()});
    if (answer.empty()) continue;
    const snmp::OutDatagram out{.to = request.from, .bytes = answer, .from = request.to};
    network_.Send({&out, 1});
  }
}

}  // namespace platen::fleetsim
