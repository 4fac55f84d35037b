#include "libs/broker/kafka/tls_material.h"

#include <utility>

namespace platen::broker::kafka {

TlsMaterial::TlsMaterial(TlsFileContents first, OnTlsUse on_use)
    : on_use_(std::move(on_use)),
      current_(std::make_shared<const TlsVersion>(
          TlsVersion{.number = number_, .files = std::move(first)})) {}

std::shared_ptr<const TlsVersion> TlsMaterial::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void TlsMaterial::Replace(TlsFileContents files) {
  const std::lock_guard lock(mutex_);
  std::erase_if(former_, [](const auto& former) { return former.expired(); });
  former_.emplace_back(current_);
  current_ = std::make_shared<const TlsVersion>(
      TlsVersion{.number = number_ + 1, .files = std::move(files)});
  ++number_;
}

std::size_t TlsMaterial::former_users() const {
  const std::lock_guard lock(mutex_);
  std::size_t users = 0;
  for (const auto& former : former_) users += static_cast<std::size_t>(former.use_count());
  return users;
}

void TlsMaterial::TellUse(std::string_view client, const TlsVersion& version) const {
  if (on_use_) on_use_(client, version);
}

}  // namespace platen::broker::kafka
