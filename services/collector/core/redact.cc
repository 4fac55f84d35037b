#include "services/collector/core/redact.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/core/mask.h"
#include "services/collector/core/ordinary_words.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/secret_table.h"
#include "services/collector/core/snapshot.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using snmp::Oid;
using snmp::Value;
using snmp::ValueType;
using snmp::Varbind;
using snmp::operator""_oid;

constexpr Oid kEnterprises = "1.3.6.1.4.1"_oid;
constexpr Oid kPwg = "1.3.6.1.4.1.2699"_oid;

// What is masked of a value beside the secrets that it has.
enum class Rest : std::uint8_t {
  kKeep,
  kWords,         // Every word.
  kTellingWords,  // Every word that is not ordinary.
  kUnread,        // The same, and numbers and octets that may be a secret.
};

// Objects that hold a name, a place or a person.
constexpr Oid kNames[] = {"1.3.6.1.2.1.1.4"_oid,                  // sysContact
                          "1.3.6.1.2.1.1.6"_oid,                  // sysLocation
                          "1.3.6.1.2.1.25.3.8.1.3"_oid,           // hrFSRemoteMountPoint
                          "1.3.6.1.2.1.31.1.1.1.18"_oid,          // ifAlias
                          "1.3.6.1.2.1.43.5.1.1.4"_oid,           // prtGeneralCurrentOperator
                          "1.3.6.1.2.1.43.5.1.1.5"_oid,           // prtGeneralServicePerson
                          "1.3.6.1.4.1.2699.1.2.1.2.1.1.7"_oid};  // ppmPrinterSnmpCommunityName
// The same, where a model's name and the words of printers are common too.
constexpr Oid kDefaultNames[] = {"1.3.6.1.2.1.1.5"_oid,                  // sysName
                                 "1.3.6.1.2.1.43.5.1.1.16"_oid,          // prtGeneralPrinterName
                                 "1.3.6.1.2.1.43.14.1.1.9"_oid,          // prtChannelInformation
                                 "1.3.6.1.4.1.2699.1.2.1.2.1.1.2"_oid,   // ppmPrinterName
                                 "1.3.6.1.4.1.2699.1.2.1.3.1.1.3"_oid,   // ppmPortName
                                 "1.3.6.1.4.1.2699.1.2.1.3.1.1.4"_oid};  // ppmPortServiceNameOrURI
constexpr Oid kSerials[] = {"1.3.6.1.2.1.43.5.1.1.17"_oid,               // prtGeneralSerialNumber
                            "1.3.6.1.2.1.43.8.2.1.17"_oid,               // prtInputSerialNumber
                            "1.3.6.1.2.1.43.9.2.1.11"_oid};              // prtOutputSerialNumber
constexpr Oid kPhysAddress = "1.3.6.1.2.1.2.2.1.6"_oid;
// All indexes in these are small numbers of the device's own.
constexpr Oid kPlainIndexes[] = {"1.3.6.1.2.1.1"_oid,
                                 "1.3.6.1.2.1.2"_oid,
                                 "1.3.6.1.2.1.25"_oid,
                                 "1.3.6.1.2.1.31"_oid,
                                 "1.3.6.1.2.1.43"_oid,
                                 kPwg};

bool IsBelow(const Oid& name, std::span<const Oid> subtrees) {
  return std::ranges::any_of(subtrees, [&name](const Oid& each) { return name.StartsWith(each); });
}

bool IsPrintable(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
}

// Places of the run of text at `at`: byte by byte, or every second one with NULs between (UTF-16).
// Ends before what is `done`.
std::vector<std::size_t> RunAt(std::string_view bytes,
                               const std::vector<bool>& done,
                               std::size_t at) {
  const auto is_text = [&](std::size_t i) {
    return i < bytes.size() && !done[i] && IsPrintable(bytes[i]);
  };
  std::vector<std::size_t> run;
  if (!is_text(at)) return run;
  const bool wide = at + 2 < bytes.size() && bytes[at + 1] == '\0' && is_text(at + 2);
  for (std::size_t i = at; is_text(i); i += wide ? 2 : 1) {
    run.push_back(i);
    if (wide && (i + 1 >= bytes.size() || bytes[i + 1] != '\0')) break;
  }
  return run;
}

