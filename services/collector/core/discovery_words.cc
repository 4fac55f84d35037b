// What a discovery has found, in words: for people, and for `platenctl targets import`.
#include <algorithm>
#include <cmath>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/announcements.h"
#include "services/collector/core/discovery_report.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using collector::v1::DiscoveryReport;
using collector::v1::FoundPrinter;

struct StateWords {
  FoundPrinter::State state;
  std::string_view word;
  std::string_view colour;
};

// In the order of the page. What was not asked is not shown.
constexpr StateWords kStates[] = {{FoundPrinter::STATE_NEW, "new", kGreen},
                                  {FoundPrinter::STATE_MOVED, "moved", kYellow},
                                  {FoundPrinter::STATE_GONE, "gone", kRed},
                                  {FoundPrinter::STATE_HERE, "here", ""}};

// Of a text that a device gives: control characters, and what ends a cell or begins a comment, are
// not for others to read.
std::string Harmless(std::string_view text) {
  std::string harmless;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    harmless.push_back(code < 0x20 || code == 0x7f || c == '"' ? ' ' : c);
  }
  return harmless;
}

std::string ModelOf(const FoundPrinter& printer) {
  const event::v1::Identity& identity = printer.identity();
  const bool named = LowerCase(identity.model()).starts_with(LowerCase(identity.manufacturer()));
  return Harmless(named ? identity.model()
                        : StrCat(identity.manufacturer(), " ", identity.model()));
}

// ", found by SLP and DNS-SD"; empty where nothing but a range says where it is.
std::string HowFound(const google::protobuf::RepeatedField<int>& found_by) {
  std::string words;
  bool announced = false;
  for (const int by : found_by) {
    announced = announced || by != collector::v1::FOUND_BY_RANGE;
    words += StrCat(
        words.empty() ? ", found by " : " and ",
        by == collector::v1::FOUND_BY_RANGE ? "range" : ProtocolName(static_cast<FoundBy>(by)));
  }
  return announced ? words : "";
}

// "DNS-SD: 2 queries, 9 answers named 8 addresses; not used: 1 malformed"
std::string TallyLine(const collector::v1::AnnouncementTally& tally) {
  std::string line = StrCat(ProtocolName(tally.protocol()),
                            ": ",
                            tally.queries(),
                            tally.queries() == 1 ? " query, " : " queries, ",
                            tally.answers(),
                            tally.answers() == 1 ? " answer, " : " answers, ",
                            tally.addresses(),
                            tally.addresses() == 1 ? " address" : " addresses");
  const std::pair<std::uint64_t, std::string_view> kUnused[] = {
      {tally.malformed(), "malformed"},
      {tally.errors(), "errors"},
      {tally.strangers(), "of others than were asked"},
      {tally.not_allowed(), "not in the allow list"},
      {tally.no_room(), "without room"}};
  bool first = true;
  for (const auto& [count, reason] : kUnused) {
    if (count == 0) continue;
    line += StrCat(first ? "; not used: " : ", ", count, " ", reason);
    first = false;
  }
  if (tally.incomplete() > 0) line += StrCat("; incomplete: ", tally.incomplete());
  return line;
}

std::string UnconfirmedLine(const collector::v1::UnconfirmedPrinter& printer) {
  std::string said;
  for (const std::string_view text : {std::string_view(printer.name()),
                                      std::string_view(printer.model()),
                                      std::string_view(printer.location())}) {
    if (!text.empty()) said += StrCat(said.empty() ? "" : ", ", Shortened(Harmless(text), 40));
  }
  return StrCat("no SNMP  ", printer.address(), "  ", said, HowFound(printer.found_by()));
}

std::string RemarkOn(const FoundPrinter& printer) {
  std::string remark = printer.registered() ? "registered" : "not registered";
  if (!printer.same_as().empty()) {
    remark = StrCat("another address of ", printer.same_as());
  } else if (printer.state() == FoundPrinter::STATE_MOVED) {
    remark += StrCat(", was at ", printer.previous_address());
  } else if (printer.state() == FoundPrinter::STATE_GONE) {
    remark += printer.has_last_seen_time() ? "" : ", was never found";
  }
  remark += HowFound(printer.found_by());
  return remark;
}

