// top, status.
#include <cstdlib>
#include <thread>

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/top_screen.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";  // Other screen, no cursor.
constexpr char kLeave[] = "\x1b[?25h\x1b[?1049l";

// Puts the terminal back, also at Ctrl-C.
class FullScreen {
 public:
  explicit FullScreen(std::ostream& out) : out_(out) {
    struct sigaction action {};

    action.sa_handler = [](int) {
      [[maybe_unused]] const ssize_t ignored = write(STDOUT_FILENO, kLeave, sizeof(kLeave) - 1);
      _exit(0);  // Leaving is no failure.
    };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    out_ << kEnter << std::flush;
  }

  ~FullScreen() { out_ << kLeave << std::flush; }

  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  static Screen Size() {
    Screen screen{.width = 100, .height = 40, .colour = std::getenv("NO_COLOR") == nullptr};
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
      screen.width = size.ws_col;
      screen.height = size.ws_row;
    }
    return screen;
  }

 private:
  std::ostream& out_;
};

// Everything, as wide as the terminal; in a file as wide as one reads well.
Screen Once(const Session& session) {
  return {.width = session.columns == 0 ? 120 : session.columns};
}

absl::StatusOr<TopState> Ask(Session& session) {
  TopState state{.gateway = session.context.gateway(), .now = session.clock.WallNow()};
  PLATEN_ASSIGN_OR_RETURN(state.status, AskStatus(session));
  fleet::ListAlertsRequest request;
  request.set_parent("tenants/-/sites/-/devices/-");
  request.set_open_only(true);
  request.set_page_size(50);
  fleet::ListAlertsResponse response;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.ListAlerts(&context, request, &response);
  }));
  state.open_alerts = {response.alerts().begin(), response.alerts().end()};
  return state;
}

absl::Status RunTop(Session& session) {
  const std::int64_t seconds = session.arguments.Number("interval", 1);
  absl::StatusOr<TopState> state = Ask(session);
  PLATEN_RETURN_IF_ERROR(state.status());
  if (session.arguments.Has("once") || isatty(STDOUT_FILENO) == 0) {
    session.out << RenderTop(*state, Once(session));
    return absl::OkStatus();
  }
  const FullScreen full_screen(session.out);
  while (true) {
    const Screen screen = FullScreen::Size();
    session.out << "\x1b[H";
    // A gateway that is away for a while is no reason to end: the last screen stays, with a word.
    std::string text = RenderTop(*state, screen);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 4) {
      text.insert(at, "\x1b[K");
    }
    session.out << text << "\x1b[J" << std::flush;
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    absl::StatusOr<TopState> next = Ask(session);
    if (next.ok()) {
      state = std::move(next);
    } else {
      state->gateway = session.context.gateway() + " (does not answer)";
    }
  }
}

absl::Status RunStatus(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  if (format == Format::kCsv) {
    return UsageError("status is no table; --output json is for programs");
  }
  if (format == Format::kJson) {
    PLATEN_ASSIGN_OR_RETURN(const fleet::PipelineStatus status, AskStatus(session));
    session.out << ToJson(status) << '\n';
    return absl::OkStatus();
  }
  PLATEN_ASSIGN_OR_RETURN(const TopState state, Ask(session));
  session.out << RenderTop(state, Once(session));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<fleet::PipelineStatus> AskStatus(Session& session) {
  fleet::PipelineStatus status;
  PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
    return stub.GetPipelineStatus(&context, {}, &status);
  }));
  return status;
}

Command TopCommand() {
  return {.name = "top",
          .help = "one live screen: devices by state, events a second per hop, open alerts",
          .options = {{"once", "", "print it once, as where standard output is no terminal"},
                      {"interval", "SECONDS", "between two looks; default 1", 1, 3600}},
          .run = RunTop};
}

Command StatusCommand() {
  return {
      .name = "status",
      .help = "what the pipeline does now",
      .options = {{"output", "FORMAT", "table or json (protobuf JSON, one line); default table"}},
      .run = RunStatus};
}

}  // namespace platen::platenctl
