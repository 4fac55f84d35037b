// What a test does to a real broker that no service does.
#pragma once

#include <memory>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::testing_support {

// What retention does: nothing below `position` is left.
inline void DeleteBelow(const broker::kafka::KafkaOptions& options,
                        const broker::PartitionOffset& position) {
  using namespace broker::kafka;  // The owners of the library's handles.
  HandleContext context;
  const std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> handle(
      NewHandle(RD_KAFKA_PRODUCER, *AdminConf(options, &context), options)->client);
  const QueuePtr queue(rd_kafka_queue_new(handle.get()));
  const PartitionListPtr list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(
      list.get(), position.partition.topic.c_str(), position.partition.number)
      ->offset = position.offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  rd_kafka_DeleteRecords(handle.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  const EventPtr event(rd_kafka_queue_poll(queue.get(), 30'000));
  ASSERT_NE(event, nullptr);
  ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace platen::testing_support
