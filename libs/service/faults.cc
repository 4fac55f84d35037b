#include "libs/service/faults.h"

#include <algorithm>
#include <tuple>

#include "libs/base/status.h"

namespace platen::service {
namespace {

// "receivers[2].url" -> "receivers[2]" -> "receivers" -> "".
std::string_view Parent(std::string_view path) {
  const std::size_t cut = path.find_last_of(".[");
  return cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
}

}  // namespace

std::string Fault::ToString() const {
  std::string out = origin.source;
  if (origin.line > 0) out += base::StrCat(":", origin.line);
  if (!path.empty()) out += base::StrCat(": ", path);
  return base::StrCat(out, ": ", message);
}

void FaultList::Add(std::string_view path, std::string message) {
  for (std::string_view at = path;; at = Parent(at)) {
    if (const auto found = origins_.find(at); found != origins_.end()) {
      AddAt(found->second, path, std::move(message));
      return;
    }
    if (at.empty()) break;
  }
  AddAt({.source = "defaults"}, path, std::move(message));
}

void FaultList::AddAt(Origin origin, std::string_view path, std::string message) {
  faults_.push_back({std::move(origin), std::string(path), std::move(message)});
}

void FaultList::Remember(std::string_view path, Origin origin) {
  origins_.insert_or_assign(std::string(path), std::move(origin));
}

std::string FaultList::ToString() const {
  std::vector<Fault> sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.origin.source, a.origin.line) < std::tie(b.origin.source, b.origin.line);
  });
  std::string out;
  for (const Fault& fault : sorted) out += fault.ToString() + "\n";
  return out;
}

}  // namespace platen::service
