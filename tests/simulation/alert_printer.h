// A printer with true conditions, as the simulation of the alert machine knows it: what ails it,
// and what it shows of that over SNMP, sooner or later, in as many views as its persona has.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/snmp/message.h"

namespace platen::collector {

// What kind of printer it is: drawn once for each seed.
struct Persona {
  bool rows = true;          // It has prtAlertTable,
  bool bits = true;          // hrPrinterDetectedErrorState,
  bool covers = false;       // prtCoverTable,
  bool levels = false;       // levels of supplies and trays,
  bool counts = true;        // prtAlertAllEvents and prtAlertCriticalEvents,
  bool times = true;         // and prtAlertTime.
  bool unary_toner = false;  // Toner low is an occurrence there.
  enum class Index : std::uint8_t { kGrowing, kSlots, kCompacted } index = Index::kGrowing;
  std::size_t table_size = 100;
  // How long after the trouble its row comes, and how long after its end row and bit go.
  base::Duration row_lag{};
  base::Duration row_tail{};
  base::Duration bit_tail{};
};

Persona DrawPersona(base::Random& random);

// A true condition.
struct Trouble {
  int kind = 0;  // Into kKinds.
  int place = 1;
  base::WallTime since;
  std::optional<base::WallTime> until;
  // Its row: whether it has come, its index and ticks; whether a full table has pushed it out.
  bool listed = false;
  bool unlisted = false;
  bool pushed_out = false;
  std::int64_t index = 0;
  std::uint64_t ticks = 0;
  std::uint64_t number = 0;  // Of the row, in the order in which rows were written.
};

struct Kind {
  std::string_view condition;
  int group;
  int code;
  int severity;
  int bit;  // Bit of hrPrinterDetectedErrorState.
  int places;
  std::int64_t slot;
};

inline constexpr std::array kKinds = {
    Kind{"jam", 13, 8, 3, 5, 1, 1},
    Kind{"cover-open", 6, 3, 3, 4, 1, 4},
    Kind{"no-paper", 8, 808, 3, 1, 3, 30},
    Kind{"low-toner", 11, 1104, 5, 2, 2, 50},
};
inline constexpr int kTonerKind = 3;

class AlertPrinter {
 public:
  AlertPrinter(const Persona& persona, base::Random& random, base::WallTime now);

  // Something may happen: conditions begin and end, rows come and go, it falls asleep or boots.
  void Advance(base::WallTime now);

  // No condition begins any more, and all end.
  void Calm(base::WallTime now);

  bool is_up(base::WallTime now) const { return now >= up_from_; }

  // Everything it answers, in order of names. The table may be seen while it is being written: then
  // a row lacks its last columns.
  std::vector<snmp::Varbind> Show(base::WallTime now, bool torn);

  const std::vector<Trouble>& troubles() const { return troubles_; }

  // Boots and resets of the table so far.
  const std::vector<base::WallTime>& resets() const { return resets_; }

  // Rows written in this life of the counters, and the numbers of those that are listed.
  std::uint64_t written() const { return events_; }

  std::vector<std::uint64_t> ListedNumbers() const;

 private:
  struct StatusLine {
    std::int64_t index;
    std::uint64_t ticks;
    int code;
    int severity;
    std::uint64_t number;
  };

  std::uint64_t Ticks(base::WallTime now) const;
  bool IsOpen(int kind, int place) const;
  bool MayBegin(int kind, int place, base::WallTime now) const;
  void Begin(int kind, base::WallTime now);
  void MayEnd(Trouble& trouble, base::WallTime now);
  void KeepTable(base::WallTime now);
  void List(Trouble& trouble, base::WallTime now);
  void MakeRoom();
  void Compact();
  void Whisper(base::WallTime now);
  void ToggleStatusLine(base::WallTime now);
  void Boot(base::WallTime now);
  void StartTableAnew(base::WallTime now);
  bool ShowsBit(const Trouble& trouble, base::WallTime now) const;
  bool IsTrue(const Trouble& trouble, base::WallTime now) const;
  std::uint64_t NextIndex(const Trouble& trouble);
  void ShowRows(base::WallTime now, bool torn, std::vector<snmp::Varbind>& shown) const;
  void ShowLevels(base::WallTime now, std::vector<snmp::Varbind>& shown) const;
  void ShowStatus(base::WallTime now, std::vector<snmp::Varbind>& shown) const;

  const Persona persona_;
  base::Random& random_;
  base::WallTime booted_;
  base::WallTime up_from_;
  base::WallTime lists_from_;
  std::vector<Trouble> troubles_;
  std::vector<base::WallTime> resets_;
  std::optional<StatusLine> status_line_;
  std::int64_t last_index_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t critical_ = 0;
  bool asleep_ = false;
};

}  // namespace platen::collector
