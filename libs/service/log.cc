#include "libs/service/log.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "libs/base/status.h"
#include "libs/service/json.h"

namespace platen::service {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

// What is installed. The pool outlives the logger that queues into it.
struct Backend {
  LogFormat format = LogFormat::kText;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger;
};

std::atomic<LogLevel> log_level{LogLevel::kInfo};
std::atomic<std::uint64_t> dropped_before{0};  // By backends that are gone.
std::mutex backend_mutex;
std::shared_ptr<const Backend> backend;

std::shared_ptr<const Backend> CurrentBackend() {
  const std::lock_guard lock(backend_mutex);
  return backend;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// In text only what could break the line or hide its end is quoted.
void AppendTextString(std::string& out, std::string_view text) {
  const bool plain =
      !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (plain) {
    out += text;
  } else {
    AppendJsonString(out, text);
  }
}

void AppendValue(std::string& out, LogFormat format, const LogField::Value& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string_view>) {
          format == LogFormat::kJson ? AppendJsonString(out, v) : AppendTextString(out, v);
        } else if constexpr (std::is_same_v<T, bool>) {
          out += v ? "true" : "false";
        } else if constexpr (std::is_same_v<T, double>) {
          out += std::isfinite(v) ? base::StrCat(v) : "null";
        } else {
          out += base::StrCat(v);
        }
      },
      value);
}

template <class Enum, std::size_t N>
absl::StatusOr<Enum> Choose(std::string_view what,
                            std::string_view name,
                            const char* const (&names)[N]) {
  std::string choices;
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
    choices += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  return base::InvalidArgument("unknown ", what, " '", name, "'; choose one of: ", choices);
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(std::string_view name) {
  return Choose<LogLevel>("log level", name, {"debug", "info", "warning", "error"});
}

absl::StatusOr<LogFormat> ParseLogFormat(std::string_view name) {
  return Choose<LogFormat>("log format", name, {"text", "json"});
}

std::string FormatLogLine(LogFormat format, std::string_view message, LogFields fields) {
  std::string out;
  if (format == LogFormat::kJson) {
    out += "\"message\":";
    AppendJsonString(out, message);
    for (const LogField& field : fields) {
      out += ',';
      AppendJsonString(out, field.key);
      out += ':';
      AppendValue(out, format, field.value);
    }
    return out;
  }
  out += message;
  for (const LogField& field : fields) {
    out += base::StrCat(" ", field.key, "=");
    AppendValue(out, format, field.value);
  }
  return out;
}

bool LogEnabled(LogLevel level) {
  return level >= log_level.load(std::memory_order_relaxed);
}

void Log(LogLevel level, std::string_view message, LogFields fields) {
  if (!LogEnabled(level)) return;
  const std::shared_ptr<const Backend> current = CurrentBackend();
  if (current == nullptr) {
    const std::string line = FormatLogLine(LogFormat::kText, message, fields) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
    return;
  }
  const std::string line = FormatLogLine(current->format, message, fields);
  current->logger->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

InstalledLog::InstalledLog(const LogOptions& options) {
  auto installed = std::make_shared<Backend>();
  installed->format = options.format;
  installed->pool = std::make_shared<spdlog::details::thread_pool>(options.queue_lines_max, 1);
  spdlog::sink_ptr sink;
  if (options.target == LogTarget::kStandardOutput) {
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  installed->logger = std::make_shared<spdlog::async_logger>(
      "platen", std::move(sink), installed->pool, spdlog::async_overflow_policy::overrun_oldest);
  installed->logger->set_level(spdlog::level::trace);  // LogEnabled() decides.
  installed->logger->set_pattern(options.format == LogFormat::kJson ? kJsonPattern : kTextPattern,
                                 spdlog::pattern_time_type::utc);
  // A line must not wait in a buffer for the next one: whoever watches the log sees it as it is
  // written.
  installed->logger->flush_on(spdlog::level::trace);
  SetLogLevel(options.level);
  const std::lock_guard lock(backend_mutex);
  backend = std::move(installed);
}

InstalledLog::~InstalledLog() {
  std::shared_ptr<const Backend> last;
  {
    const std::lock_guard lock(backend_mutex);
    last = std::move(backend);
    backend = nullptr;
  }
  // Ending the pool writes what is queued; a flush would take a place in the queue and drop a line.
  dropped_before += last->pool->overrun_counter();
}

void SetLogLevel(LogLevel level) {
  log_level.store(level, std::memory_order_relaxed);
}

std::uint64_t DroppedLogLines() {
  const std::shared_ptr<const Backend> current = CurrentBackend();
  return dropped_before + (current == nullptr ? 0 : current->pool->overrun_counter());
}

}  // namespace platen::service
