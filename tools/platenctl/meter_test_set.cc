#include "tools/platenctl/meter_test_set.h"

#include <algorithm>
#include <charconv>

#include "libs/base/status.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;

using base::StrCat;

constexpr std::uint64_t kPagesMax = 10'000;

struct Medium {
  std::string_view word;
  std::string_view size;
  bool large;
};

constexpr Medium kMedia[] = {{"a4", "iso_a4_210x297mm", false},
                             {"a3", "iso_a3_297x420mm", true},
                             {"a5", "iso_a5_148x210mm", false},
                             {"letter", "na_letter_8.5x11in", false},
                             {"legal", "na_legal_8.5x14in", false},
                             {"ledger", "na_ledger_11x17in", true}};

struct Function {
  std::string_view word;
  ev::MeterFunction function;
};

constexpr Function kFunctions[] = {{"print", ev::METER_FUNCTION_PRINT},
                                   {"copy", ev::METER_FUNCTION_COPY},
                                   {"fax", ev::METER_FUNCTION_FAX_IN},
                                   {"report", ev::METER_FUNCTION_REPORT},
                                   {"scan", ev::METER_FUNCTION_SCAN}};

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool TakeWord(std::string_view word, TestJob& job) {
  for (const Function& each : kFunctions) {
    if (each.word != word) continue;
    job.function = each.function;
    return true;
  }
  for (const Medium& each : kMedia) {
    if (each.word != word) continue;
    job.media_size = each.size;
    job.large = each.large;
    return true;
  }
  if (word == "mono" || word == "colour" || word == "color") {
    job.colour = word != "mono";
    return true;
  }
  if (word == "one-sided" || word == "two-sided") {
    job.two_sided = word == "two-sided";
    return true;
  }
  const auto number = std::from_chars(word.data(), word.data() + word.size(), job.pages);
  return number.ec == std::errc() && number.ptr == word.data() + word.size();
}

std::uint64_t Sheets(const TestJob& job) {
  return job.two_sided ? (job.pages + 1) / 2 : job.pages;
}

bool CountsFunction(ev::MeterFunction counted, ev::MeterFunction made) {
  if (counted == ev::METER_FUNCTION_TOTAL) return made != ev::METER_FUNCTION_SCAN;
  if (counted == ev::METER_FUNCTION_FAX) return made == ev::METER_FUNCTION_FAX_IN;
  return counted == made;
}

bool CountsColour(ev::ColourClass counted, bool colour) {
  switch (counted) {
    case ev::COLOUR_CLASS_ALL:
      return true;
    case ev::COLOUR_CLASS_MONOCHROME:
      return !colour;
    case ev::COLOUR_CLASS_COLOUR:
    case ev::COLOUR_CLASS_FULL_COLOUR:
      return colour;
    default:
      return false;  // The set has no pages in one or two colours.
  }
}

bool CountsSize(const ev::MeterKind& kind, const TestJob& job) {
  switch (kind.size()) {
    case ev::SIZE_CLASS_SMALL:
      return !job.large;
    case ev::SIZE_CLASS_LARGE:
      return job.large;
    case ev::SIZE_CLASS_NAMED:
      return kind.media_size() == job.media_size;
    default:
      return true;
  }
}

bool CountsSides(ev::SidesClass counted, bool two_sided) {
  if (counted == ev::SIDES_CLASS_ONE_SIDED) return !two_sided;
  return counted != ev::SIDES_CLASS_TWO_SIDED || two_sided;
}

bool Counts(const ev::MeterKind& kind, const TestJob& job) {
  return CountsFunction(kind.function(), job.function) && CountsColour(kind.colour(), job.colour) &&
         CountsSize(kind, job) && CountsSides(kind.sides(), job.two_sided);
}

