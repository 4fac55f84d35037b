// SQLite as values: a connection, prepared statements, errors as absl::Status.
//
// Codes: kResourceExhausted (disk full), kUnavailable (I/O error, locked: try again later),
// kDataLoss (the file is corrupt), kInternal (a statement of ours is wrong). All four are failures
// of the store (IsStoreFailure), never of what is stored.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace platen::sqlite {

bool IsStoreFailure(const absl::Status& status);

// A prepared statement. Parameters count from 1, columns from 0. Views of columns are valid until
// the next Step() or Reset(). Thread-confined, with its connection.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* database, sqlite3_stmt* statement);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // The bytes bound must stay valid until Reset().
  Statement& Bind(int index, std::int64_t value);
  Statement& BindText(int index, std::string_view text);
  Statement& BindBlob(int index, std::string_view bytes);
  Statement& BindNull(int index);

  // True: there is a row. False: done.
  absl::StatusOr<bool> Step();
  // Runs to the end and resets; for statements without rows.
  absl::Status Run();
  void Reset();

  std::int64_t Int(int column) const;
  // Text or blob.
  std::string_view Bytes(int column) const;

  std::string String(int column) const { return std::string(Bytes(column)); }

  bool IsNull(int column) const;

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

// How a file is opened.
struct OpenOptions {
  bool read_only = false;
  // Nobody else may open it meanwhile, not even to read: kUnavailable where somebody has.
  bool exclusive = false;
  // How long a lock that another holds is waited for.
  std::chrono::milliseconds busy_timeout{5000};
  // Pages kept in memory, in bytes.
  std::int64_t cache_bytes = 64 << 20;
  // The configuration's option that names the file, for errors.
  std::string_view named_by;
};

// A connection. Thread-confined unless the owner locks.
class Database {
 public:
  // Opens or makes the file, in WAL mode with synchronous=FULL: a commit that returned is on the
  // disk.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& file,
                                                        const OpenOptions& options = {});
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::Status Execute(const std::string& sql);
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // The first column of the first row; absent where there is no row.
  absl::StatusOr<std::optional<std::int64_t>> QueryInt(std::string_view sql);

  // Rows that the last statement changed.
  int changes() const;
  std::int64_t last_insert_rowid() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
};

}  // namespace platen::sqlite
