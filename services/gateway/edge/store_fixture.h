// A store in a temporary directory, and short ways to fill it, for tests.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "services/gateway/edge/store.h"
#include "services/gateway/test_events.h"

namespace platen::gateway::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "platen-gateway-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }

  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string File(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { Open(); }

  // Also what a restart does.
  void Open() {
    store_.reset();
    auto store = edge::Store::Open({.file = directory_.File("gateway.db")}, clock_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    reader_ = *store_->OpenReader();
  }

  // Registers one device at tenant acme's site hq.
  absl::StatusOr<std::vector<edge::Registered>> Register(const base::DeviceId& device,
                                                         const std::string& address,
                                                         const std::string& request = "") {
    edge::Registration registration{
        .place = {"acme", "hq"}, .device = device, .request_key = request};
    registration.target.set_address(address);
    registration.target.set_installation("default");
    registration.target.set_display_name("Printer " + address);
    return RegisterAll({std::move(registration)});
  }

  absl::StatusOr<std::vector<edge::Registered>> RegisterAll(
      std::vector<edge::Registration> registrations) {
    std::promise<absl::StatusOr<std::vector<edge::Registered>>> done;
    const absl::Status queued = store_->RegisterTargets(
        std::move(registrations), edge::Registering::kKeep, [&](const auto& result) {
          done.set_value(result);
        });
    if (!queued.ok()) return queued;
    return done.get_future().get();
  }

  // Admits and stores a batch, and waits until it is durable.
  absl::StatusOr<edge::BatchOutcome> StoreEvents(
      const std::vector<platen::event::v1::Event>& events,
      const std::string& installation = "default") {
    auto payload = std::make_shared<std::string>();
    std::vector<std::pair<std::size_t, std::size_t>> slices;
    for (const auto& event : events) {
      const std::string bytes = event.SerializeAsString();
      slices.emplace_back(payload->size(), bytes.size());
      *payload += bytes;
    }
    std::vector<std::string_view> views;
    for (const auto& [offset, size] : slices) {
      views.push_back(std::string_view(*payload).substr(offset, size));
    }
    auto batch =
        std::make_shared<core::AdmittedBatch>(store_->Admit(views, {.installation = installation}));
    std::promise<absl::StatusOr<edge::BatchOutcome>> done;
    const absl::Status queued = store_->StoreBatch(
        batch, payload, nullptr, [&](const auto& outcome) { done.set_value(outcome); });
    if (!queued.ok()) return queued;
    return done.get_future().get();
  }

  TemporaryDirectory directory_;
  base::SimClock clock_;
  std::unique_ptr<edge::Store> store_;
  std::unique_ptr<edge::Reader> reader_;
  EventMaker maker_;
};

}  // namespace platen::gateway::testing
