// The single rules of the certificate policy. Each answers with the reason in words, or nothing if
// it is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <openssl/x509.h>

#include "libs/tls/policy.h"
#include "libs/tls/x509.h"

namespace platen::tls {

struct Broken {
  Refusal refusal;
  std::string reason;  // "signed with SHA-1 (RSA-SHA1); re-issue it with SHA-256".
};

using RuleResult = std::optional<Broken>;

RuleResult CheckKey(const EVP_PKEY* key);
RuleResult CheckSignature(const X509* certificate);
RuleResult CheckSignature(const X509_CRL* list);
RuleResult CheckNames(const X509* leaf, const Expectation& expected);

// What an error of X509_verify_cert means here.
Broken FromVerifyError(int error);

// "spiffe://…" of a certificate with exactly one URI name of that scheme; empty otherwise.
std::string SpiffeIdOf(const AlternativeNames& names);

// Whether `name` is `domain` or lies below it. Case does not matter.
bool InDomain(std::string_view name, std::string_view domain);

}  // namespace platen::tls
