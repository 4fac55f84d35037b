// The one place where a peer is judged, for handshakes, calls and open streams alike.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/base/time.h"
#include "libs/tls/credentials.h"

namespace platen::tls {

// Thread-safe. Shared by the credentials, which replace what is trusted, and by what gRPC calls.
class Judge {
 public:
  // `clock` must outlive this.
  Judge(std::string domain,
        std::function<void(const Verdict&)> on_refused,
        const base::Clock& clock);

  // What is trusted from now on; also drops the remembered verdicts, so that time is asked again.
  void SetTrust(std::shared_ptr<const TrustStore> trust);

  // `host`: what was dialled, for servers; may carry a port. Tells on_refused where it refuses.
  Verdict Ask(const PeerChain& chain, PeerRole role, std::string_view host);

  // The same, but remembers accepting verdicts until the next SetTrust(): a call must not cost a
  // chain's verification.
  Verdict AskOften(const PeerChain& chain, PeerRole role);

 private:
  const std::string domain_;
  const std::function<void(const Verdict&)> on_refused_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const TrustStore> trust_;
  std::map<std::string, Verdict> accepted_;  // By role and leaf; at most kAcceptedMax.
};

// "host:443" and "[::1]:443" without the port.
std::string HostOf(std::string_view target);

}  // namespace platen::tls