std::string Cell(std::string_view text) {
  const std::string harmless = Harmless(text);
  return harmless.find_first_of(",;#") == std::string::npos ? harmless
                                                            : StrCat("\"", harmless, "\"");
}

std::string_view VersionWord(const FoundPrinter& printer) {
  // Version 2c is left to the collector, which falls back where it has to.
  if (printer.version() == event::v1::SnmpAccess::VERSION_V1) return "1";
  if (printer.version() == event::v1::SnmpAccess::VERSION_V3) return "3";
  return "";
}

}  // namespace

std::string DiscoveryPage(const DiscoveryReport& report, const ReportStyle& style) {
  Page page(style);
  std::size_t address_width = 0;
  std::size_t model_width = 0;
  std::size_t serial_width = 0;
  constexpr std::size_t kWidthMax = 40;
  for (const FoundPrinter& printer : report.printers()) {
    address_width = std::max(address_width, printer.address().size());
    model_width = std::max(model_width, std::min(DisplayWidth(ModelOf(printer)), kWidthMax));
    serial_width = std::max(serial_width,
                            std::min(DisplayWidth(printer.identity().serial_number()), kWidthMax));
  }
  for (const StateWords& state : kStates) {
    for (const FoundPrinter& printer : report.printers()) {
      if (printer.state() != state.state) continue;
      const std::string serial = Harmless(printer.identity().serial_number());
      page.Line(StrCat(page.Paint(Padded(std::string(state.word), 5), state.colour),
                       "  ",
                       Padded(printer.address(), address_width),
                       "  ",
                       Padded(Shortened(ModelOf(printer), kWidthMax), model_width),
                       "  ",
                       Padded(Shortened(serial, kWidthMax), serial_width),
                       "  ",
                       RemarkOn(printer)));
    }
  }
  for (const auto& printer : report.unconfirmed()) page.Line(UnconfirmedLine(printer));
  page.Line(DiscoverySummary(report));
  for (const auto& tally : report.announcements()) page.Line(TallyLine(tally));
  return page.Take();
}

std::string DiscoverySummary(const DiscoveryReport& report) {
  const base::Duration took =
      event::FromProto(report.end_time()) - event::FromProto(report.begin_time());
  const std::size_t fresh = CountFound(report, FoundPrinter::STATE_NEW);
  const std::size_t moved = CountFound(report, FoundPrinter::STATE_MOVED);
  const std::size_t here = CountFound(report, FoundPrinter::STATE_HERE);
  const std::size_t gone = CountFound(report, FoundPrinter::STATE_GONE);
  const std::size_t waiting = ToRegister(report).size();
  std::string text = StrCat(report.addresses(),
                            report.addresses() == 1 ? " address" : " addresses",
                            " asked in ",
                            std::lround(base::ToSeconds(took)),
                            " s: ",
                            fresh + moved + here,
                            fresh + moved + here == 1 ? " printer" : " printers",
                            " (",
                            fresh,
                            " new, ",
                            moved,
                            " moved, ",
                            here,
                            " where they were), ",
                            gone,
                            " gone; ",
                            waiting,
                            " not registered");
  if (report.others() > 0) text += StrCat("; ", report.others(), " that are no printers");
  if (report.refusals() > 0) text += StrCat("; ", report.refusals(), " that refuse the user");
  return text;
}

std::string ImportLines(const DiscoveryReport& report) {
  std::string text = "address,port,version,display_name,location\n";
  for (const FoundPrinter* printer : ToRegister(report)) {
    const event::v1::Identity& identity = printer->identity();
    text += StrCat("# ", ModelOf(*printer), ", serial number ", Harmless(identity.serial_number()));
    text += StrCat("\n",
                   printer->address(),
                   ",",
                   printer->port(),
                   ",",
                   VersionWord(*printer),
                   ",",
                   Cell(identity.sys_name()),
                   ",",
                   Cell(identity.sys_location()),
                   "\n");
  }
  return text;
}

}  // namespace platen::collector::core