// Nothing for a unit that no number of pages says.
std::optional<std::uint64_t> UnitsOf(ev::MeterUnit unit, const TestJob& job) {
  switch (unit) {
    case ev::METER_UNIT_IMPRESSIONS:
    case ev::METER_UNIT_PAGES:
    case ev::METER_UNIT_IMAGES:
      return job.pages;
    case ev::METER_UNIT_SHEETS:
      return Sheets(job);
    case ev::METER_UNIT_A4_EQUIVALENT_HUNDREDTHS:
      return job.pages * (job.large ? 200 : 100);
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> Expected(const ev::MeterKind& kind, std::span<const TestJob> jobs) {
  const bool copies = std::ranges::any_of(
      jobs, [](const TestJob& job) { return job.function == ev::METER_FUNCTION_COPY; });
  switch (kind.function()) {
    case ev::METER_FUNCTION_MODE:  // The maker's own.
    case ev::METER_FUNCTION_SCAN_TO_EMAIL:
    case ev::METER_FUNCTION_SCAN_TO_NETWORK:
      return std::nullopt;
    case ev::METER_FUNCTION_SCAN:
      if (copies) return std::nullopt;  // A copy may count as a scan, too.
      break;
    default:
      break;
  }
  std::uint64_t sum = 0;
  for (const TestJob& job : jobs) {
    const auto units = UnitsOf(kind.unit(), job);
    if (!units.has_value()) return std::nullopt;
    if (Counts(kind, job)) sum += *units;
  }
  return sum;
}

// What the counter looks like by how it moved: one thing about its kind changed.
std::string LooksLike(const ev::MeterKind& kind,
                      std::uint64_t moved,
                      std::span<const TestJob> jobs) {
  std::vector<std::pair<ev::MeterKind, std::string>> others;
  const auto add = [&](auto set, std::string words) {
    ev::MeterKind other = kind;
    set(other);
    others.emplace_back(std::move(other), std::move(words));
  };
  add([](ev::MeterKind& k) { k.set_unit(ev::METER_UNIT_SHEETS); }, "unit: sheets");
  add([](ev::MeterKind& k) { k.set_unit(ev::METER_UNIT_IMPRESSIONS); }, "unit: impressions");
  add([](ev::MeterKind& k) { k.set_colour(ev::COLOUR_CLASS_MONOCHROME); }, "colour: monochrome");
  add([](ev::MeterKind& k) { k.set_colour(ev::COLOUR_CLASS_COLOUR); }, "colour: colour");
  add([](ev::MeterKind& k) { k.set_colour(ev::COLOUR_CLASS_ALL); }, "colour: all");
  add([](ev::MeterKind& k) { k.set_sides(ev::SIDES_CLASS_TWO_SIDED); }, "sides: two_sided");
  add([](ev::MeterKind& k) { k.set_sides(ev::SIDES_CLASS_ALL); }, "sides: all");
  add([](ev::MeterKind& k) { k.set_function(ev::METER_FUNCTION_TOTAL); }, "function: total");
  add([](ev::MeterKind& k) { k.set_function(ev::METER_FUNCTION_PRINT); }, "function: print");
  add([](ev::MeterKind& k) { k.set_function(ev::METER_FUNCTION_COPY); }, "function: copy");
  std::string alike;
  for (const auto& [other, words] : others) {
    if (moved == 0 || Expected(other, jobs) != moved) continue;
    alike += StrCat(alike.empty() ? "moved like {" : ", or {", words, "}");
  }
  return alike;
}

bool IsTrusted(const ev::Meter& meter) {
  return std::ranges::none_of(meter.quality(), [](int quality) {
    return quality == ev::READING_QUALITY_IMPLAUSIBLE ||
           quality == ev::READING_QUALITY_ROLLED_BACK || quality == ev::READING_QUALITY_WRAPPED ||
           quality == ev::READING_QUALITY_EPOCH_PROPOSED;
  });
}

const ev::Meter* Find(const ev::MeterReading& reading, const ev::Meter& like) {
  for (const ev::Meter& meter : reading.meters()) {
    if (meter.rule() == like.rule() && meter.oid() == like.oid()) return &meter;
  }
  return nullptr;
}

CounterCheck Check(const ev::Meter& before, const ev::Meter& after, std::span<const TestJob> jobs) {
  CounterCheck check{.meter = after};
  check.moved = static_cast<std::int64_t>(after.value() - before.value());
  if (!IsTrusted(before) || !IsTrusted(after) || before.epoch() != after.epoch()) {
    check.note = "the collector does not trust one of its two values";
    return check;
  }
  check.expected = Expected(after.kind(), jobs);
  if (!check.expected.has_value()) {
    check.note = "what it counts, a test set does not say";
    return check;
  }
  const std::uint64_t moved = static_cast<std::uint64_t>(*check.moved);
  if (moved == *check.expected) {
    check.fit = moved == 0 ? CounterFit::kNotTested : CounterFit::kFits;
    return check;
  }
  ev::MeterKind sheets = after.kind();
  sheets.set_unit(ev::METER_UNIT_SHEETS);
  if (after.kind().unit() == ev::METER_UNIT_PAGES && Expected(sheets, jobs) == moved) {
    check.fit = CounterFit::kFits;  // "Pages, as the vendor counts them."
    check.note = "counts sheets";
    return check;
  }
  check.fit = CounterFit::kDoesNot;
  check.note = LooksLike(after.kind(), moved, jobs);
  return check;
}

}  // namespace

absl::StatusOr<std::vector<TestJob>> ParseTestSet(std::string_view text) {
  std::vector<TestJob> jobs;
  for (const std::string_view part : Split(text, ';')) {
    TestJob job;
    for (const std::string_view word : Split(part, ' ')) {
      if (word.empty() || TakeWord(word, job)) continue;
      return base::InvalidArgument(
          "--set: \"",
          word,
          "\" is none of: a number of pages, print, copy, fax, report, scan, mono, colour, "
          "one-sided, two-sided, a3, a4, a5, letter, legal, ledger");
    }
    if (job.pages == 0 || job.pages > kPagesMax) {
      return base::InvalidArgument(
          "--set: \"", part, "\" needs a number of pages from 1 to ", kPagesMax);
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::string JobWords(const TestJob& job) {
  std::string medium;
  for (const Medium& each : kMedia) {
    if (each.size == job.media_size) medium = each.word;
  }
  if (medium.size() == 2) medium[0] = 'A';
  return StrCat(job.pages,
                job.pages == 1 ? " page: " : " pages: ",
                EnumWords(ev::MeterFunction_Name(job.function), "METER_FUNCTION_"),
                job.colour ? ", colour" : ", black and white",
                job.two_sided ? ", two-sided, " : ", one-sided, ",
                medium);
}

std::string_view FitWord(CounterFit fit) {
  switch (fit) {
    case CounterFit::kFits:
      return "fits";
    case CounterFit::kDoesNot:
      return "does not fit";
    case CounterFit::kNotTested:
      return "not tested";
    case CounterFit::kNotThere:
      return "not there";
    case CounterFit::kNotJudged:
      return "not judged";
  }
  return "not judged";
}

std::vector<CounterCheck> CheckCounters(const ev::MeterReading& before,
                                        const ev::MeterReading& after,
                                        std::span<const TestJob> jobs) {
  std::vector<CounterCheck> checks;
  for (const ev::Meter& meter : after.meters()) {
    const ev::Meter* earlier = Find(before, meter);
    if (earlier != nullptr) {
      checks.push_back(Check(*earlier, meter, jobs));
    } else {
      checks.push_back(
          {.meter = meter, .fit = CounterFit::kNotThere, .note = "not in the reading before"});
    }
  }
  for (const ev::Meter& meter : before.meters()) {
    if (Find(after, meter) != nullptr) continue;
    checks.push_back(
        {.meter = meter, .fit = CounterFit::kNotThere, .note = "not in the reading after"});
  }
  return checks;
}

std::string ProfileLines(std::span<const CounterCheck> checks, std::string_view how) {
  std::string lines;
  std::string profile;
  for (const CounterCheck& check : checks) {
    const std::string& rule = check.meter.rule();
    const std::size_t slash = rule.find('/');
    if (check.fit != CounterFit::kFits || slash == std::string::npos ||
        check.meter.source() != ev::METER_SOURCE_VENDOR ||
        check.meter.assurance() != ev::METER_ASSURANCE_ASSUMED) {
      continue;
    }
    profile = rule.substr(0, rule.find('@'));
    lines += StrCat("  - name: ", rule.substr(slash + 1), "\n");
    lines += StrCat("    assurance: verified\n");
    lines += StrCat("    source: \"compared with a printed test set: ", how, "\"\n");
  }
  if (lines.empty()) return {};
  return StrCat("# profiles/",
                profile,
                ".yaml: count its version up, and change these meters\n",
                "meters:\n",
                lines);
}

}  // namespace platen::platenctl
