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

Transfer::Transfer(TransferRequest request, Transfers::Done done, const std::atomic<bool>& stopping)
    : request_(std::move(request)), done_(std::move(done)), stopping_(stopping) {}

Transfer::~Transfer() {
  curl_slist_free_all(recipients_);
}

bool Transfer::Run(CURL* handle) {
  if (const absl::Status status = Prepare(handle); !status.ok()) {
    answer_.failure = std::string(status.message());
    return false;
  }
  const CURLcode code = curl_easy_perform(handle);
  Read(handle, code);
  return code == CURLE_OK;
}

absl::Status Transfer::Prepare(CURL* handle) {
  if (handle == nullptr) return base::Internal("libcurl has no handle to give");
  // What it was told for the mail before; its connection stays.
  curl_easy_reset(handle);
  PLATEN_RETURN_IF_ERROR(PrepareServer(handle));
  return PrepareMail(handle);
}

absl::Status Transfer::PrepareServer(CURL* handle) {
  CURLcode outcome = CURLE_OK;
  const MailServer& server = request_.server;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(request_.timeout);
  Set(handle, CURLOPT_URL, server.url.c_str(), outcome);
  Set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps", outcome);
  Set(handle, CURLOPT_NOSIGNAL, 1L, outcome);
  Set(handle, CURLOPT_PROXY, "", outcome);
  // A look-up that hangs is left to itself.
  Set(handle, CURLOPT_QUICK_EXIT, 1L, outcome);
  // The answer to QUIT is waited for beyond the mail's own time.
  Set(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(seconds.count()), outcome);
  const long tls = server.allow_plaintext ? CURLUSESSL_TRY : CURLUSESSL_ALL;
  Set(handle, CURLOPT_USE_SSL, tls, outcome);
  Set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2), outcome);
  Set(handle, CURLOPT_SSL_VERIFYPEER, 1L, outcome);
  Set(handle, CURLOPT_SSL_VERIFYHOST, 2L, outcome);
  if (!server.ca_file.empty()) Set(handle, CURLOPT_CAINFO, server.ca_file.c_str(), outcome);
  if (!server.username.empty()) {
    Set(handle, CURLOPT_USERNAME, server.username.c_str(), outcome);
    Set(handle, CURLOPT_PASSWORD, server.password.c_str(), outcome);
  }
  Set(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnOpenSocket, outcome);
  Set(handle, CURLOPT_OPENSOCKETDATA, this, outcome);
  return ToStatus(outcome);
}

absl::Status Transfer::PrepareMail(CURL* handle) {
  CURLcode outcome = CURLE_OK;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(request_.timeout);
  for (const std::string& recipient : request_.mail_to) {
    recipients_ = curl_slist_append(recipients_, recipient.c_str());
  }
  Set(handle, CURLOPT_ERRORBUFFER, error_, outcome);
  Set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(millis.count()), outcome);
  Set(handle, CURLOPT_NOPROGRESS, 0L, outcome);
  Set(handle, CURLOPT_XFERINFOFUNCTION, &Transfer::OnProgress, outcome);
  Set(handle, CURLOPT_XFERINFODATA, this, outcome);
  Set(handle, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader, outcome);
  Set(handle, CURLOPT_HEADERDATA, this, outcome);
  Set(handle, CURLOPT_WRITEFUNCTION, &Transfer::OnBody, outcome);
  Set(handle, CURLOPT_WRITEDATA, this, outcome);
  Set(handle, CURLOPT_MAIL_FROM, request_.mail_from.c_str(), outcome);
  Set(handle, CURLOPT_MAIL_RCPT, recipients_, outcome);
  // One address that is wrong must not keep the others from being told.
  Set(handle, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L, outcome);
  Set(handle, CURLOPT_UPLOAD, 1L, outcome);
  Set(handle, CURLOPT_READFUNCTION, &Transfer::OnRead, outcome);
  Set(handle, CURLOPT_READDATA, this, outcome);
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

int Transfer::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->stopping_ ? 1 : 0;
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  if (!transfer.request_.server.allow_private_addresses && !IsPublicAddress(address->addr)) {
    transfer.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Transfer::Read(CURL* handle, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  // Having read all we want of an answer is no failure.
  const bool cut_by_us = code == CURLE_WRITE_ERROR && received_ > kAnswerBytesMax && status != 0;
  answer_.completed = code == CURLE_OK || cut_by_us;
  answer_.status = static_cast<int>(status);
  answer_.sent = !request_.body.empty() && sent_ == request_.body.size();
  answer_.login_refused = code == CURLE_LOGIN_DENIED;
  answer_.tls_failed = IsTlsFailure(code);
  if (!answer_.completed) {
    answer_.failure = code == CURLE_ABORTED_BY_CALLBACK         ? "the notifier is stopping"
                      : address_refused_                        ? "the address is not a public one"
                      : IsTlsFailure(code) && error_[0] != '\0' ? error_
                                                                : curl_easy_strerror(code);
  }
}

void Transfer::Abandon(std::string_view why) {
  answer_.completed = false;
  answer_.failure = std::string(why);
  done_(answer_);
}

}  // namespace platen::notifier::edge
