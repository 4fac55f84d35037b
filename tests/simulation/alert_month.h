// A month of a fleet of printers as the notifier would read it: what they tell of themselves, and
// when they do not answer. Everything is from one seed.
//
// The rates are assumptions of ours, none of them measured: what an office fleet does, as service
// people tell, rather too much than too little. They stand in alert_month.cc, each with its reason.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "libs/base/random.h"
#include "libs/base/time.h"

namespace platen::simulation {

struct MonthOptions {
  std::uint64_t seed = 1;
  int devices = 1000;
  int days = 30;
};

// What kinds of trouble there are, as indices of the table in alert_month.cc.
enum class TroubleKind : std::uint8_t;

// The beginning or end of one trouble of one device.
struct Happening {
  std::int64_t millis = 0;
  std::int32_t device = 0;
  TroubleKind kind{};
  bool ends = false;
  // How it ends.
  event::v1::AlertEnd end = event::v1::ALERT_END_UNSPECIFIED;
  // Which of its kind on this device, from 1.
  std::uint32_t number = 0;
};

class AlertMonth {
 public:
  explicit AlertMonth(const MonthOptions& options);

  // In the order of time.
  const std::vector<Happening>& happenings() const { return happenings_; }

  event::v1::Event EventOf(const Happening& happening) const;

  int sites() const { return static_cast<int>(sites_.size()); }

  base::WallTime begin() const;
  base::WallTime end() const;

 private:
  struct Device {
    int site = 0;
    // Impressions in a month, and on the counter at its beginning.
    double pages = 0;
    double total = 0;
    // Jams in 1,000 pages.
    double jams = 0;
    bool colour = false;
    // Somebody switches it off in the evening and at weekends.
    bool off_at_night = false;
    // It lists low supplies as alerts of its own.
    bool lists_supplies = false;
  };

  struct Site {
    std::string tenant;
    std::string name;
  };

  void MakeSites();
  void MakeTroubles(std::int32_t number);
  void MakeNights(std::int32_t number);
  void MakeOutages();
  // One trouble from a moment on, so long; the end only if it is within the month.
  void Add(std::int32_t device, TroubleKind kind, std::int64_t at_millis, double minutes);
  // A moment at which people work.
  std::int64_t WorkingMoment();
  std::int64_t AnyMoment();
  double Exponential(double mean);
  bool IsSilent(std::int32_t device, std::int64_t from, std::int64_t until) const;
  // How much of the month's work is done by then, 0 to 1.
  double WorkDone(std::int64_t millis) const;

  const MonthOptions options_;
  base::Random random_;
  std::vector<Site> sites_;
  std::vector<Device> devices_;
  std::vector<Happening> happenings_;
  // By device and kind, how many there were.
  std::vector<std::vector<std::uint32_t>> numbers_;
  // By device, when it does not answer.
  std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>> silences_;
};

}  // namespace platen::simulation
