#include "services/collector/core/panel_words.h"

#include <array>
#include <cctype>

namespace platen::collector::core {
namespace {

struct PanelRow {
  std::string_view words;
  std::string_view condition;
};

// In lower case; English and German, as devices show them.
constexpr std::array kPanel = {
    PanelRow{"paper jam", "jam"},
    PanelRow{"paper misfeed", "jam"},
    PanelRow{"media jam", "jam"},
    PanelRow{"jam in ", "jam"},
    PanelRow{"papierstau", "jam"},
    PanelRow{"cover open", "cover-open"},
    PanelRow{"cover is open", "cover-open"},
    PanelRow{"door open", "cover-open"},
    PanelRow{"door is open", "cover-open"},
    PanelRow{"front cover open", "cover-open"},
    PanelRow{"rear cover open", "cover-open"},
    PanelRow{"abdeckung offen", "cover-open"},
    PanelRow{"no paper", "no-paper"},
    PanelRow{"out of paper", "no-paper"},
    PanelRow{"paper out", "no-paper"},
    PanelRow{"papier leer", "no-paper"},
    PanelRow{"kein papier", "no-paper"},
    PanelRow{"toner empty", "no-toner"},
    PanelRow{"toner leer", "no-toner"},
    PanelRow{"toner low", "low-toner"},
    PanelRow{"toner is low", "low-toner"},
    PanelRow{"waste toner full", "waste-full"},
    PanelRow{"waste toner box full", "waste-full"},
};

bool StartsWith(std::string_view line, std::string_view words) {
  if (line.size() < words.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(line[i])) != words[i]) return false;
  }
  // Not the beginning of another word ("no paperclips").
  return line.size() == words.size() || words.back() == ' ' ||
         std::isalpha(static_cast<unsigned char>(line[words.size()])) == 0;
}

}  // namespace

Condition ConditionOfPanelLine(std::string_view line) {
  for (const PanelRow& each : kPanel) {
    if (StartsWith(line, each.words)) return ConditionNamed(each.condition);
  }
  return {};
}

}  // namespace platen::collector::core
