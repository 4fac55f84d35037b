// What a discovery has found, beside what is known: which printers are new, moved, gone.
//
// A printer is known again by its serial number, UUID or MAC addresses (device_identity.h),
// whatever its address. Nothing follows from the report by itself: whoever wants a printer polled
// registers it.
//
// Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "platen/collector/v1/discovery.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/address_set.h"
#include "services/collector/core/page.h"

namespace platen::collector::core {

// A printer that nobody registered, and that has not answered for so long, is forgotten.
inline constexpr base::Duration kForgetFoundAfter = std::chrono::hours(24 * 30);

struct Discovered {
  base::WallTime begin;
  base::WallTime end;
  AddressSet asked;
  std::uint64_t questions = 0;
  std::uint64_t others = 0;
  std::uint64_t refusals = 0;
  // With address, port, version, identity, profile and how they were found; each address and port
  // once.
  std::vector<collector::v1::FoundPrinter> printers;
  // What came of asking for announcements, and who was announced and is not among the printers.
  std::vector<collector::v1::AnnouncementTally> announcements;
  std::vector<collector::v1::UnconfirmedPrinter> unconfirmed;
};

// `previous`: the last report; empty where there is none. `targets`: what is to be polled already.
collector::v1::DiscoveryReport MakeDiscoveryReport(const Discovered& discovered,
                                                   const collector::v1::DiscoveryReport& previous,
                                                   std::span<const event::v1::Target> targets);

// How many printers of a state; those that are another address of a printer left out.
std::size_t CountFound(const collector::v1::DiscoveryReport& report,
                       collector::v1::FoundPrinter::State state);

// Those that answer and that no target names, each printer once: what a person may register.
std::vector<const collector::v1::FoundPrinter*> ToRegister(
    const collector::v1::DiscoveryReport& report);

// A line for each printer, what has changed first, and a summary.
std::string DiscoveryPage(const collector::v1::DiscoveryReport& report, const ReportStyle& style);

// "4094 addresses asked in 82 s: 12 printers, 3 of them new, …"; without a line break.
std::string DiscoverySummary(const collector::v1::DiscoveryReport& report);

// ToRegister() as `platenctl targets import` takes it.
std::string ImportLines(const collector::v1::DiscoveryReport& report);

}  // namespace platen::collector::core
