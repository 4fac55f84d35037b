// What a page is asked and answers. No HTTP library in sight.
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
  std::string method = "GET";
  std::string host = {};  // As the header of that name has it.
  std::string content_type = {};
  std::string body = {};

  // The decoded value of one key of the query, or empty.
  std::string Query(std::string_view key) const;
};

// The decoded value of one key of "a=1&b=2": of a query, or of a form's body
// (application/x-www-form-urlencoded). Empty where there is none. Any bytes: not only UTF-8.
std::string FormValue(std::string_view form, std::string_view key);

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Called on the admin server's only thread: answers at once, from memory.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// To be called once, from any thread, also when the server has ended meanwhile.
using HttpAnswer = std::function<void(HttpResponse)>;
// Called on a server's only thread: must not wait.
using AsyncHttpHandler = std::function<void(const HttpRequest&, HttpAnswer)>;

}  // namespace platen::service
