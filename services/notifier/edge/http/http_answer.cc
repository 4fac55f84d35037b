#include "services/notifier/edge/http/http_answer.h"

#include <algorithm>
#include <limits>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"

namespace platen::notifier::edge {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// A day's worth is more than anybody is left alone for.
constexpr std::int64_t kRetrySecondsMax = 1'000'000;

std::optional<absl::Time> DateOf(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &time, &error)) return std::nullopt;
  return time;
}

}  // namespace

class HttpAnswer::Parser final : public http::basic_parser<false> {
 public:
  // `heard` must outlive this.
  explicit Parser(Heard& heard) : heard_(&heard) {
    eager(true);
    header_limit(kBytesMax);
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }

 private:
  void on_request_impl(
      http::verb, beast::string_view, beast::string_view, int, beast::error_code&) override {}

  void on_response_impl(int code, beast::string_view, int, beast::error_code& error) override {
    heard_->status = code;
    // "000" has the shape of a status, and is none.
    if (code < 100) error = http::error::bad_status;
  }

  void on_field_impl(http::field name,
                     beast::string_view,
                     beast::string_view value,
                     beast::error_code&) override {
    if (name == http::field::retry_after) heard_->retry_after.assign(value.data(), value.size());
    if (name == http::field::date) heard_->date.assign(value.data(), value.size());
  }

  void on_header_impl(beast::error_code&) override {}

  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}

  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t,
                                 beast::string_view body,
                                 beast::error_code&) override {
    return body.size();
  }

  void on_finish_impl(beast::error_code&) override {}

  Heard* heard_;
};

HttpAnswer::HttpAnswer() : parser_(std::make_unique<Parser>(heard_)) {}

HttpAnswer::~HttpAnswer() = default;

void HttpAnswer::Reset() {
  pending_.clear();
  received_ = 0;
  fault_.clear();
  cut_short_ = false;
  BeginParser();
}

void HttpAnswer::BeginParser() {
  heard_.status = 0;
  heard_.retry_after.clear();
  heard_.date.clear();
  *parser_ = Parser(heard_);
}

HttpAnswer::State HttpAnswer::Take(std::string_view bytes) {
  received_ += bytes.size();
  const State state = Advance(bytes);
  if (state != State::kOpen || received_ <= kBytesMax) return state;
  cut_short_ = true;
  if (status() != 0) return State::kDone;
  fault_ = "its head is too long";
  return State::kBroken;
}

// Mostly an answer comes whole, and nothing of it is kept.
HttpAnswer::State HttpAnswer::Advance(std::string_view bytes) {
  if (pending_.empty()) {
    const State state = Parse(bytes);
    pending_ = bytes;
    return state;
  }
  pending_ += bytes;
  std::string_view all = pending_;
  const State state = Parse(all);
  pending_.erase(0, pending_.size() - all.size());
  return state;
}

HttpAnswer::State HttpAnswer::Parse(std::string_view& bytes) {
  while (!bytes.empty()) {
    beast::error_code error;
    const std::size_t parsed = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(parsed);
    if (error == http::error::need_more) return State::kOpen;
    if (error) {
      fault_ = error.message();
      return State::kBroken;
    }
    if (!parser_->is_done()) {
      if (parsed == 0) return State::kOpen;
      continue;
    }
    if (heard_.status / 100 != 1) return State::kDone;
    // "100 Continue" and its like; the answer is still to come.
    BeginParser();
  }
  return State::kOpen;
}

HttpAnswer::State HttpAnswer::End() {
  cut_short_ = true;
  if (status() == 0) return State::kBroken;
  beast::error_code error;
  parser_->put_eof(error);
  return error ? State::kBroken : State::kDone;
}

int HttpAnswer::status() const {
  return heard_.status / 100 == 1 || !parser_->is_header_done() ? 0 : heard_.status;
}

std::optional<base::Duration> HttpAnswer::retry_after() const {
  if (heard_.retry_after.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  if (absl::SimpleAtoi(heard_.retry_after, &seconds)) {
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kRetrySecondsMax));
  }
  const auto until = DateOf(heard_.retry_after);
  const auto now = DateOf(heard_.date);
  if (!until.has_value() || !now.has_value()) return std::nullopt;
  return std::chrono::seconds(
      std::clamp<std::int64_t>(absl::ToInt64Seconds(*until - *now), 0, kRetrySecondsMax));
}

bool HttpAnswer::keeps_connection() const {
  return !cut_short_ && pending_.empty() && parser_->is_done() && parser_->keep_alive();
}

}  // namespace platen::notifier::edge
