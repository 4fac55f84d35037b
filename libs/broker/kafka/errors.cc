#include "libs/broker/kafka/errors.h"

#include <algorithm>
#include <array>

#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {
namespace {

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return absl::StatusCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return absl::StatusCode::kNotFound;
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__FENCED:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return ClassifyDelivery(error) == Disposition::kRefused ? absl::StatusCode::kInvalidArgument
                                                              : absl::StatusCode::kUnavailable;
  }
}

std::string_view Advice(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kPermissionDenied:
      return "; the broker's ACL or the credentials in kafka.properties need a look";
    case absl::StatusCode::kFailedPrecondition:
      return "; another process runs with the same instance name";
    default:
      return "";
  }
}

}  // namespace

Disposition ClassifyDelivery(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Disposition::kDelivered;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      return Disposition::kRefused;
    default:
      return Disposition::kRetry;
  }
}

absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  const absl::StatusCode code = CodeOf(error);
  return base::Error(code, "kafka: ", what, ": ", rd_kafka_err2str(error), Advice(code));
}

bool IsPassing(std::string_view line) {
  constexpr std::array kPassing = {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                   RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                   RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                   RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                   RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                   RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS};
  return std::ranges::any_of(kPassing, [line](rd_kafka_resp_err_t error) {
    return line.find(rd_kafka_err2str(error)) != line.npos;
  });
}

}  // namespace platen::broker::kafka
