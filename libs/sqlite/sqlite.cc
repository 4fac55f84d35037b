#include "libs/sqlite/sqlite.h"

#include <utility>

#include <sqlite3.h>

#include "libs/base/status.h"

namespace platen::sqlite {
namespace {

absl::StatusCode CodeOf(int result) {
  switch (result & 0xFF) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status Failure(sqlite3* handle, int result, std::string_view tried) {
  return base::Error(CodeOf(result), tried, ": ", sqlite3_errmsg(handle));
}

}  // namespace

bool IsStoreFailure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

Statement::Statement(sqlite3* database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

// A failed bind (an index that is not there) shows as an error of the next Step().
Statement& Statement::Bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

Statement& Statement::BindText(int index, std::string_view text) {
  sqlite3_bind_text64(statement_, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  // A null pointer would bind NULL; an empty blob is a value.
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::BindNull(int index) {
  sqlite3_bind_null(statement_, index);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  absl::Status status = Failure(database_, result, "the store failed");
  Reset();
  return status;
}

absl::Status Statement::Run() {
  PLATEN_ASSIGN_OR_RETURN(const bool row, Step());
  static_cast<void>(row);
  Reset();
  return absl::OkStatus();
}

void Statement::Reset() {
  sqlite3_reset(statement_);
}

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::Bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& file,
                                                         const OpenOptions& options) {
  const std::string named =
      options.named_by.empty() ? "" : base::StrCat(" (", options.named_by, ")");
  const std::string tried = base::StrCat("opening ", file, named);
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (result != SQLITE_OK) return Failure(handle, result, tried);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  // Locking comes before all that reads the file: only then does a log do without shared memory.
  // SQLite counts its cache in KiB where the number is negative.
  absl::Status status =
      database->Execute(base::StrCat(options.exclusive ? "PRAGMA locking_mode=EXCLUSIVE;" : "",
                                     "PRAGMA cache_size=-",
                                     options.cache_bytes / 1024,
                                     "; PRAGMA temp_store=MEMORY;"));
  if (status.ok() && !options.read_only) {
    status = database->Execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
        "PRAGMA journal_size_limit=67108864;");
  }
  if (!status.ok()) return base::Annotate(status, tried);
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

absl::Status Database::Execute(const std::string& sql) {
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : Failure(handle_, result, "the store failed");
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_,
                                        sql.data(),
                                        static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT,
                                        &statement,
                                        nullptr);
  if (result != SQLITE_OK) return Failure(handle_, result, "preparing a statement");
  return Statement(handle_, statement);
}

absl::StatusOr<std::optional<std::int64_t>> Database::QueryInt(std::string_view sql) {
  PLATEN_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  PLATEN_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? std::optional(statement.Int(0)) : std::nullopt;
}

int Database::changes() const {
  return sqlite3_changes(handle_);
}

std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_);
}

}  // namespace platen::sqlite
