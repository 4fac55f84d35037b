// Reading whole subtrees: GETBULK, or GETNEXT where an agent cannot do better.
//
// Several subtrees advance together, as the columns of one request, which for a table's columns is
// the fewest packets there are. The walk ends however an agent behaves: each answer must bring
// names that increase, the total is bounded, and an agent that refuses or falls silent is asked for
// less, and then left alone. What was learned (version, sizes) goes into the caller's AgentLimits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "libs/snmp/dialogue.h"

namespace platen::snmp {

// How one subtree's reading ended. Only kComplete proves that what was not read does not exist.
enum class SubtreeEnd : std::uint8_t {
  kReading,
  kComplete,
  kNotIncreasing,  // The agent went in circles.
  kRefused,        // An error, also when asked for one name at a time.
  kCut,            // WalkOptions::varbinds_max was reached.
  kSilent,         // No answer.
};

std::string_view Name(SubtreeEnd end);

struct WalkOptions {
  std::vector<Oid> subtrees;
  // By subtree: the name behind which it is read; shorter, or empty, where it is read from its
  // start. REQUIRES: each lies in its subtree.
  std::vector<Oid> after;
  std::size_t varbinds_max = 20000;  // In all subtrees together.
  std::size_t columns_max = 4;       // Subtrees that advance in one request.
  std::size_t rows_max = 255;        // That one request asks for.
  bool allow_v1 = true;              // May fall back to SNMPv1.
};

class Walk final : public Dialogue {
 public:
  // Borrows `limits`. REQUIRES: no subtree is the empty OID.
  Walk(WalkOptions options, AgentLimits& limits);

  std::optional<RequestSpec> Next() override;
  // The varbinds that lie inside the subtrees, by column and increasing in each.
  std::span<const VarbindView> OnResponse(const MessageView& response) override;
  void OnTimeout() override;

  // One for each of WalkOptions::subtrees.
  const std::vector<SubtreeEnd>& ends() const { return ends_; }

  // Every subtree was read to its end.
  bool complete() const;

  std::size_t varbinds() const { return total_; }

 private:
  void ChooseColumns();
  void TakeRows(const MessageView& response);
  void Take(std::size_t column, const VarbindView& varbind);
  void OnRefusal(const MessageView& response);
  // Asks for less: from now on of `limits_`, or until the column that the agent fails at is given
  // up of `narrow_`.
  void AskForLess(AgentLimits& limits);

  void EndColumn(std::size_t column, SubtreeEnd end);

  void EndAll(SubtreeEnd end);

  bool bulk() const { return limits_.version != Version::kV1 && answers() >= 2; }

  std::size_t answers() const { return std::min(limits_.answers_max, narrow_.answers_max); }

  WalkOptions options_;
  AgentLimits& limits_;
  static constexpr AgentLimits kWide{.names_max = 255, .answers_max = 255};

  AgentLimits narrow_ = kWide;
  Patience patience_;
  std::vector<Oid> last_;  // By subtree: the last name read in it, at first the subtree itself.
  std::vector<SubtreeEnd> ends_;      // By subtree.
  std::vector<std::size_t> columns_;  // Of the present request: indexes of subtrees.
  std::vector<OidView> names_;        // Of the present request.
  std::vector<VarbindView> taken_;
  std::size_t total_ = 0;
};

}  // namespace platen::snmp
