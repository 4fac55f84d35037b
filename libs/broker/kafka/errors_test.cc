#include "libs/broker/kafka/errors.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {
namespace {

TEST(ClassifyDeliveryTest, OnlyWhatConcernsTheRecordItselfIsRefused) {
  const struct {
    rd_kafka_resp_err_t error;
    Disposition disposition;
  } cases[] = {
      {RD_KAFKA_RESP_ERR_NO_ERROR, Disposition::kDelivered},
      {RD_KAFKA_RESP_ERR_INVALID_RECORD, Disposition::kRefused},
      {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, Disposition::kRefused},
      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Disposition::kRefused},
      {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, Disposition::kRefused},
      {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, Disposition::kRefused},
      {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, Disposition::kRetry},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, Disposition::kRetry},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Disposition::kRetry},
      {RD_KAFKA_RESP_ERR__FATAL, Disposition::kRetry},
      {RD_KAFKA_RESP_ERR__PURGE_QUEUE, Disposition::kRetry},
      {RD_KAFKA_RESP_ERR__TRANSPORT, Disposition::kRetry},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(ClassifyDelivery(c.error), c.disposition) << rd_kafka_err2name(c.error);
  }
}

TEST(StatusOfTest, NamesTheCodesOfTheContract) {
  EXPECT_TRUE(StatusOf(RD_KAFKA_RESP_ERR_NO_ERROR, "reading").ok());
  EXPECT_EQ(StatusOf(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "joining").code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(StatusOf(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "reading").code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusOf(RD_KAFKA_RESP_ERR_INVALID_RECORD, "publishing").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "polling").code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusOf(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, "polling").code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(IsPassingTest, ABrokersStartIsNoNewsAndItsAbsenceIs) {
  EXPECT_TRUE(
      IsPassing("GETPID: [thrd:main]: Failed to acquire idempotence PID from broker "
                "127.0.0.1:18400/1: Broker: Coordinator load in progress: retrying"));
  EXPECT_TRUE(IsPassing("publisher: Broker: Not coordinator"));
  EXPECT_FALSE(
      IsPassing("FAIL: [thrd:main]: 127.0.0.1:9092/1: Connect to ipv4#127.0.0.1:9092 "
                "failed: Connection refused (after 0ms in state CONNECT)"));
  EXPECT_FALSE(
      IsPassing("GETPID: [thrd:main]: Failed to acquire idempotence PID from broker "
                "127.0.0.1:18400/1: Broker: Cluster authorization failed"));
}

}  // namespace
}  // namespace platen::broker::kafka
