// Preloaded into a service: the disk under one of its folders fails now and then.
//
// PLATEN_FAILING_DISK names the folder, PLATEN_FAILING_DISK_CONTROL a file of eight words of 8
// bytes in the machine's order, which this process shares with whoever arms it:
//   0  one call in so many fails; 0: the disk is well
//   1  seed: it and the number of the call decide which fail, and how
//   2  calls so far, while armed
//   3  calls that failed with EIO and wrote nothing
//   4  short writes: half was written, as the call said
//   5  torn writes: half was written, and the call failed with EIO
//   6  calls of fsync and fdatasync that failed with EIO
// Which calls those are: write, pwrite, fsync, fdatasync.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

enum Word { kOneIn, kSeed, kCalls, kFailed, kShort, kTorn, kSyncs, kWords = 8 };

using Control = std::array<std::atomic<std::uint64_t>, kWords>;

Control* g_control = nullptr;
std::string_view g_folder;

[[gnu::constructor]] void Open() {
  const char* folder = std::getenv("PLATEN_FAILING_DISK");
  const char* path = std::getenv("PLATEN_FAILING_DISK_CONTROL");
  const int file = folder == nullptr || path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void* mapped = mmap(nullptr, sizeof *g_control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return;
  g_folder = folder;
  g_control = static_cast<Control*>(mapped);
}

bool IsThere(int file) {
  char link[32];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path);
  return size > 0 && std::string_view(path, static_cast<std::size_t>(size)).starts_with(g_folder);
}

// splitmix64.
std::uint64_t Mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// 0 where this call is to go through; else what decides how it fails.
std::uint64_t Fate(int file) {
  if (g_control == nullptr) return 0;
  Control& control = *g_control;
  const std::uint64_t one_in = control[kOneIn].load(std::memory_order_relaxed);
  if (one_in == 0 || !IsThere(file)) return 0;
  const std::uint64_t fate = Mixed(control[kSeed].load() ^ (control[kCalls].fetch_add(1) << 20));
  return fate % one_in == 0 ? fate / one_in | 1 : 0;
}

int Fail(Word what) {
  (*g_control)[what].fetch_add(1);
  errno = EIO;
  return -1;
}

template <class Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// `really` writes so many bytes.
template <class Really>
ssize_t Write(int file, std::size_t size, const Really& really) {
  const std::uint64_t fate = Fate(file);
  if (fate == 0) return really(size);
  const std::uint64_t kind = size < 2 ? 0 : (fate >> 1) % 3;
  if (kind == 0) return Fail(kFailed);
  const ssize_t half = really(size / 2);
  if (half < 0) return half;
  if (kind == 1) return Fail(kTorn);
  (*g_control)[kShort].fetch_add(1);
  return half;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* data, std::size_t size) {
  static const auto real = Real<ssize_t (*)(int, const void*, std::size_t)>("write");
  return Write(file, size, [&](std::size_t bytes) { return real(file, data, bytes); });
}

ssize_t pwrite(int file, const void* data, std::size_t size, off_t offset) {
  static const auto real = Real<ssize_t (*)(int, const void*, std::size_t, off_t)>("pwrite");
  return Write(file, size, [&](std::size_t bytes) { return real(file, data, bytes, offset); });
}

ssize_t pwrite64(int file, const void* data, std::size_t size, off64_t offset) {
  static const auto real = Real<ssize_t (*)(int, const void*, std::size_t, off64_t)>("pwrite64");
  return Write(file, size, [&](std::size_t bytes) { return real(file, data, bytes, offset); });
}

int fsync(int file) {
  static const auto real = Real<int (*)(int)>("fsync");
  return Fate(file) == 0 ? real(file) : Fail(kSyncs);
}

int fdatasync(int file) {
  static const auto real = Real<int (*)(int)>("fdatasync");
  return Fate(file) == 0 ? real(file) : Fail(kSyncs);
}

}  // extern "C"
