// The store's words for its file: those of libs/sqlite.
#pragma once

#include "libs/sqlite/sqlite.h"

namespace platen::gateway::edge {

using sqlite::Database;
using sqlite::IsStoreFailure;
using sqlite::Statement;

// The option that names the store's file.
inline constexpr std::string_view kStoreOption = "store.sqlite_file";

}  // namespace platen::gateway::edge
