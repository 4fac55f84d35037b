#include "libs/tls/peer_registry.h"

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace platen::tls {
namespace {

Verdict Accept(const PeerRegistry::Peer&) {
  return {};
}

Verdict RefuseAll(const PeerRegistry::Peer&) {
  return {.refusal = Refusal::kRevoked};
}

Verdict RefuseBad(const PeerRegistry::Peer& peer) {
  return peer.chain.leaf_pem == "bad" ? RefuseAll(peer) : Accept(peer);
}

TEST(PeerRegistryTest, CutsOnlyWhomTheJudgeRefuses) {
  PeerRegistry registry;
  int good = 0;
  int bad = 0;
  const auto first = registry.Add({.chain = {.leaf_pem = "good"}, .cancel = [&] { ++good; }});
  const auto second = registry.Add({.chain = {.leaf_pem = "bad"}, .cancel = [&] { ++bad; }});

  EXPECT_EQ(registry.CutRefused(RefuseBad), 1);

  EXPECT_EQ(good, 0);
  EXPECT_EQ(bad, 1);
}

TEST(PeerRegistryTest, CutsAStreamOnce) {
  PeerRegistry registry;
  int cuts = 0;
  const auto registration = registry.Add({.cancel = [&] { ++cuts; }});
  EXPECT_EQ(registry.CutRefused(RefuseAll), 1);
  EXPECT_EQ(registry.CutRefused(RefuseAll), 0);
  EXPECT_EQ(cuts, 1);
}

TEST(PeerRegistryTest, ForgetsAStreamThatEnds) {
  PeerRegistry registry;
  int cuts = 0;
  {
    const auto registration = registry.Add({.cancel = [&] { ++cuts; }});
    EXPECT_EQ(registry.size(), 1u);
  }
  EXPECT_EQ(registry.size(), 0u);
  EXPECT_EQ(registry.CutRefused(RefuseAll), 0);
  EXPECT_EQ(cuts, 0);
}

TEST(PeerRegistryTest, ARegistrationMayBeMovedAndOutliveTheRegistry) {
  PeerRegistry::Registration kept;
  {
    PeerRegistry registry;
    auto registration = registry.Add({.cancel = [] {}});
    kept = std::move(registration);
    EXPECT_EQ(registry.size(), 1u);
  }
}

TEST(PeerRegistryTest, AStreamMayEndWithinItsCancel) {
  PeerRegistry registry;
  auto registration = std::make_unique<PeerRegistry::Registration>();
  *registration = registry.Add({.cancel = [&] { registration.reset(); }});
  EXPECT_EQ(registry.CutRefused(RefuseAll), 1);
  EXPECT_EQ(registry.size(), 0u);
}

TEST(PeerRegistryTest, AStreamThatEndsElsewhereWaitsForItsCancel) {
  PeerRegistry registry;
  std::promise<void> cancel_begins;
  std::atomic<bool> cancel_ended{false};
  auto registration = std::make_unique<PeerRegistry::Registration>();
  *registration = registry.Add({.cancel = [&] {
    cancel_begins.set_value();
    std::this_thread::yield();
    cancel_ended = true;
  }});
  std::thread cutter([&] { registry.CutRefused(RefuseAll); });
  cancel_begins.get_future().wait();

  registration.reset();

  EXPECT_TRUE(cancel_ended);
  cutter.join();
}

TEST(PeerRegistryTest, StreamsComeAndGoWhileOthersAreCut) {
  PeerRegistry registry;
  std::atomic<bool> stop{false};
  std::thread cutter([&] {
    while (!stop) registry.CutRefused(RefuseAll);
  });
  for (int i = 0; i < 2000; ++i) {
    auto alive = std::make_unique<int>(1);
    const auto registration = registry.Add({.cancel = [&alive] { ++*alive; }});
  }
  stop = true;
  cutter.join();
  EXPECT_EQ(registry.size(), 0u);
}

}  // namespace
}  // namespace platen::tls
