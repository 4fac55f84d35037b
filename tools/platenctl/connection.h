// The way to a gateway: which one, as whom, and calls with errors that say what to do.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "platen/config/v1/platenctl.pb.h"
#include "platen/fleet/v1/fleet.grpc.pb.h"
#include "platen/rules/v1/rules_service.grpc.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/tls/credentials.h"
#include "tools/platenctl/arguments.h"

namespace platen::platenctl {

// The context's file, and the options of the command line over it. kInvalidArgument lists all
// faults with file and line; kNotFound where neither a file nor options say which gateway.
absl::StatusOr<platen::config::v1::Platenctl> ReadContext(const Arguments& arguments);

// One gateway. Thread-compatible.
class Connection {
 public:
  using Stub = platen::fleet::v1::FleetService::Stub;
  using RulesStub = platen::rules::v1::RulesService::Stub;

  // `clock` must outlive the result.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const platen::config::v1::Platenctl& context,
      base::Duration timeout,
      const base::Clock& clock);

  // No gateway: each call answers with `why`.
  static std::unique_ptr<Connection> Absent(absl::Status why);

  // Runs one call with the deadline. The error is in words for people: what, where, what to do.
  absl::Status Call(const std::function<grpc::Status(Stub&, grpc::ClientContext&)>& call);
  // The same for orders about alerts.
  absl::Status CallRules(const std::function<grpc::Status(RulesStub&, grpc::ClientContext&)>& call);

  Stub& stub() { return *stub_; }

  // The same words for a stream's end.
  absl::Status Explain(const grpc::Status& status);

 private:
  Connection(std::string gateway, base::Duration timeout)
      : gateway_(std::move(gateway)), timeout_(timeout) {}

  void SetDeadline(grpc::ClientContext& context) const;

  const std::string gateway_;
  const base::Duration timeout_;
  absl::Status absent_;
  std::mutex mutex_;
  std::string refused_;  // Why the gateway's certificate is not trusted.
  std::unique_ptr<tls::Credentials> credentials_;
  std::unique_ptr<Stub> stub_;
  std::unique_ptr<RulesStub> rules_stub_;
};

}  // namespace platen::platenctl
