#include "services/gateway/edge/acknowledge_page.h"

#include <optional>
#include <utility>

#include "libs/alerting/words.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/event/timestamps.h"
#include "libs/service/config.h"
#include "libs/service/log.h"
#include "services/gateway/core/record_orders.h"
#include "services/gateway/edge/link_table.h"
#include "services/gateway/edge/record_table.h"

namespace platen::gateway::edge {
namespace {

using core::LinkedAlert;
using core::LinkOutcome;

constexpr std::string_view kPath = "/acknowledge/";
constexpr std::size_t kNoteBytesMax = 4096;  // What is looked at; core says what is taken.
constexpr char kPolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'";

service::HttpServerOptions ServerOptions(const std::string& listen) {
  return {.address = listen,
          .name = "acknowledge_page",
          .connections_max = 64,
          .request_timeout = std::chrono::seconds(10),
          .answer_timeout = std::chrono::seconds(10),
          .header_bytes_max = 16 * 1024,
          .body_bytes_max = 16 * 1024};
}

bool IsForm(const service::HttpRequest& request) {
  return request.body.empty() ||
         request.content_type.starts_with("application/x-www-form-urlencoded");
}

}  // namespace

absl::StatusOr<links::LinkKeys> ReadLinkKeys(const std::string& file) {
  PLATEN_ASSIGN_OR_RETURN(const std::string lines, service::ReadSecretFile(file));
  auto keys = links::LinkKeys::Parse(lines);
  return keys.ok() ? keys : base::Annotate(keys.status(), file);
}

// One request, and the way back. The answer is given once.
class AcknowledgePage::Asked {
 public:
  Asked(const AcknowledgePageContext& context, service::HttpAnswer answer)
      : context_(context), answer_(std::move(answer)) {}

  void Answer(LinkOutcome outcome,
              const LinkedAlert* alert = nullptr,
              std::string_view fault = {}) const {
    context_.metrics.links[outcome].Increment();
    service::HttpResponse response{
        .status = core::HttpStatusOf(outcome),
        .content_type = "text/html; charset=utf-8",
        .body = core::RenderLinkPage(
            outcome, link_.has_value() ? &*link_ : nullptr, alert, fault, context_.clock.WallNow()),
        .headers = {{"Content-Security-Policy", kPolicy},
                    {"Referrer-Policy", "no-referrer"},
                    {"X-Robots-Tag", "noindex, nofollow"}}};
    if (outcome == LinkOutcome::kWrongMethod) {
      response.headers.emplace_back("Allow", "GET, HEAD, POST");
    }
    if (outcome == LinkOutcome::kTooMany) response.headers.emplace_back("Retry-After", "5");
    answer_(std::move(response));
  }

  // REQUIRES of all that follows: kShown was returned.
  LinkOutcome Open(const links::LinkKeys& keys, std::string_view token) {
    auto link = keys.Open(token, context_.clock.WallNow());
    if (absl::IsDeadlineExceeded(link.status())) return LinkOutcome::kExpired;
    if (!link.ok()) return LinkOutcome::kForged;
    auto place = core::PlaceOfLink(*link);
    if (!place.ok()) return LinkOutcome::kForged;
    place_ = *std::move(place);
    digest_ = links::LinkDigest(*link);
    link_ = *std::move(link);
    return LinkOutcome::kShown;
  }

  const links::v1::AcknowledgeLink& link() const { return *link_; }

  const core::AlertPlace& place() const { return place_; }

  const std::string& digest() const { return digest_; }