class Redactor {
 public:
  explicit Redactor(const RedactInput& input)
      : input_(input), masker_(input.key), table_(masker_) {}

  absl::StatusOr<Redacted> Run() {
    Learn();
    for (const Varbind& row : input_.readings) Collect(row);
    // Last: a default name that is made of an address or a serial number is masked like that.
    for (const Varbind& row : input_.readings) CollectNames(row);
    for (const std::string& secret : input_.secrets) AddNames(secret);
    if (table_.size() > kSecretsMax) {
      return absl::ResourceExhaustedError(
          base::StrCat("cannot make a redacted recording: the device shows more than ",
                       kSecretsMax,
                       " secrets"));
    }
    for (const Varbind& row : input_.readings) {
      redacted_.rows.emplace_back(Name(row.name), Mask(row));
    }
    SortReadings(redacted_.rows);
    return std::move(redacted_);
  }

 private:
  // What is understood of the device: its secrets, and what is none.
  void Learn() {
    const event::v1::DeviceSnapshot snapshot =
        MakeSnapshot({.readings = input_.readings, .profiles = input_.profiles});
    const event::v1::Identity& identity = snapshot.identity();
    for (const std::string* text : {&identity.model(), &identity.manufacturer()}) {
      AddOrdinary(*text);
    }
    for (const Profile& profile : input_.profiles->profiles()) {
      AddOrdinary(profile.name);
      AddOrdinary(profile.manufacturer);
    }
    ordinary_.erase(LowerCase(identity.serial_number()));  // Lexmark: part of the model.
    for (const event::v1::FirmwareVersion& each : identity.firmware()) {
      versions_.push_back(each.version());
    }
    table_.Add(SecretKind::kSerial, identity.serial_number());
    table_.Add(SecretKind::kSerial, identity.asset_tag());
    table_.Add(SecretKind::kUuid, identity.uuid());
    for (const event::v1::Supply& supply : snapshot.supplies()) {
      table_.Add(SecretKind::kSerial, supply.serial_number());
    }
    for (const std::string& secret : input_.secrets) {
      AddByShape(secret);
      // Any address that was asked, also one that looks like a version number.
      if (secret.find_first_not_of("0123456789.") == std::string::npos) {
        table_.Add(SecretKind::kIp, secret);
      }
    }
    if (const Profile* profile = ChooseProfile(input_.readings, *input_.profiles)) {
      VendorReads reads = ReadsOf(*profile, ReadPurpose::kEverything);
      read_ = std::move(reads.scalars);
      read_.insert(read_.end(), reads.columns.begin(), reads.columns.end());
    }
  }

  void AddOrdinary(std::string_view text) {
    ForEachWord(text, [this](std::string_view word) { ordinary_.insert(LowerCase(word)); });
  }

