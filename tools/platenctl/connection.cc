#include "tools/platenctl/connection.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/status.h"
#include "libs/service/config.h"

namespace platen::platenctl {
namespace {

using Context = platen::config::v1::Platenctl;

std::string DefaultContextFile() {
  if (const char* file = std::getenv("PLATENCTL_CONFIG"); file != nullptr) return file;
  const char* home = std::getenv("HOME");
  return base::StrCat(home == nullptr ? "" : home, "/.config/platen/platenctl.yaml");
}

absl::Status ReadFile(const Arguments& arguments, Context& context) {
  const bool named = arguments.Has("context") || std::getenv("PLATENCTL_CONFIG") != nullptr;
  const std::string file = arguments.Get("context", DefaultContextFile());
  std::error_code ignored;
  if (!named && !std::filesystem::exists(file, ignored)) return absl::OkStatus();
  service::FaultList faults;
  service::LoadConfig({.file = file}, context, faults);
  if (faults.empty()) return absl::OkStatus();
  std::string text = "the context can't be used:";
  for (const service::Fault& fault : faults.faults()) text += "\n  " + fault.ToString();
  return base::InvalidArgument(text);
}

void Override(const Arguments& arguments, std::string_view option, std::string* value) {
  if (arguments.Has(option)) *value = arguments.Get(option);
}

}  // namespace

absl::StatusOr<Context> ReadContext(const Arguments& arguments) {
  Context context;
  PLATEN_RETURN_IF_ERROR(ReadFile(arguments, context));
  Override(arguments, "gateway", context.mutable_gateway());
  Override(arguments, "cert", context.mutable_tls()->mutable_cert_file());
  Override(arguments, "key", context.mutable_tls()->mutable_key_file());
  Override(arguments, "ca", context.mutable_tls()->mutable_ca_file());
  Override(arguments, "crl", context.mutable_tls()->mutable_crl_file());
  const config::v1::Tls& tls = context.tls();
  if (context.gateway().empty() || tls.cert_file().empty() || tls.key_file().empty() ||
      tls.ca_file().empty() || tls.crl_file().empty()) {
    return base::NotFound(
        "it is not said which gateway to ask, and as whom.\n"
        "Give --gateway HOST:PORT --cert FILE --key FILE --ca FILE --crl FILE, or a context file "
        "that\n"
        "has them (--context FILE, $PLATENCTL_CONFIG, or ",
        DefaultContextFile(),
        ").");
  }
  if (context.tenant().empty()) context.set_tenant("default");
  if (context.site().empty()) context.set_site("default");
  return context;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Context& context,
                                                             base::Duration timeout,
                                                             const base::Clock& clock) {
  std::unique_ptr<Connection> connection(new Connection(context.gateway(), timeout));
  const config::v1::Tls& files = context.tls();
  PLATEN_ASSIGN_OR_RETURN(connection->credentials_,
                          tls::Credentials::Create(
                              {.files = {.cert_file = files.cert_file(),
                                         .key_file = files.key_file(),
                                         .ca_file = files.ca_file(),
                                         .crl_file = files.crl_file()},
                               .domain = files.domain(),
                               .hooks = {.on_refused =
                                             [raw = connection.get()](const tls::Verdict& verdict) {
                                               const std::lock_guard lock(raw->mutex_);
                                               raw->refused_ = verdict.message;
                                             }}},
                              clock));
  const auto channel = tls::MakeChannel(context.gateway(), *connection->credentials_);
  connection->stub_ = platen::fleet::v1::FleetService::NewStub(channel);
  connection->rules_stub_ = platen::rules::v1::RulesService::NewStub(channel);
  return connection;
}

std::unique_ptr<Connection> Connection::Absent(absl::Status why) {
  std::unique_ptr<Connection> connection(new Connection("", base::Duration::zero()));
  connection->absent_ = std::move(why);
  return connection;
}

void Connection::SetDeadline(grpc::ClientContext& context) const {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(timeout_).count();
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(millis, GPR_TIMESPAN)));
}

absl::Status Connection::Call(
    const std::function<grpc::Status(Stub&, grpc::ClientContext&)>& call) {
  PLATEN_RETURN_IF_ERROR(absent_);
  grpc::ClientContext context;
  SetDeadline(context);
  return Explain(call(*stub_, context));
}

absl::Status Connection::CallRules(
    const std::function<grpc::Status(RulesStub&, grpc::ClientContext&)>& call) {
  grpc::ClientContext context;
  SetDeadline(context);
  return Explain(call(*rules_stub_, context));
}

absl::Status Connection::Explain(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const std::string& said = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (!refused_.empty()) {
        return base::Error(code, "the gateway at ", gateway_, " is not trusted: ", refused_);
      }
      // A gateway that refuses our certificate closes the connection without a word.
      return base::Error(
          code,
          "the gateway at ",
          gateway_,
          " can't be reached: ",
          said,
          "\nIs it running there, and does it accept our certificate (its log says so if not)?");
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return base::Error(code,
                         "the gateway at ",
                         gateway_,
                         " did not answer within ",
                         base::ToSeconds(timeout_),
                         " s (--timeout SECONDS)");
    case grpc::StatusCode::UNAUTHENTICATED:
      return base::Error(code, "the gateway refuses our certificate: ", said);
    default:
      return base::Error(code, said);
  }
}

}  // namespace platen::platenctl
