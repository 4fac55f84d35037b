#include "tests/support/child_process.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/base/internal/raw_logging.h"

namespace platen::testing_support {

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  int ends[2] = {};
  ABSL_RAW_CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
  Start(arguments, ends[1], false);
  close(ends[1]);
  output_ = ends[0];
}

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::string& output) {
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ABSL_RAW_CHECK(file >= 0, "no output file");
  Start(arguments, file, true);
  close(file);
}

void ChildProcess::Start(const std::vector<std::string>& arguments,
                         int standard_output,
                         bool both) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_ = fork();
  ABSL_RAW_CHECK(pid_ >= 0, "no process");
  if (pid_ != 0) return;
  // Only what is safe between fork and exec. Killed with its parent, for a test that crashes or is
  // killed must leave nothing behind.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(standard_output, STDOUT_FILENO);
  if (both) dup2(standard_output, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(127);
}

ChildProcess::~ChildProcess() {
  if (!exit_code_.has_value()) {
    Signal(SIGTERM);
    // A program that does not end on being asked is ended.
    for (int i = 0; i < 500 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i) usleep(10'000);
    if (kill(pid_, 0) == 0) {
      Signal(SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  if (output_ >= 0) close(output_);
}

std::optional<std::string> ChildProcess::ReadLine() {
  while (true) {
    if (const std::size_t end = buffered_.find('\n'); end != std::string::npos) {
      std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      return line;
    }
    char chunk[4096];
    const ssize_t bytes = read(output_, chunk, sizeof chunk);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return std::nullopt;
    buffered_.append(chunk, static_cast<std::size_t>(bytes));
  }
}

void ChildProcess::Signal(int number) const {
  kill(pid_, number);
}

int ChildProcess::Wait() {
  if (!exit_code_.has_value()) {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return *exit_code_;
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(90);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

int RunProgram(const std::vector<std::string>& arguments) {
  return ChildProcess(arguments).Wait();
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "platen-test-XXXXXX").string();
  ABSL_RAW_CHECK(mkdtemp(pattern.data()) != nullptr, "no temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::Write(const std::string& name, const std::string& content) const {
  std::ofstream(File(name), std::ios::binary) << content;
  return File(name);
}

std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string SourceFile(const std::string& name) {
  const char* const root = std::getenv("PLATEN_SOURCE_DIR");
  return root == nullptr ? name : std::string(root) + "/" + name;
}

}  // namespace platen::testing_support
