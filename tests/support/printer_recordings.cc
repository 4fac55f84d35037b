#include "tests/support/printer_recordings.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "tests/support/child_process.h"

namespace platen::testing_support {

std::map<std::string, std::string> PrinterRecordings() {
  const char* shared = std::getenv("PLATEN_SHARED");
  const std::string beside = shared != nullptr ? shared : SourceFile("../shared");
  std::map<std::string, std::string> files;
  for (const std::string& directory :
       {SourceFile("tests/testdata/printers"), beside + "/data/printers/recordings"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
      if (entry.path().extension() == ".snmprec") files[entry.path().stem()] = entry.path();
    }
  }
  return files;
}

}  // namespace platen::testing_support
