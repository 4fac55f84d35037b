// What a benchmark asks of the processes that it starts.
#pragma once

#include <sys/types.h>

namespace platen::bench {

// User and system time of a process so far (proc(5), stat, fields 14 and 15), in microseconds. Ends
// the program with 2 where it has ended.
double CpuMicrosOf(pid_t pid);

// What the kernel says of its memory (proc(5), status, VmRSS), in bytes. As above.
double ResidentBytesOf(pid_t pid);

// A port of loopback that nobody listens on. For programs that can't choose one themselves and tell
// it.
int FreePort();

}  // namespace platen::bench
