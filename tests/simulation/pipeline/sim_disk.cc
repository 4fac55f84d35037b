#include "tests/simulation/pipeline/sim_disk.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <sqlite3.h>

#include "absl/base/internal/raw_logging.h"

namespace platen::simulation {
namespace {

constexpr char kPrefix[] = "/simulated-disk/";

// Disks by the prefix of their files' names. One thread runs the simulation.
std::map<std::string, SimDisk*>& Disks() {
  static std::map<std::string, SimDisk*> disks;
  return disks;
}

sqlite3_vfs* g_real = nullptr;

// Null where the name is of no simulated disk.
SimDisk* DiskOf(const char* name) {
  if (name == nullptr || std::strncmp(name, kPrefix, sizeof kPrefix - 1) != 0) return nullptr;
  const std::string path(name);
  const auto found = Disks().find(path.substr(0, path.find('/', sizeof kPrefix - 1) + 1));
  return found == Disks().end() ? nullptr : found->second;
}

// --- A file that is open -------------------------------------------------------------------------

struct Handle {
  SimDisk* disk = nullptr;
  std::shared_ptr<SimDisk::File> file;
};

struct OpenFile {
  sqlite3_file base;
  Handle* handle;
};

Handle& HandleOf(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file)->handle;
}

int Close(sqlite3_file* file) {
  delete reinterpret_cast<OpenFile*>(file)->handle;
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  const std::string& content = HandleOf(file).file->current;
  const auto offset = static_cast<std::size_t>(at);
  const auto wanted = static_cast<std::size_t>(bytes);
  const std::size_t there =
      offset >= content.size() ? 0 : std::min(wanted, content.size() - offset);
  if (there > 0) std::memcpy(to, content.data() + offset, there);
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  Handle& handle = HandleOf(file);
  return handle.disk->Write(
      *handle.file,
      static_cast<std::size_t>(at),
      std::string(static_cast<const char*>(from), static_cast<std::size_t>(bytes)),
      false);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = HandleOf(file);
  return handle.disk->Write(*handle.file, static_cast<std::size_t>(size), {}, true);
}

int Sync(sqlite3_file* file, int /*flags*/) {
  Handle& handle = HandleOf(file);
  return handle.disk->Sync(*handle.file);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(HandleOf(file).file->current.size());
  return SQLITE_OK;
}

int Lock(sqlite3_file* /*file*/, int /*level*/) {
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* /*file*/, int* is_reserved) {
  *is_reserved = 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int SectorSize(sqlite3_file* /*file*/) {
  return 512;
}

int Characteristics(sqlite3_file* /*file*/) {
  return 0;
}

const sqlite3_io_methods kMethods = {1,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Lock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     Characteristics,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr};

// --- The file system -----------------------------------------------------------------------------

int Open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  SimDisk* const disk = DiskOf(name);
  if (disk == nullptr) return g_real->xOpen(g_real, name, file, flags, flags_out);
  auto* const open = new (file) OpenFile{};
  auto content = disk->Open(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (content == nullptr) return SQLITE_CANTOPEN;
  open->base.pMethods = &kMethods;
  open->handle = new Handle{disk, std::move(content)};
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* /*vfs*/, const char* name, int sync) {
  SimDisk* const disk = DiskOf(name);
  if (disk == nullptr) return g_real->xDelete(g_real, name, sync);
  disk->Remove(name);
  return SQLITE_OK;
}

int Access(sqlite3_vfs* /*vfs*/, const char* name, int flags, int* is_there) {
  SimDisk* const disk = DiskOf(name);
  if (disk == nullptr) return g_real->xAccess(g_real, name, flags, is_there);
  *is_there = disk->Exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
  if (DiskOf(name) == nullptr) return g_real->xFullPathname(g_real, name, size, out);
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

// SQLite's own, but for names of simulated disks.
void RegisterOnce() {
  static sqlite3_vfs vfs;
  if (g_real != nullptr) return;
  g_real = sqlite3_vfs_find(nullptr);
  vfs = *g_real;
  vfs.zName = "simulated-disk";
  vfs.szOsFile = std::max(g_real->szOsFile, static_cast<int>(sizeof(OpenFile)));
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  ABSL_RAW_CHECK(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK, "SQLite takes another file system");
}

}  // namespace

SimDisk::SimDisk(std::string name, base::Random& random, const base::SimClock& clock)
    : prefix_(kPrefix + name + "/"), random_(random), clock_(clock) {
  RegisterOnce();
  Disks()[prefix_] = this;
}

SimDisk::~SimDisk() {
  Disks().erase(prefix_);
}

void SimDisk::Heal() {
  full_until_ = failing_until_ = busy_until_ = {};
  sync_time_max_ = {};
  writes_left_ = 0;
}

void SimDisk::Recover(bool power_lost) {
  killed_ = false;
  writes_left_ = 0;
  busy_until_ = {};
  for (auto& [name, file] : files_) {
    for (Change& change : std::exchange(file->changes, {})) {
      if (power_lost && random_.Chance(0.5)) continue;
      if (power_lost && !change.is_cut && random_.Chance(0.3)) {
        change.bytes.resize(random_.Below(change.bytes.size() + 1));
      }
      Apply(change, file->durable);
    }
    file->current = file->durable;
  }
}

std::shared_ptr<SimDisk::File> SimDisk::Open(const std::string& name, bool create) {
  const auto found = files_.find(name);
  if (found != files_.end()) return found->second;
  if (!create) return nullptr;
  return files_[name] = std::make_shared<File>();
}

void SimDisk::Remove(const std::string& name) {
  if (!killed_) files_.erase(name);
}

void SimDisk::Apply(const Change& change, std::string& content) {
  if (change.is_cut) {
    content.resize(std::min(content.size(), change.offset));
    return;
  }
  if (content.size() < change.offset + change.bytes.size()) {
    content.resize(change.offset + change.bytes.size());
  }
  std::memcpy(content.data() + change.offset, change.bytes.data(), change.bytes.size());
}

int SimDisk::Trouble() {
  if (killed_ || (writes_left_ > 0 && --writes_left_ == 0)) {
    killed_ = true;
    return SQLITE_IOERR;
  }
  if (clock_.Now() < failing_until_ && random_.Chance(0.5)) {
    ++failures_;
    return SQLITE_IOERR;
  }
  return SQLITE_OK;
}

int SimDisk::Write(File& file, std::size_t offset, std::string bytes, bool is_cut) {
  if (const int trouble = Trouble(); trouble != SQLITE_OK) return trouble;
  if (!is_cut && clock_.Now() < full_until_ && offset + bytes.size() > file.current.size()) {
    ++failures_;
    return SQLITE_FULL;
  }
  file.changes.push_back({offset, std::move(bytes), is_cut});
  Apply(file.changes.back(), file.current);
  return SQLITE_OK;
}

int SimDisk::Sync(File& file) {
  if (const int trouble = Trouble(); trouble != SQLITE_OK) return trouble;
  ++syncs_;
  if (sync_time_max_ > base::Duration(0)) {
    const auto most = static_cast<std::uint64_t>(base::ToMillis(sync_time_max_));
    busy_until_ =
        std::max(busy_until_, clock_.Now()) + std::chrono::milliseconds(random_.Below(most + 1));
  }
  for (const Change& change : file.changes) Apply(change, file.durable);
  file.changes.clear();
  return SQLITE_OK;
}

}  // namespace platen::simulation
