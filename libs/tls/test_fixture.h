// Two parties that trust one authority, their files in a temporary directory, and what was refused.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/tls/credentials.h"
#include "libs/tls/openssl_policy.h"
#include "libs/tls/test_ca.h"
#include "libs/tls/test_grpc.h"

namespace platen::tls::testing {

// As a service's main does, before anything uses OpenSSL.
inline const absl::Status policy_installed = InstallOpenSslPolicy();

inline LeafOptions Named(const std::string& name) {
  return {.common_name = name,
          .alternative_names = {
              "DNS:" + name + ".platen.test", "DNS:localhost", "URI:spiffe://platen.test/" + name}};
}

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "platen-tls-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    Write("server", ca_.Issue(Named("gateway")));
    Write("client", ca_.Issue(Named("relay")));
    Write("ca.pem", ca_.cert_pem());
    Write("ca.crl", ca_.Crl());
  }

  ~CredentialsTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name) << content;
  }

  void Write(const std::string& name, const Leaf& leaf) const {
    Write(name + ".crt", leaf.cert_pem);
    Write(name + ".key", leaf.key_pem);
  }

  std::unique_ptr<Credentials> Make(const std::string& name, const std::string& domain = "") {
    CredentialsOptions options{.files = {.cert_file = directory_ / (name + ".crt"),
                                         .key_file = directory_ / (name + ".key"),
                                         .ca_file = directory_ / "ca.pem",
                                         .crl_file = directory_ / "ca.crl"},
                               .domain = domain,
                               // The tests call ReloadNow() themselves.
                               .reload_interval = std::chrono::seconds(30)};
    options.hooks.on_refused = [this](const Verdict& verdict) {
      const std::lock_guard lock(mutex_);
      refusals_.push_back(std::string(RefusalName(*verdict.refusal)));
      message_ = verdict.message;
    };
    options.hooks.on_reload = [this](const absl::Status& outcome) {
      const std::lock_guard lock(mutex_);
      reloads_.push_back(std::string(outcome.message()));
    };
    auto credentials = Credentials::Create(std::move(options), clock_);
    if (!credentials.ok()) ADD_FAILURE() << credentials.status();
    return credentials.ok() ? *std::move(credentials) : nullptr;
  }

  // A server that trusts ca_, and a raw client with this certificate.
  RawTlsOutcome Connect(const RawTlsOptions& options) {
    const auto credentials = Make("server");
    const TestServer server(credentials->ForServer());
    return RawConnect(server.port(), options);
  }

  // A gRPC client that trusts ca_, at a raw server with this certificate.
  grpc::Status CallAt(const Leaf& leaf) {
    const auto credentials = Make("client");
    const RawTlsServer server({.leaf = leaf});
    return Call(MakeChannel(server.target(), *credentials));
  }

  std::vector<std::string> refusals() {
    const std::lock_guard lock(mutex_);
    return refusals_;
  }

  const base::RealClock clock_;
  std::filesystem::path directory_;
  TestCa ca_;
  std::mutex mutex_;
  std::vector<std::string> refusals_;
  std::vector<std::string> reloads_;
  std::string message_;
};

}  // namespace platen::tls::testing
