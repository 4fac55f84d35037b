#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "libs/base/status.h"
#include "tools/fleetsim/printer_model.h"

namespace platen::fleetsim {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::optional<Pages> FindPages(std::string_view word) {
  if (word == "all") return Pages::kAll;
  if (word == "mono") return Pages::kMono;
  if (word == "colour") return Pages::kColour;
  if (word == "duplex") return Pages::kDuplex;
  if (word == "sheets") return Pages::kSheets;
  return std::nullopt;
}

}  // namespace

absl::StatusOr<PrinterModel::Counters> ReadCounters(std::string_view text) {
  PrinterModel::Counters counters;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    line = line.substr(0, line.find('#'));
    const std::size_t last = line.find_last_not_of(" \t\r");
    if (last == std::string_view::npos) continue;
    line = line.substr(0, last + 1);
    const std::size_t blank = line.find(' ');
    const auto pages = blank == std::string_view::npos
                           ? std::nullopt
                           : FindPages(line.substr(line.find_last_of(' ') + 1));
    auto name = snmp::Oid::Parse(line.substr(0, blank));
    if (!name.ok() || !pages.has_value()) {
      return base::InvalidArgument(
          "line ", number, ": expected OID and all, mono, colour, duplex or sheets");
    }
    counters[*std::move(name)] = *pages;
  }
  return counters;
}

absl::StatusOr<std::vector<PrinterModel>> LoadModels(const std::string& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".snmprec") files.push_back(entry.path());
  }
  if (files.empty())
    return base::NotFound("no .snmprec files in \"", directory, "\" (option --recordings)");
  std::sort(files.begin(), files.end());

  const fs::path counters_path = fs::path(directory) / "page-counters.txt";
  auto counters = ReadCounters(ReadFile(counters_path));
  if (!counters.ok()) return base::Annotate(counters.status(), counters_path.string());
  std::vector<PrinterModel> models;
  for (const fs::path& file : files) {
    models.emplace_back(file.stem().string(), snmp::ReadRecording(ReadFile(file)), *counters);
  }
  return models;
}

}  // namespace platen::fleetsim
