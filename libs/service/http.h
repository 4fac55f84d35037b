// What a page of the admin server is asked and answers. No HTTP library in sight.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platen::service {

struct HttpRequest {
  std::string path;   // "/devices", without the query, not decoded.
  std::string query;  // "state=jammed&page=2", without '?', not decoded.

  // The decoded value of one key of the query, or empty.
  std::string Query(std::string_view key) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Called on the admin server's only thread: answers at once, from memory.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

}  // namespace platen::service
