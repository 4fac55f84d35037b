#include "services/collector/core/profile_index.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "services/collector/core/profile.h"

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using snmp::operator""_oid;

TEST(ProfileIndexTest, APrefixEndsWithAnArc) {
  PrefixIndex index;
  index.Add("1.3.6.1.4.1.1"_oid, 0);
  index.Add("1.3.6.1.4.1.200.5"_oid, 1);  // 200 takes two bytes; the first of them looks like 129.

  EXPECT_EQ(index.Find("1.3.6.1.4.1.1.9"_oid), 0U);
  EXPECT_EQ(index.Find("1.3.6.1.4.1.200.5"_oid), 1U);
  EXPECT_EQ(index.Find("1.3.6.1.4.1.200.5.1"_oid), 1U);
  EXPECT_EQ(index.Find("1.3.6.1.4.1.200"_oid), std::nullopt);
  EXPECT_EQ(index.Find("1.3.6.1.4.1.128"_oid), std::nullopt);
  EXPECT_EQ(index.Find({}), std::nullopt);
}

TEST(ProfileIndexTest, WordsThatAPatternBeginsWithAreTold) {
  EXPECT_THAT(FirstWords("^Brother "), ElementsAre("Brother"));
  EXPECT_THAT(FirstWords("^Dell .*(Laser|Printer)"), ElementsAre("Dell"));
  EXPECT_THAT(FirstWords("^(KONICA MINOLTA|Develop) "), ElementsAre("KONICA", "Develop"));
  EXPECT_THAT(FirstWords("^(?:HP|Hewlett-Packard) x?"), ElementsAre("HP", "Hewlett-Packard"));
}

TEST(ProfileIndexTest, WhereThereIsNoSuchWordNoneIsTold) {
  for (const char* pattern : {"Aficio",
                              "^Aficio",
                              "^(TA_)?UTAX ",
                              "^(TA_)*UTAX ",
                              "^Acme ?x",
                              "^Acme +x",
                              "^A|B ",
                              "^(A|B)|C ",
                              "^((A)|B) ",
                              "^(A.|B) ",
                              "^A [(]|B ",
                              "^[A-Z] ",
                              "^(A|B",
                              "^ x",
                              "^",
                              ""}) {
    EXPECT_THAT(FirstWords(pattern), IsEmpty()) << pattern;
  }
}

// What ProfileSet::Match() means, said as simply as can be.
const Profile* Scan(const std::vector<Profile>& profiles, const DeviceTraits& traits) {
  const Profile* best = nullptr;
  std::size_t longest = 0;
  for (const Profile& profile : profiles) {
    for (const snmp::Oid& prefix : profile.match.sys_object_ids) {
      const std::size_t length = prefix.view().ber().size();
      if (!traits.sys_object_id.empty() && traits.sys_object_id.StartsWith(prefix) &&
          length > longest) {
        longest = length;
        best = &profile;
      }
    }
  }
  if (best != nullptr) return best;
  const auto first = [&profiles](const std::string& text, auto patterns_of) -> const Profile* {
    for (const Profile& profile : profiles) {
      for (const Pattern& pattern : patterns_of(profile)) {
        if (!text.empty() && Matches(pattern, text)) return &profile;
      }
    }
    return nullptr;
  };
  best = first(traits.sys_descr, [](const Profile& profile) { return profile.match.sys_descrs; });
  if (best != nullptr) return best;
  return first(traits.model, [](const Profile& profile) { return profile.match.models; });
}

// Makes profiles and devices that have much in common.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::vector<Profile> Profiles() {
    std::vector<Profile> profiles(1 + random_.Below(12));
    for (std::size_t i = 0; i < profiles.size(); ++i) {
      Profile& profile = profiles[i];
      profile.name = "p" + std::to_string(i);
      for (auto n = random_.Below(3); n > 0; --n) profile.match.sys_object_ids.push_back(Id());
      for (auto n = random_.Below(3); n > 0; --n) profile.match.sys_descrs.push_back(Expression());
      for (auto n = random_.Below(2); n > 0; --n) profile.match.models.push_back(Expression());
    }
    return profiles;
  }

  DeviceTraits Device() {
    DeviceTraits traits;
    if (random_.Below(2) == 0) traits.sys_object_id = Id();
    traits.sys_descr = Text();
    traits.model = Text();
    return traits;
  }

 private:
  snmp::Oid Id() {
    static constexpr std::uint32_t kArcs[] = {1, 127, 128, 200, 16384, 4294967295U};
    snmp::Oid oid = "1.3"_oid;
    for (auto n = random_.Below(4); n > 0; --n) oid = oid.Child(kArcs[random_.Below(6)]);
    return oid;
  }

  Pattern Expression() {
    static constexpr const char* kExpressions[] = {
        "^Acme ", "^(Acme|ACME) ", "^Acme X", "Acme", "^(OEM_)?Acme ", "^Other ", "1$", "^ACME X "};
    return *MakePattern(kExpressions[random_.Below(8)]);
  }

  std::string Text() {
    static constexpr const char* kTexts[] = {
        "", "Acme X 1", "ACME X 2", "Acme", "OEM_Acme 1", "Other\nAcme X", "An Acme 1", "Acme  X"};
    return kTexts[random_.Below(8)];
  }

  base::Random random_;
};

TEST(ProfileIndexTest, ALookupFindsWhatAskingEveryProfileFinds) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Maker maker(seed);
    const ProfileSet set(maker.Profiles());
    for (int i = 0; i < 20; ++i) {
      const DeviceTraits device = maker.Device();
      ASSERT_EQ(set.Match(device), Scan(set.profiles(), device))
          << "seed " << seed << ": " << device.sys_object_id.ToString() << ", " << device.sys_descr
          << ", " << device.model;
    }
  }
}

}  // namespace
}  // namespace platen::collector::core
