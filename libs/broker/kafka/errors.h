// What librdkafka's errors mean to Platen. Pure.
#pragma once

#include <string_view>

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"

namespace platen::broker::kafka {

// What to do about a delivery report.
enum class Disposition {
  kDelivered,
  // The broker will never take the batch as it is: some record in it is wrong.
  kRefused,
  // Anything else: send it again.
  kRetry,
};

Disposition ClassifyDelivery(rd_kafka_resp_err_t error);

// A Status with the code that the contract (broker.h) names, and `what` was tried.
absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view what);

}  // namespace platen::broker::kafka
