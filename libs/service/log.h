// Structured logs: a message that never varies, and fields beside it, as one line of JSON or of
// text.
//
//   LogInfo("batch refused", {{"lane", "alerts"}, {"events", batch.size()}, {"reason",
//   status.message()}});
//
// Logging never blocks: lines wait in a bounded queue for a thread of their own; when it is full
// the oldest are dropped and counted. Fields never carry secrets, payloads, or what a person could
// be known by. All functions are thread-safe. Before InstallLog(), lines go to standard error as
// text, at once.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include <absl/status/statusor.h>

namespace platen::service {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };
enum class LogTarget { kStandardOutput, kStandardError };

// "debug", "info", "warning", "error"; "text", "json". kInvalidArgument with the choices otherwise.
absl::StatusOr<LogLevel> ParseLogLevel(std::string_view name);
absl::StatusOr<LogFormat> ParseLogFormat(std::string_view name);

// A key with its value, borrowed until the call returns.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}

  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}

  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}

  LogField(std::string_view k, absl::string_view v)
      : key(k), value(std::string_view(v.data(), v.size())) {}

  LogField(std::string_view k, bool v) : key(k), value(v) {}

  LogField(std::string_view k, double v) : key(k), value(v) {}

  template <std::signed_integral T>
  LogField(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}

  template <std::unsigned_integral T>
  LogField(std::string_view k, T v) : key(k), value(static_cast<std::uint64_t>(v)) {}

  std::string_view key;
  Value value;
};

using LogFields = std::initializer_list<LogField>;

bool LogEnabled(LogLevel level);
void Log(LogLevel level, std::string_view message, LogFields fields = {});

inline void LogDebug(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kDebug, message, fields);
}

inline void LogInfo(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kInfo, message, fields);
}

inline void LogWarning(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kWarning, message, fields);
}

inline void LogError(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kError, message, fields);
}

struct LogOptions {
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;
  LogTarget target = LogTarget::kStandardOutput;
  std::size_t queue_lines_max = 8192;
};

// Takes over the process's logging while it lives; the destructor writes what is queued. One at a
// time.
class InstalledLog {
 public:
  explicit InstalledLog(const LogOptions& options);
  ~InstalledLog();
  InstalledLog(const InstalledLog&) = delete;
  InstalledLog& operator=(const InstalledLog&) = delete;
};

// May be called at any time, by a reload for instance.
void SetLogLevel(LogLevel level);

// Lines dropped since the start because the queue was full.
std::uint64_t DroppedLogLines();

// The body of a line, without time and level: {…} members in JSON, or text. For tests of what is
// logged.
std::string FormatLogLine(LogFormat format, std::string_view message, LogFields fields);

}  // namespace platen::service
