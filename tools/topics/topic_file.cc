#include "tools/topics/topic_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <yaml-cpp/yaml.h>

#include "libs/base/status.h"

namespace platen::topics {
namespace {

class TopicReader {
 public:
  TopicReader(std::string_view source, std::string_view prefix)
      : source_(source), prefix_(prefix) {}

  absl::StatusOr<broker::TopicSpec> Read(const YAML::Node& node) const {
    if (!node.IsMap())
      return Fault(node, "expected a topic: name, partitions, replication, config");
    broker::TopicSpec topic;
    for (const auto& entry : node) {
      PLATEN_RETURN_IF_ERROR(ReadKey(entry.first, entry.second, topic));
    }
    if (topic.name.empty()) return Fault(node, "a topic without a name");
    return topic;
  }

  absl::Status Fault(const YAML::Node& node, const std::string& what) const {
    return base::InvalidArgument(source_, ":", node.Mark().line + 1, ": ", what);
  }

 private:
  absl::Status ReadKey(const YAML::Node& key_node,
                       const YAML::Node& value,
                       broker::TopicSpec& topic) const {
    const auto key = key_node.as<std::string>("");
    if (key == "name") return ReadName(value, topic);
    if (key == "partitions") return ReadCount(value, key, topic.partitions);
    if (key == "replication") return ReadCount(value, key, topic.replication);
    if (key == "config") return ReadConfig(value, topic);
    return Fault(key_node, "unknown key \"" + key + "\": name, partitions, replication, config");
  }

  absl::Status ReadName(const YAML::Node& value, broker::TopicSpec& topic) const {
    const auto name = value.as<std::string>("");
    if (name.find('.') == std::string::npos) {
      return Fault(value, "a name is PREFIX.WHAT.VERSION, such as platen.alerts.v1");
    }
    topic.name = WithPrefix(name, prefix_);
    return absl::OkStatus();
  }

  template <class Number>
  absl::Status ReadCount(const YAML::Node& value, const std::string& key, Number& number) const {
    number = value.as<Number>(0);
    if (number > 0) return absl::OkStatus();
    return Fault(value, key + " is a number above 0");
  }

  absl::Status ReadConfig(const YAML::Node& value, broker::TopicSpec& topic) const {
    if (!value.IsMap()) return Fault(value, "config is a mapping of Kafka's topic properties");
    for (const auto& entry : value) {
      if (!entry.second.IsScalar()) return Fault(entry.second, "a property has one value");
      topic.config.emplace_back(entry.first.as<std::string>(), entry.second.as<std::string>());
    }
    return absl::OkStatus();
  }

  std::string source_;
  std::string prefix_;
};

}  // namespace

std::string WithPrefix(std::string_view name, std::string_view prefix) {
  return base::StrCat(prefix, name.substr(std::min(name.find('.'), name.size())));
}

absl::StatusOr<std::vector<broker::TopicSpec>> ParseTopics(const std::string& text,
                                                           std::string_view source,
                                                           std::string_view prefix) {
  const TopicReader reader(source, prefix);
  std::vector<broker::TopicSpec> topics;
  try {
    const YAML::Node list = YAML::Load(text);
    if (!list.IsSequence()) return reader.Fault(list, "expected a list of topics");
    for (const YAML::Node& node : list) {
      PLATEN_ASSIGN_OR_RETURN(broker::TopicSpec topic, reader.Read(node));
      const auto same = [&](const broker::TopicSpec& other) { return other.name == topic.name; };
      if (std::any_of(topics.begin(), topics.end(), same)) {
        return reader.Fault(node, topic.name + " stands here twice");
      }
      topics.push_back(std::move(topic));
    }
  } catch (const YAML::Exception& error) {
    return base::InvalidArgument(source, ":", error.mark.line + 1, ": ", error.msg);
  }
  return topics;
}

absl::StatusOr<std::vector<broker::TopicSpec>> ReadTopics(const std::string& path,
                                                          std::string_view prefix) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return base::NotFound("the list of topics ", path, " can't be read: is the path right?");
  }
  return ParseTopics(text.str(), path, prefix);
}

}  // namespace platen::topics
