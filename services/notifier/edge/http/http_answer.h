// A server's answer to one request, read as its bytes come: for its status, and how long it asks to
// be left alone. Its body is passed over (RFC 9112: by length, by chunks, or up to the connection's
// end); what a server says beyond kBytesMax is not waited for.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/time.h"

namespace platen::notifier::edge {

// Thread-confined. One serves for the answers of a connection one after the other.
class HttpAnswer {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024;

  enum class State {
    // More is to come.
    kOpen,
    // All of it is there, or all that is wanted: status() is the server's word.
    kDone,
    // This is no HTTP.
    kBroken,
  };

  HttpAnswer();
  ~HttpAnswer();
  HttpAnswer(const HttpAnswer&) = delete;
  HttpAnswer& operator=(const HttpAnswer&) = delete;

  // What follows answers another request.
  void Reset();

  // The next bytes.
  State Take(std::string_view bytes);

  // The server has ended the connection.
  State End();

  // What is wrong, in words that hold nothing of the answer. Meaningful once kBroken.
  const std::string& fault() const { return fault_; }

  // 0 until the answer's head is whole.
  int status() const;

  // "Retry-After: 120", or the time between the answer's own "Date" and a date. No less than zero.
  std::optional<base::Duration> retry_after() const;

  // Whether another request may follow. Meaningful once kDone.
  bool keeps_connection() const;

  // Whether anything came.
  bool has_begun() const { return received_ > 0; }

 private:
  class Parser;

  // What the parser has heard. The texts' memory serves the next answer too.
  struct Heard {
    int status = 0;
    std::string retry_after;
    std::string date;
  };

  State Advance(std::string_view bytes);
  // Takes what is understood off the front of `bytes`.
  State Parse(std::string_view& bytes);
  void BeginParser();

  Heard heard_;
  std::unique_ptr<Parser> parser_;
  // Not parsed yet.
  std::string pending_;
  std::size_t received_ = 0;
  std::string fault_;
  bool cut_short_ = false;
};

}  // namespace platen::notifier::edge
