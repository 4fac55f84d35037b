#include "services/notifier/edge/channels/teams/card.h"

#include <string_view>

#include "libs/base/status.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/json.h"

namespace platen::notifier::edge {
namespace {

// Of all rows together, as JSON.
constexpr std::size_t kRowsBytesMax = 22'000;

JsonObject Run(std::string_view text, std::string_view weight, std::string_view size) {
  JsonObject run;
  run.Text("type", "TextRun");
  run.Text("text", text);
  run.Text("weight", weight);
  run.Text("size", size);
  return run;
}

JsonObject Paragraph(const JsonArray& runs) {
  JsonObject block;
  block.Text("type", "RichTextBlock");
  block.Array("inlines", runs);
  return block;
}

JsonObject Paragraph(const JsonObject& run) {
  JsonArray runs;
  runs.Add(run);
  return Paragraph(runs);
}

void AddRows(const Description& text, JsonArray& body) {
  std::size_t bytes = 0;
  std::size_t shown = 0;
  for (const auto& [label, value] : text.rows) {
    JsonArray runs;
    runs.Add(Run(base::StrCat(label, ": "), "Bolder", ""));
    runs.Add(Run(value, "", ""));
    const JsonObject row = Paragraph(runs);
    bytes += row.Close().size();
    if (bytes > kRowsBytesMax) break;
    body.Add(row);
    ++shown;
  }
  if (shown < text.rows.size()) {
    body.Add(Paragraph(Run(base::StrCat("… and ", text.rows.size() - shown, " more"), "", "")));
  }
}

}  // namespace

std::string ComposeTeamsCard(const v1::Notification& notification) {
  const Description text = Describe(notification);
  JsonArray body;
  body.Add(Paragraph(Run(text.headline, "Bolder", "Large")));
  body.Add(Paragraph(Run(text.first_line, "", "")));
  AddRows(text, body);
  JsonObject card;
  card.Text("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
  card.Text("type", "AdaptiveCard");
  card.Text("version", "1.4");
  card.Text("fallbackText", ShownTitle(notification.title()));
  card.Array("body", body);
  if (!notification.acknowledge_url().empty()) {
    JsonObject open;
    open.Text("type", "Action.OpenUrl");
    open.Text("title", text.links[0].first);
    open.Text("url", notification.acknowledge_url());
    JsonArray actions;
    actions.Add(open);
    card.Array("actions", actions);
  }
  JsonObject attachment;
  attachment.Text("contentType", "application/vnd.microsoft.card.adaptive");
  attachment.Object("content", card);
  JsonArray attachments;
  attachments.Add(attachment);
  JsonObject message;
  message.Text("type", "message");
  message.Array("attachments", attachments);
  return message.Close();
}

}  // namespace platen::notifier::edge