 private:
  const AcknowledgePageContext context_;
  const service::HttpAnswer answer_;
  std::optional<links::v1::AcknowledgeLink> link_;
  core::AlertPlace place_;
  std::string digest_;
};

absl::StatusOr<std::unique_ptr<AcknowledgePage>> AcknowledgePage::Start(
    AcknowledgePageOptions options, const AcknowledgePageContext& context) {
  PLATEN_ASSIGN_OR_RETURN(links::LinkKeys keys, ReadLinkKeys(options.key_file));
  std::unique_ptr<AcknowledgePage> page(
      new AcknowledgePage(std::move(options), context, std::move(keys)));
  PLATEN_RETURN_IF_ERROR(page->server_.Start());
  return page;
}

AcknowledgePage::AcknowledgePage(AcknowledgePageOptions options,
                                 const AcknowledgePageContext& context,
                                 links::LinkKeys keys)
    : options_(std::move(options)),
      context_(context),
      rates_(options_.rate),
      keys_(std::move(keys)),
      server_(
          ServerOptions(options_.listen),
          [this](const service::HttpRequest& request, service::HttpAnswer answer) {
            Handle(request, std::move(answer));
          },
          [this](service::HttpRefusal refusal) {
            context_.metrics.link_refusals[refusal].Increment();
          }) {}

AcknowledgePage::~AcknowledgePage() {
  Stop();
}

void AcknowledgePage::ReloadKeys() {
  auto keys = ReadLinkKeys(options_.key_file);
  const std::lock_guard lock(mutex_);
  if (!keys.ok() && keys.status() != last_reload_) {
    service::LogError("acknowledge_page.key_file can't be used; the former keys stay",
                      {{"reason", keys.status().message()}});
  }
  last_reload_ = keys.status();
  if (!keys.ok() || *keys == keys_) return;
  keys_ = *std::move(keys);
  service::LogInfo("keys of links were read again");
}

links::LinkKeys AcknowledgePage::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void AcknowledgePage::Handle(const service::HttpRequest& request, service::HttpAnswer answer) {
  const auto asked = std::make_shared<Asked>(context_, std::move(answer));
  if (!request.path.starts_with(kPath)) return asked->Answer(LinkOutcome::kNoPage);
  const bool is_use = request.method == "POST";
  if (!is_use && request.method != "GET" && request.method != "HEAD") {
    return asked->Answer(LinkOutcome::kWrongMethod);
  }
  const std::string_view token = std::string_view(request.path).substr(kPath.size());
  if (const LinkOutcome outcome = asked->Open(keys(), token); outcome != LinkOutcome::kShown) {
    return asked->Answer(outcome);
  }
  if (!rates_.Take(context_.clock.Now(), asked->digest())) {
    return asked->Answer(LinkOutcome::kTooMany);
  }
  is_use ? Use(asked, request) : Show(asked);
}

void AcknowledgePage::Show(std::shared_ptr<const Asked> asked) {
  const absl::Status queued = context_.readers.Submit([asked](Reader& reader) {
    const auto alert = reader.LookUpLink(asked->place(), asked->digest());
    if (!alert.ok()) return asked->Answer(LinkOutcome::kUnavailable);
    asked->Answer(core::JudgeLink(asked->link(), *alert), &*alert);
  });
  if (!queued.ok()) asked->Answer(LinkOutcome::kUnavailable);
}

void AcknowledgePage::Use(std::shared_ptr<const Asked> asked, const service::HttpRequest& request) {
  if (!IsForm(request)) return asked->Answer(LinkOutcome::kBadForm, nullptr, "it is no form");
  const auto choice = core::ReadChoice(service::FormValue(request.body, "for"));
  const std::string note =
      alerting::OneLine(base::ToUtf8(service::FormValue(request.body, "note")), kNoteBytesMax);
  const base::WallTime now = context_.clock.WallNow();
  auto record = choice.ok() ? core::MakeAcknowledgement(
                                  asked->place(), *choice, note, core::AuthorOf(asked->link()), now)
                            : choice.status();
  if (!record.ok()) {
    return asked->Answer(LinkOutcome::kBadForm, nullptr, base::ToStd(record.status().message()));
  }

  struct Result {
    LinkedAlert alert;
    LinkOutcome outcome = LinkOutcome::kUnavailable;
  };

  const auto result = std::make_shared<Result>();
  const absl::Status queued = context_.store.Change(
      [=, record = *std::move(record)](Database& database, Changed& changed) -> absl::Status {
        PLATEN_ASSIGN_OR_RETURN(result->alert,
                                LookUpLink(database, asked->place(), asked->digest()));
        result->outcome = core::JudgeLink(asked->link(), result->alert);
        if (result->outcome != LinkOutcome::kShown) return absl::OkStatus();
        PLATEN_ASSIGN_OR_RETURN(result->alert.care,
                                Acknowledge(database,
                                            asked->place(),
                                            asked->link().instance(),
                                            record,
                                            base::ToMillis(now),
                                            changed.installations));
        result->outcome = LinkOutcome::kAcknowledged;
        return MarkLinkUsed(database,
                            asked->digest(),
                            base::ToMillis(event::FromProto(asked->link().expire_time())),
                            base::ToMillis(now));
      },
      [asked, result, &metrics = context_.metrics](const absl::Status& status) {
        if (!status.ok()) return asked->Answer(LinkOutcome::kUnavailable);
        if (result->outcome == LinkOutcome::kAcknowledged) {
          metrics.acknowledgements.Increment();
        }
        asked->Answer(result->outcome, &result->alert);
      });
  if (!queued.ok()) asked->Answer(LinkOutcome::kUnavailable);
}

}  // namespace platen::gateway::edge
