// A list of printers to register, from CSV or JSON lines. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

namespace platen::platenctl {

struct ImportDefaults {
  std::string tenant;
  std::string site;
};

struct Import {
  std::vector<platen::fleet::v1::CreateTargetRequest> requests;
  std::vector<int> lines;           // Of each request, from 1.
  std::vector<std::string> faults;  // "line 7: port: …"; all of them.
};

// Text that begins with '{' is one CreateTargetRequest in protobuf JSON a line. All else is CSV
// (RFC 4180; ',' or ';') whose first line names the columns: address, and optionally tenant, site,
// site_name, display_name, customer, location, port, version, credential, context, installation,
// expected_serial. Lines that are empty or begin with '#' are skipped.
Import ReadImport(std::string_view text, const ImportDefaults& defaults);

// The names of the columns, for help texts.
std::string ImportColumns();

}  // namespace platen::platenctl
