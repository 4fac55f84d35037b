// Recordings of printers that tests read: our own (tests/testdata/printers) and, where they are,
// the shared ones ($PLATEN_SHARED, or ../shared beside the source tree).
#pragma once

#include <map>
#include <string>

namespace platen::testing_support {

// Paths of the .snmprec files of both places, by their name without ending.
std::map<std::string, std::string> PrinterRecordings();

}  // namespace platen::testing_support
