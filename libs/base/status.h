// Errors as values: short ways to make an absl::Status from parts, and to pass one on.
//
// A message says what was tried, on what, and which option or document helps. It never carries a
// secret or a payload. absl::string_view and std::string_view are different types in this Abseil:
// our interfaces use the standard's, and the helpers here convert.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace platen::base {

namespace internal {
inline absl::string_view Part(std::string_view text) {
  return {text.data(), text.size()};
}

inline absl::string_view Part(absl::string_view text) {
  return text;
}

inline absl::string_view Part(const std::string& text) {
  return text;
}

inline absl::string_view Part(const char* text) {
  return text;
}

template <class T>

requires std::integral<T> || std::floating_point<T> absl::AlphaNum Part(T number) {
  return absl::AlphaNum(number);
}
}  // namespace internal

inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

inline std::string_view ToStd(absl::string_view text) {
  return {text.data(), text.size()};
}

// Like absl::StrCat, but takes std::string_view too.
template <class... Parts>
std::string StrCat(const Parts&... parts) {
  std::string out;
  (absl::StrAppend(&out, internal::Part(parts)), ...);
  return out;
}

// absl::Status from a code and the parts of a message.
template <class... Parts>
absl::Status Error(absl::StatusCode code, const Parts&... parts) {
  return absl::Status(code, StrCat(parts...));
}

template <class... Parts>
absl::Status InvalidArgument(const Parts&... parts) {
  return Error(absl::StatusCode::kInvalidArgument, parts...);
}

template <class... Parts>
absl::Status NotFound(const Parts&... parts) {
  return Error(absl::StatusCode::kNotFound, parts...);
}

template <class... Parts>
absl::Status Unavailable(const Parts&... parts) {
  return Error(absl::StatusCode::kUnavailable, parts...);
}

template <class... Parts>
absl::Status FailedPrecondition(const Parts&... parts) {
  return Error(absl::StatusCode::kFailedPrecondition, parts...);
}

template <class... Parts>
absl::Status ResourceExhausted(const Parts&... parts) {
  return Error(absl::StatusCode::kResourceExhausted, parts...);
}

template <class... Parts>
absl::Status Internal(const Parts&... parts) {
  return Error(absl::StatusCode::kInternal, parts...);
}

// The same status with `context` and ": " in front of its message.
absl::Status Annotate(const absl::Status& status, std::string_view context);

std::string ErrnoMessage(int error);

}  // namespace platen::base

#define PLATEN_STATUS_CONCAT_INNER(a, b) a##b
#define PLATEN_STATUS_CONCAT(a, b) PLATEN_STATUS_CONCAT_INNER(a, b)

// Returns the status of `expression` from the enclosing function unless it is OK.
#define PLATEN_RETURN_IF_ERROR(expression)                                  \
  do {                                                                      \
    if (::absl::Status platen_status = (expression); !platen_status.ok()) { \
      return platen_status;                                                 \
    }                                                                       \
  } while (false)

// PLATEN_ASSIGN_OR_RETURN(const auto port, ParsePort(text));
#define PLATEN_ASSIGN_OR_RETURN(declaration, expression) \
  PLATEN_ASSIGN_OR_RETURN_INNER(PLATEN_STATUS_CONCAT(platen_or_, __LINE__), declaration, expression)
#define PLATEN_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                          \
  if (!result.ok()) return std::move(result).status();                 \
  declaration = *std::move(result)
