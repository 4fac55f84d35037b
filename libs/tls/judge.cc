#include "libs/tls/judge.h"

#include <utility>

namespace platen::tls {
namespace {

constexpr std::size_t kAcceptedMax = 4096;

}  // namespace

Judge::Judge(std::string domain,
             std::function<void(const Verdict&)> on_refused,
             const base::Clock& clock)
    : domain_(std::move(domain)), on_refused_(std::move(on_refused)), clock_(clock) {}

void Judge::SetTrust(std::shared_ptr<const TrustStore> trust) {
  const std::lock_guard lock(mutex_);
  trust_ = std::move(trust);
  accepted_.clear();
}

Verdict Judge::Ask(const PeerChain& chain, PeerRole role, std::string_view host) {
  std::shared_ptr<const TrustStore> trust;
  {
    const std::lock_guard lock(mutex_);
    trust = trust_;
  }
  Verdict verdict = trust->Verify(
      chain, {.role = role, .host = HostOf(host), .domain = domain_}, clock_.WallNow());
  if (!verdict.accepted() && on_refused_ != nullptr) on_refused_(verdict);
  return verdict;
}

Verdict Judge::AskOften(const PeerChain& chain, PeerRole role) {
  const std::string key =
      (role == PeerRole::kServer ? "s" : "c") + chain.leaf_pem + chain.chain_pem;
  std::shared_ptr<const TrustStore> before;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = accepted_.find(key); known != accepted_.end()) return known->second;
    before = trust_;
  }
  Verdict verdict = Ask(chain, role, "");
  const std::lock_guard lock(mutex_);
  // Not if trust changed meanwhile: the verdict may be of the former one.
  if (verdict.accepted() && trust_ == before) {
    if (accepted_.size() >= kAcceptedMax) accepted_.clear();
    accepted_.emplace(key, verdict);
  }
  return verdict;
}

std::string HostOf(std::string_view target) {
  if (target.starts_with('[')) return std::string(target.substr(1, target.find(']') - 1));
  const std::size_t colon = target.rfind(':');
  // More than one colon without brackets is an IPv6 address without port.
  if (colon == std::string_view::npos || target.find(':') != colon) return std::string(target);
  return std::string(target.substr(0, colon));
}

}  // namespace platen::tls