  template <class Each>
  static void ForEachWord(std::string_view text, Each each) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && IsWordByte(text[end])) ++end;
      if (end > at) each(text.substr(at, end - at));
      at = end + 1;
    }
  }

  bool IsOrdinary(std::string_view word) const {
    const std::string low = LowerCase(word);
    return IsOrdinaryWord(low) || ordinary_.contains(low);
  }

  // Words that tell whose the device is are looked for in everything else too.
  void AddNames(std::string_view text) {
    ForEachWord(text, [this](std::string_view word) {
      constexpr std::size_t kTelling = 4;
      const bool number = std::all_of(word.begin(), word.end(), IsDigit);
      if (word.size() < (number ? kTelling + 2 : kTelling) || IsOrdinary(word)) return;
      for (std::size_t at = 0; at < word.size(); ++at) {
        if (table_.At(word, at).has_value()) return;
      }
      table_.Add(SecretKind::kName, word);
    });
  }

  void AddByShape(std::string_view text) {
    for (const FoundSecret& found : FindSecrets(text)) {
      const bool version = std::ranges::any_of(versions_, [&found](const std::string& each) {
        return each.find(found.text) != std::string::npos;
      });
      if (!version) table_.Add(found.kind, found.text);
    }
  }

  void Collect(const Varbind& row) {
    if (row.value.type() == ValueType::kIpAddress) table_.AddIpv4(row.value.view().raw_bytes());
    if (row.value.type() != ValueType::kOctetString && row.value.type() != ValueType::kOpaque) {
      return;
    }
    const std::string_view bytes = row.value.view().raw_bytes();
    if (row.name.StartsWith(kPhysAddress)) return table_.AddMac(bytes);
    ForEachRun(bytes, [&](std::string_view text) {
      AddByShape(text);
      if (IsBelow(row.name, kSerials)) table_.Add(SecretKind::kSerial, TrimBlanks(text));
    });
    if (RestOf(row.name) == Rest::kUnread) CollectOctets(bytes);
  }

  void CollectNames(const Varbind& row) {
    if (!IsBelow(row.name, kNames) && !IsBelow(row.name, kDefaultNames)) return;
    ForEachRun(row.value.view().raw_bytes(), [&](std::string_view text) { AddNames(text); });
  }

  // Calls `each` with the texts in `bytes` that are long enough to tell something.
  template <class Each>
  static void ForEachRun(std::string_view bytes, Each each) {
    const std::vector<bool> none(bytes.size(), false);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const std::vector<std::size_t> run = RunAt(bytes, none, at);
      if (run.size() < 4) continue;
      std::string text;
      for (const std::size_t i : run) text.push_back(bytes[i]);
      each(text);
      at = run.back();
    }
  }

  // Octets that have the length of an address, and are no text.
  void CollectOctets(std::string_view bytes) {
    if (std::all_of(bytes.begin(), bytes.end(), IsPrintable)) return;
    if (bytes.size() == 6 && (bytes.front() & 1) == 0) table_.AddMac(bytes);
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() == 4 && (at(0) == 10 || (at(0) == 172 && at(1) >> 4 == 1) ||
                              (at(0) == 192 && at(1) == 168) || (at(0) == 169 && at(1) == 254))) {
      table_.AddIpv4(bytes);
    }
  }

  Rest RestOf(const Oid& name) const {
    if (IsBelow(name, kNames)) return Rest::kWords;
    if (IsBelow(name, kDefaultNames)) return Rest::kTellingWords;
    if (!name.StartsWith(kEnterprises) || name.StartsWith(kPwg) || IsBelow(name, read_)) {
      return Rest::kKeep;
    }
    return Rest::kUnread;
  }

  Value Mask(const Varbind& row) {
    const snmp::ValueView value = row.value.view();
    if (const auto oid = value.AsOid(); oid.has_value() && row.name != oids::kSysObjectId) {
      return Value::ObjectId(Name(Oid(*oid)));
    }
    if (value.is_number()) {
      const auto mask = table_.OfNumber(value.raw_number());
      if (!mask.has_value()) return row.value;
      ++Places(mask->first);
      return Value::Number(value.type(), mask->second);
    }
    if (!value.AsBytes().has_value()) return row.value;
    return Value(snmp::ValueView::Bytes(value.type(), Octets(value.raw_bytes(), RestOf(row.name))));
  }

  std::uint64_t& Places(SecretKind kind) {
    return redacted_.places[static_cast<std::size_t>(kind)];
  }

  std::string Octets(std::string_view bytes, Rest rest) {
    std::string out(bytes);
    std::vector<bool> done(bytes.size(), false);
    for (std::size_t at = 0; at < bytes.size();) {
      const auto hit = table_.At(bytes, at);
      if (!hit.has_value()) {
        ++at;
        continue;
      }
      out.replace(at, hit->mask.size(), hit->mask);
      std::fill_n(done.begin() + static_cast<std::ptrdiff_t>(at), hit->mask.size(), true);
      at += hit->mask.size();
      ++Places(hit->kind);
    }
    if (rest != Rest::kKeep) MaskRest(out, done, rest);
    return out;
  }

  void MaskRest(std::string& bytes, const std::vector<bool>& done, Rest rest) {
    constexpr std::size_t kAddressBytes = 16;  // IPv6, and UUIDs.
    const bool is_text = std::all_of(bytes.begin(), bytes.end(), IsPrintable);
    if (rest == Rest::kUnread && bytes.size() == kAddressBytes && !is_text) {
      bytes = masker_.Octets(bytes, 0);
      ++Places(SecretKind::kUnknown);
      return;
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const std::vector<std::size_t> run = RunAt(bytes, done, at);
      if (run.empty()) continue;
      at = run.back();
      if (rest == Rest::kUnread && run.size() < 4 && !is_text) continue;
      std::string text;
      for (const std::size_t i : run) text.push_back(bytes[i]);
      const std::string masked = MaskWords(text, rest);
      for (std::size_t i = 0; i < run.size(); ++i) bytes[run[i]] = masked[i];
    }
  }

  std::string MaskWords(std::string text, Rest rest) {
    std::string masked = text;
    ForEachWord(text, [&](std::string_view word) {
      if (rest != Rest::kWords && IsOrdinary(word)) return;
      if (rest == Rest::kUnread && !MayTell(word)) return;
      const auto at = static_cast<std::size_t>(word.data() - text.data());
      masked.replace(at, word.size(), masker_.Text(word));
      ++Places(rest == Rest::kUnread ? SecretKind::kUnknown : SecretKind::kName);
    });
    return masked;
  }

  // Whether a word of an object that nobody knows may be a secret: "A4" and "1200" are none.
  static bool MayTell(std::string_view word) {
    const auto digits = std::ranges::count_if(word, IsDigit);
    const std::size_t shortest = digits > 0 ? 6 : 3;
    return word.size() >= shortest;
  }

  // Masks words of an index that no secret has masked: users and documents are indexes too.
  std::string MaskLetters(std::string bytes, std::string_view before) {
    constexpr std::size_t kShortest = 4;  // Fewer are numbers that happen to be letters.
    std::string masked = bytes;
    for (std::size_t at = 0; at < bytes.size();) {
      std::size_t end = at;
      while (end < bytes.size() && IsLetter(bytes[end]) && bytes[end] == before[end]) ++end;
      const std::string_view word = std::string_view(bytes).substr(at, end - at);
      if (word.size() >= kShortest && !IsOrdinary(word)) {
        masked.replace(at, word.size(), masker_.Text(word));
        ++Places(SecretKind::kUnknown);
      }
      at = end + 1;
    }
    return masked;
  }

  // The name with secrets in its index masked. The enterprise's own number stays.
  Oid Name(const Oid& name) {
    if (IsBelow(name, kPlainIndexes) || IsBelow(name, read_)) return name;
    constexpr std::size_t kFixedArcs = 7;
    std::vector<std::uint32_t> arcs = name.view().ToArcs();
    std::size_t changed = 0;
    for (std::size_t at = std::min(kFixedArcs, arcs.size()); at < arcs.size();) {
      std::string bytes;
      while (at + bytes.size() < arcs.size() && arcs[at + bytes.size()] < 256) {
        bytes.push_back(static_cast<char>(arcs[at + bytes.size()]));
      }
      const std::string masked = MaskLetters(Octets(bytes, Rest::kKeep), bytes);
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (masked[i] != bytes[i]) ++changed;
        arcs[at + i] = static_cast<unsigned char>(masked[i]);
      }
      at += bytes.size() + 1;
    }
    if (changed == 0) return name;
    std::string text;
    for (const std::uint32_t arc : arcs) text += base::StrCat(text.empty() ? "" : ".", arc);
    return Oid::Parse(text).value_or(name);
  }

  const RedactInput& input_;
  const Masker masker_;
  SecretTable table_;
  std::set<std::string> ordinary_;
  std::vector<std::string> versions_;
  std::vector<Oid> read_;  // What the profile reads.
  Redacted redacted_;
};

}  // namespace

absl::StatusOr<Redacted> Redact(const RedactInput& input) {
  return Redactor(input).Run();
}

}  // namespace platen::collector::core
