// A SELECT put together from conditions, with what they bind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/core/names.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

class Query {
 public:
  struct Blob {
    std::string bytes;
  };

  using Value = std::variant<std::int64_t, std::string, Blob>;

  explicit Query(std::string_view select) : sql_(select) {}

  // Adds `condition`, joined by AND; its '?' take `values` in order.
  Query& Where(std::string_view condition, std::vector<Value> values = {}) {
    sql_ += any_ ? " AND " : " WHERE ";
    sql_ += condition;
    any_ = true;
    return Append({}, std::move(values));
  }

  // Names after the device's or target's resource name `after`, in order of tenant, site and id;
  // all where it is empty. kInvalidArgument where it is no name.
  absl::Status AfterName(const std::string& after, std::string_view collection) {
    if (after.empty()) return absl::OkStatus();
    const absl::StatusOr<core::DevicePlace> last =
        core::ParseDevicePlace(after, collection, core::Wildcards::kRefused);
    if (!last.ok()) return last.status();
    Where("(tenant, site, id) > (?,?,?)",
          {last->place.tenant, last->place.site, Blob{std::string(last->device.bytes())}});
    return absl::OkStatus();
  }

  // The parts of `place` that are given, and the tenants that the caller may see (empty: all).
  Query& InPlace(const core::Place& place, const std::vector<std::string>& tenants) {
    if (!place.tenant.empty()) Where("tenant=?", {place.tenant});
    if (!place.site.empty()) Where("site=?", {place.site});
    if (tenants.empty()) return *this;
    std::string marks;
    for (std::size_t i = 0; i < tenants.size(); ++i) marks += i == 0 ? "?" : ",?";
    return Where("tenant IN (" + marks + ")", std::vector<Value>(tenants.begin(), tenants.end()));
  }

  // ORDER BY, LIMIT and the like.
  Query& Append(std::string_view text, std::vector<Value> values = {}) {
    sql_ += text;
    for (Value& value : values) values_.push_back(std::move(value));
    return *this;
  }

  // The statement, ready to step. This must outlive it.
  absl::StatusOr<Statement> Prepare(Database& database) const {
    absl::StatusOr<Statement> statement = database.Prepare(sql_);
    if (!statement.ok()) return statement;
    int index = 0;
    for (const Value& value : values_) {
      ++index;
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        statement->Bind(index, *number);
      } else if (const auto* blob = std::get_if<Blob>(&value)) {
        statement->BindBlob(index, blob->bytes);
      } else {
        statement->BindText(index, std::get<std::string>(value));
      }
    }
    return statement;
  }

 private:
  std::string sql_;
  std::vector<Value> values_;
  bool any_ = false;
};

}  // namespace platen::gateway::edge
