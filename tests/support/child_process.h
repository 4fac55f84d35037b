// A program that a test starts beside itself, and ends with itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace platen::testing_support {

// Thread-confined. The destructor ends the program (SIGTERM, then SIGKILL) and waits for it.
class ChildProcess {
 public:
  // Starts `arguments[0]` with the rest as arguments; standard output is read here, standard error
  // is the test's. Ends the test process where that can't be done.
  explicit ChildProcess(const std::vector<std::string>& arguments);
  // The same with both of its output streams in the file `output`, which is made anew; ReadLine()
  // has nothing.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& output);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The next line of standard output without its end; nullopt once the program has closed it.
  // Waits.
  std::optional<std::string> ReadLine();

  // Sends a signal to this process alone.
  void Signal(int number) const;

  // Waits for the end. The exit code, or 128 + the signal's number.
  int Wait();

  pid_t pid() const { return pid_; }

 private:
  // Both streams of the child go to `standard_output`, or the first one only.
  void Start(const std::vector<std::string>& arguments, int standard_output, bool both);

  pid_t pid_ = -1;
  // Where ReadLine() reads; -1 where the output is in a file.
  int output_ = -1;
  std::string buffered_;
  std::optional<int> exit_code_;
};

// Asks until `condition` holds; false if it still does not after a time that no working machine
// needs.
bool Eventually(const std::function<bool()>& condition);

// Runs a program to its end and returns its exit code.
int RunProgram(const std::vector<std::string>& arguments);

// A directory of its own below the system's temporary one, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

  std::string File(const std::string& name) const { return path_ + "/" + name; }

  // Writes `content` and returns the file's path.
  std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

// The whole file; empty where there is none.
std::string ReadWholeFile(const std::string& path);

// `name` below the source tree (PLATEN_SOURCE_DIR, which ctest sets; the working directory
// otherwise).
std::string SourceFile(const std::string& name);

}  // namespace platen::testing_support
