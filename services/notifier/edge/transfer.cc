#include "services/notifier/edge/transfer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <sys/socket.h>

#include "libs/base/status.h"
#include "services/notifier/edge/address_policy.h"

namespace platen::notifier::edge {
namespace {

// An answer is read for its status; what a server says beyond this is cut off.
constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::size_t kRepliesMax = 64;

template <class Value>
void Set(CURL* handle, CURLoption option, Value value, CURLcode& outcome) {
  const CURLcode code = curl_easy_setopt(handle, option, value);
  if (outcome == CURLE_OK) outcome = code;
}

absl::Status ToStatus(CURLcode code) {
  if (code == CURLE_OK) return absl::OkStatus();
  return base::Internal("libcurl refuses an option: ", curl_easy_strerror(code));
}

// "550 5.1.1 <someone@example.com> unknown" → "550 5.1.1": who it was for is nobody's business.
std::string Shorten(std::string_view reply) {
  const std::size_t code_end = std::min<std::size_t>(reply.size(), 3);
  std::string shortened(reply.substr(0, code_end));
  const std::string_view rest = reply.substr(std::min<std::size_t>(reply.size(), 4));
  const std::size_t end = rest.find_first_not_of("0123456789.");
  const std::string_view enhanced = rest.substr(0, end);
  if (std::count(enhanced.begin(), enhanced.end(), '.') == 2 && enhanced.size() <= 11) {
    shortened += base::StrCat(" ", enhanced);
  }
  return shortened;
}

// TLS's own words say which certificate is wrong; all others are said in libcurl's fixed words,
// which hold no name, path or secret.
bool IsTlsFailure(CURLcode code) {
  return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CERTPROBLEM ||
         code == CURLE_USE_SSL_FAILED;
}

}  // namespace

Transfer::Transfer(TransferRequest request, Transfers::Done done)
    : request_(std::move(request)), done_(std::move(done)), handle_(curl_easy_init()) {}

Transfer::~Transfer() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(recipients_);
}

absl::Status Transfer::Prepare() {
  if (handle_ == nullptr) return base::Internal("libcurl has no handle to give");
  PLATEN_RETURN_IF_ERROR(PrepareCommon());
  return PrepareSmtp();
}

absl::Status Transfer::PrepareCommon() {
  CURLcode outcome = CURLE_OK;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(request_.timeout);
  Set(handle_, CURLOPT_PRIVATE, this, outcome);
  Set(handle_, CURLOPT_URL, request_.url.c_str(), outcome);
  Set(handle_, CURLOPT_PROTOCOLS_STR, "smtp,smtps", outcome);
  Set(handle_, CURLOPT_ERRORBUFFER, error_, outcome);
  Set(handle_, CURLOPT_NOSIGNAL, 1L, outcome);
  Set(handle_, CURLOPT_PROXY, "", outcome);
  Set(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(millis.count()), outcome);
  Set(handle_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2), outcome);
  Set(handle_, CURLOPT_SSL_VERIFYPEER, 1L, outcome);
  Set(handle_, CURLOPT_SSL_VERIFYHOST, 2L, outcome);
  if (!request_.ca_file.empty()) {
    Set(handle_, CURLOPT_CAINFO, request_.ca_file.c_str(), outcome);
  }
  if (!request_.cert_file.empty()) {
    Set(handle_, CURLOPT_SSLCERT, request_.cert_file.c_str(), outcome);
    Set(handle_, CURLOPT_SSLKEY, request_.key_file.c_str(), outcome);
  }
  Set(handle_, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnOpenSocket, outcome);
  Set(handle_, CURLOPT_OPENSOCKETDATA, this, outcome);
  Set(handle_, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader, outcome);
  Set(handle_, CURLOPT_HEADERDATA, this, outcome);
  Set(handle_, CURLOPT_WRITEFUNCTION, &Transfer::OnBody, outcome);
  Set(handle_, CURLOPT_WRITEDATA, this, outcome);
  return ToStatus(outcome);
}

absl::Status Transfer::PrepareSmtp() {
  CURLcode outcome = CURLE_OK;
  for (const std::string& recipient : request_.mail_to) {
    recipients_ = curl_slist_append(recipients_, recipient.c_str());
  }
  const long tls = request_.allow_plaintext ? CURLUSESSL_TRY : CURLUSESSL_ALL;
  Set(handle_, CURLOPT_USE_SSL, tls, outcome);
  Set(handle_, CURLOPT_MAIL_FROM, request_.mail_from.c_str(), outcome);
  Set(handle_, CURLOPT_MAIL_RCPT, recipients_, outcome);
  // One address that is wrong must not keep the others from being told.
  Set(handle_, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L, outcome);
  if (!request_.username.empty()) {
    Set(handle_, CURLOPT_USERNAME, request_.username.c_str(), outcome);
    Set(handle_, CURLOPT_PASSWORD, request_.password.c_str(), outcome);
  }
  Set(handle_, CURLOPT_UPLOAD, 1L, outcome);
  Set(handle_, CURLOPT_READFUNCTION, &Transfer::OnRead, outcome);
  Set(handle_, CURLOPT_READDATA, this, outcome);
  return ToStatus(outcome);
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  transfer.received_ += bytes;
  if (transfer.received_ > kAnswerBytesMax) return 0;
  const std::string_view line(data, bytes);
  // "250-…" goes on in the next line; "250 …" is the reply.
  if (line.size() >= 4 && line[3] == ' ' && transfer.answer_.replies.size() < kRepliesMax) {
    transfer.answer_.replies.push_back(Shorten(line));
  }
  return bytes;
}

std::size_t Transfer::OnBody(char*, std::size_t size, std::size_t count, void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  transfer.received_ += size * count;
  return transfer.received_ > kAnswerBytesMax ? 0 : size * count;
}

std::size_t Transfer::OnRead(char* data, std::size_t size, std::size_t count, void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const std::string& body = transfer.request_.body;
  const std::size_t bytes = std::min(size * count, body.size() - transfer.sent_);
  std::memcpy(data, body.data() + transfer.sent_, bytes);
  transfer.sent_ += bytes;
  return bytes;
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  if (!transfer.request_.allow_private_addresses && !IsPublicAddress(address->addr)) {
    transfer.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Transfer::Finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  // Having read all we want of an answer is no failure.
  const bool cut_by_us = code == CURLE_WRITE_ERROR && received_ > kAnswerBytesMax && status != 0;
  answer_.completed = code == CURLE_OK || cut_by_us;
  answer_.status = static_cast<int>(status);
  answer_.login_refused = code == CURLE_LOGIN_DENIED;
  answer_.tls_failed = IsTlsFailure(code);
  if (!answer_.completed) {
    answer_.failure = address_refused_                          ? "the address is not a public one"
                      : IsTlsFailure(code) && error_[0] != '\0' ? error_
                                                                : curl_easy_strerror(code);
  }
  done_(answer_);
}

void Transfer::Abandon(std::string_view why) {
  answer_.completed = false;
  answer_.failure = std::string(why);
  done_(answer_);
}

}  // namespace platen::notifier::edge
