// Headers of a Kafka record: what is needed to route and count without parsing (CloudEvents' binary
// binding, and Platen's own).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platen/event/v1/event.pb.h"

namespace platen::event {

inline constexpr std::string_view kHeaderRoute = "route";
inline constexpr std::string_view kHeaderTenant = "tenant";
inline constexpr std::string_view kHeaderId = "ce_id";
inline constexpr std::string_view kHeaderType = "ce_type";
inline constexpr std::string_view kHeaderSource = "source";
inline constexpr std::string_view kHeaderEpoch = "epoch";
inline constexpr std::string_view kHeaderSequence = "sequence";
inline constexpr std::string_view kHeaderTraceparent = "traceparent";

// ce_specversion, ce_id (hex), ce_type ("platen.KIND.v1"), ce_source ("/TENANT/SITE"), ce_time (RFC
// 3339, where known), ce_subject (device id, hex), content-type, tenant, site, region and vendor
// where known, route, source, epoch, sequence (20 digits, so that it sorts as text), traceparent
// where there is one.
std::vector<std::pair<std::string, std::string>> MakeHeaders(const v1::Event& event);

}  // namespace platen::event
