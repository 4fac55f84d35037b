#include "tools/platenctl/probe_process.h"

#include <filesystem>

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::platenctl {
namespace {

constexpr std::size_t kOutputBytesMax = 4 * 1024 * 1024;

std::string CollectorBeside(const std::string& program) {
  std::error_code ignored;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const std::filesystem::path& place : {self, std::filesystem::path(program)}) {
    const std::filesystem::path beside = place.parent_path() / "platen-collector";
    if (!place.empty() && std::filesystem::exists(beside, ignored)) return beside.string();
  }
  return "platen-collector";
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[8192];
  ssize_t got = 0;
  while ((got = read(fd, buffer, sizeof(buffer))) > 0 && text.size() < kOutputBytesMax) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

struct Finished {
  int exit_code = 0;
  std::string output;
};

absl::StatusOr<Finished> RunProgram(const std::vector<std::string>& words) {
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return base::Internal("pipe: ", base::ErrnoMessage(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_fds[1]);
  if (error != 0) {
    close(pipe_fds[0]);
    return base::NotFound(words[0], " can't be run: ", base::ErrnoMessage(error));
  }
  Finished finished{.output = ReadAll(pipe_fds[0])};
  close(pipe_fds[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return finished;
}

}  // namespace

absl::StatusOr<platen::event::v1::DeviceSnapshot> Probe(const std::string& program,
                                                        const ProbeRequest& request) {
  std::vector<std::string> words = {CollectorBeside(program), "probe", "--format", "json"};
  if (!request.community.empty()) words.insert(words.end(), {"--community", request.community});
  if (request.port != 0) words.insert(words.end(), {"--port", std::to_string(request.port)});
  words.push_back(request.address);
  PLATEN_ASSIGN_OR_RETURN(const Finished finished, RunProgram(words));
  platen::event::v1::DeviceSnapshot snapshot;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(finished.output, &snapshot, options);
  if (finished.output.empty() || !parsed.ok()) {
    return base::Unavailable("the probe of ",
                             request.address,
                             " brought nothing (exit code ",
                             finished.exit_code,
                             " of platen-collector probe)");
  }
  return snapshot;
}

}  // namespace platen::platenctl
