// Reading single objects by name, in as few GETs as the agent lets it.
//
// An agent that finds a request too big is asked for half as many names, down to one, now and
// later. One that fails at a name (genErr) is asked for that name alone, and for the rest as
// before. In SNMPv1 one missing object fails a whole GET: it is dropped, reported as noSuchObject
// as v2c would have done, and the rest asked again.
#pragma once

#include <vector>

#include "libs/snmp/dialogue.h"

namespace platen::snmp {

enum class FetchEnd : std::uint8_t { kReading, kComplete, kSilent };

struct FetchOptions {
  std::vector<Oid> names;
  bool allow_v1 = true;  // May fall back to SNMPv1.
};

class Fetch final : public Dialogue {
 public:
  // Borrows `limits`.
  Fetch(FetchOptions options, AgentLimits& limits);

  std::optional<RequestSpec> Next() override;
  // Each name once, in the order asked for as far as the agent keeps it; what the agent does not
  // have comes as one of v2c's exceptions. Names in refused() never come.
  std::span<const VarbindView> OnResponse(const MessageView& response) override;
  void OnTimeout() override;

  FetchEnd end() const;

  // How many names the agent failed at, each on its own.
  std::size_t refused() const { return refused_; }

 private:
  void ChooseNames();
  void TakeAnswers(const MessageView& response);
  void OnRefusal(const MessageView& response);
  void AskForLess();
  void Isolate(std::size_t index, bool says_which);

  void DropPending(std::size_t index) {
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  FetchOptions options_;
  AgentLimits& limits_;
  Patience patience_;
  std::vector<std::size_t>
      pending_;  // Indexes of names not answered yet; the present request has the first ones.
  std::vector<OidView> names_;  // Of the present request.
  std::vector<VarbindView> taken_;
  std::size_t refused_ = 0;
  // Names in one request until the one that the agent fails at is found.
  std::size_t narrow_ = kMaxVarbinds;
  bool suspects_ = false;  // The present request's only name is the one that the agent blamed.
  bool silent_ = false;
};

}  // namespace platen::snmp
