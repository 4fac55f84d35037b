#include "libs/service/grpc_log.h"

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <grpc/support/log.h>

#include "libs/service/log.h"
#include "libs/service/log_limit.h"

namespace platen::service {
namespace {

// gRPC's function has no argument of ours: what it needs is the process's.
struct Receiver {
  Receiver(const base::Clock& clock, GrpcLog::HandshakeFailed handler)
      : on_handshake_failed(std::move(handler)), errors(clock) {}

  const GrpcLog::HandshakeFailed on_handshake_failed;
  LogLimit errors;
};

std::mutex receiver_mutex;
std::shared_ptr<Receiver> receiver;

void SetReceiver(std::shared_ptr<Receiver> changed) {
  const std::lock_guard lock(receiver_mutex);
  receiver = std::move(changed);
}

std::shared_ptr<Receiver> CurrentReceiver() {
  const std::lock_guard lock(receiver_mutex);
  return receiver;
}

// "Handshake failed with fatal error SSL_ERROR_SSL: error:0A0000C1:SSL routines::no shared cipher."
constexpr std::string_view kHandshake = "Handshake failed with fatal error";

std::string_view ReasonOf(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  std::string_view reason = line.substr(colon == line.npos ? 0 : colon + 1);
  if (reason.ends_with('.')) reason.remove_suffix(1);
  return reason;
}

LogLevel LevelOf(gpr_log_severity severity) {
  return severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarning : LogLevel::kDebug;
}

void Take(gpr_log_func_args* line) {
  const std::string_view message = line->message;
  const std::shared_ptr<Receiver> told = CurrentReceiver();
  if (message.starts_with(kHandshake)) {
    if (told != nullptr) told->on_handshake_failed(ReasonOf(message));
    return;
  }
  const LogLevel level = LevelOf(line->severity);
  std::optional<std::uint64_t> left_out = 0;
  if (told != nullptr && level == LogLevel::kWarning) left_out = told->errors.Permit();
  if (!left_out.has_value()) return;
  const std::string_view path = line->file;
  Log(level,
      "grpc",
      {{"says", message},
       {"file", path.substr(path.rfind('/') + 1)},
       {"line", line->line},
       {"not_logged", *left_out}});
}

}  // namespace

GrpcLog::GrpcLog(const base::Clock& clock, HandshakeFailed on_handshake_failed) {
  SetReceiver(std::make_shared<Receiver>(clock, std::move(on_handshake_failed)));
  gpr_set_log_function(Take);
}

GrpcLog::~GrpcLog() {
  SetReceiver(nullptr);
}

}  // namespace platen::service
