// Preloaded into a service: its wall clock is off by what stands in a file, and steps when that
// changes. The monotonic clock goes on.
//
// The file holds milliseconds, 8 bytes in the machine's order; PLATEN_STEPPED_CLOCK names it. Waits
// until a wall-clock time are translated: as the process means them, with what the clock says as
// they begin. A wait under way does not notice a step, as it would if the machine's own clock
// stepped. libfaketime does as much for other programs; with jemalloc each waits for the other to
// be ready, and it does not see the futexes that Abseil waits on.
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr std::int64_t kNanos = 1'000'000'000;
// In glibc's condition variables: waits are by the monotonic clock.
constexpr unsigned kMonotonicMask = 2;

using Syscall = long (*)(long, ...);

std::atomic<std::int64_t>* g_millis = nullptr;

Syscall RealSyscall() {
  static const auto real = reinterpret_cast<Syscall>(dlsym(RTLD_NEXT, "syscall"));
  return real;
}

[[gnu::constructor]] void Open() {
  const char* path = std::getenv("PLATEN_STEPPED_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void* mapped = mmap(nullptr, sizeof *g_millis, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) g_millis = static_cast<std::atomic<std::int64_t>*>(mapped);
}

timespec Shifted(timespec time, int sign) {
  const std::int64_t millis = g_millis == nullptr ? 0 : g_millis->load(std::memory_order_relaxed);
  std::int64_t nanos = time.tv_nsec + sign * (millis % 1000) * 1'000'000;
  time.tv_sec += sign * (millis / 1000);
  if (nanos < 0 || nanos >= kNanos) {
    time.tv_sec += nanos < 0 ? -1 : 1;
    nanos += nanos < 0 ? kNanos : -kNanos;
  }
  time.tv_nsec = nanos;
  return time;
}

timespec ToSteppedTime(const timespec& real) {
  return Shifted(real, 1);
}

timespec ToRealTime(const timespec& stepped) {
  return Shifted(stepped, -1);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const long result = RealSyscall()(SYS_clock_gettime, clock, out);
  const bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && wall) *out = ToSteppedTime(*out);
  return static_cast<int>(result);
}

int gettimeofday(timeval* out, void*) noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *out = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

std::time_t time(std::time_t* out) noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* condition,
                           pthread_mutex_t* mutex,
                           const timespec* until) {
  if ((condition->__data.__wrefs & kMonotonicMask) != 0) {
    return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
  }
  const timespec real = ToRealTime(*until);
  return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &real);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  const timespec real = ToRealTime(*until);
  return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, &real);
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
  const timespec real = ToRealTime(*until);
  return sem_clockwait(semaphore, CLOCK_REALTIME, &real);
}

// Abseil's mutexes.
long syscall(long number, ...) noexcept {
  std::va_list list;
  va_start(list, number);
  long words[6];
  for (long& word : words) word = va_arg(list, long);
  va_end(list);
  timespec real;
  if (number == SYS_futex && (words[1] & FUTEX_CLOCK_REALTIME) != 0 && words[3] != 0) {
    real = ToRealTime(*reinterpret_cast<const timespec*>(words[3]));
    words[3] = reinterpret_cast<long>(&real);
  }
  return RealSyscall()(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

}  // extern "C"
