#include "services/notifier/edge/channels/slack/message.h"

#include <vector>

#include "absl/strings/str_replace.h"
#include "libs/alerting/words.h"
#include "libs/base/status.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/json.h"

namespace platen::notifier::edge {
namespace {

// Slack's limits: 150 characters in a header, 3,000 in a section, 50 blocks in a message. Fewer are
// read.
constexpr std::size_t kHeaderBytesMax = 150;
constexpr std::size_t kSectionBytesMax = 2900;
constexpr std::size_t kSectionsMax = 10;

JsonObject Text(std::string_view type, std::string_view text) {
  JsonObject json;
  json.Text("type", type);
  json.Text("text", text);
  // No names of channels and no addresses become links.
  if (type == "mrkdwn") json.Flag("verbatim", true);
  return json;
}

JsonObject Block(std::string_view type, const JsonObject& text) {
  JsonObject json;
  json.Text("type", type);
  json.Object("text", text);
  return json;
}

// Rows as lines, as many in a section as it holds.
std::vector<std::string> Sections(const Description& text) {
  std::vector<std::string> sections;
  std::size_t shown = 0;
  for (const auto& [label, value] : text.rows) {
    // What is escaped may be several times as long.
    const std::string line = alerting::OneLine(
        base::StrCat("*", EscapeSlack(label), ":* ", EscapeSlack(value)), kSectionBytesMax - 1);
    if (sections.empty() || sections.back().size() + line.size() >= kSectionBytesMax) {
      if (sections.size() == kSectionsMax) break;
      sections.emplace_back();
    }
    sections.back() += line + "\n";
    ++shown;
  }
  if (shown < text.rows.size()) {
    sections.push_back(base::StrCat("… and ", text.rows.size() - shown, " more"));
  }
  return sections;
}

}  // namespace

std::string EscapeSlack(std::string_view text) {
  return absl::StrReplaceAll(base::ToAbsl(text), {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

std::string ComposeSlackMessage(const v1::Notification& notification) {
  const Description text = Describe(notification);
  const std::string_view prefix = KindPrefix(notification.kind());
  JsonArray blocks;
  blocks.Add(
      Block("header", Text("plain_text", alerting::OneLine(text.headline, kHeaderBytesMax))));
  blocks.Add(Block("section", Text("mrkdwn", EscapeSlack(text.first_line))));
  if (const std::string& url = notification.acknowledge_url(); !url.empty()) {
    blocks.Add(Block(
        "section",
        Text("mrkdwn",
             base::StrCat("<", EscapeSlack(url), "|", EscapeSlack(text.links[0].first), ">"))));
  }
  for (const std::string& section : Sections(text)) {
    blocks.Add(Block("section", Text("mrkdwn", section)));
  }
  JsonObject message;
  // What stands in a pop-up; the blocks are what stands in the channel.
  message.Text("text",
               EscapeSlack(base::StrCat(
                   prefix, prefix.empty() ? "" : ": ", ShownTitle(notification.title()))));
  message.Array("blocks", blocks);
  message.Flag("unfurl_links", false);
  message.Flag("unfurl_media", false);
  return message.Close();
}

}  // namespace platen::notifier::edge
