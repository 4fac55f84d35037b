#include "services/collector/edge/reader.h"

#include <algorithm>
#include <utility>

#include "libs/snmp/fetch.h"
#include "libs/snmp/walk.h"
#include "services/collector/core/readings.h"

namespace platen::collector::edge {

namespace {

constexpr std::size_t kSendBatch = 64;

// Of what may be sent, a quarter is for those who are perhaps not there, where others wait too.
constexpr std::size_t kDoubtfulShare = 4;

snmp::WalkOptions TailsOf(const core::ReadingPlan& plan, bool allow_v1) {
  snmp::WalkOptions options;
  for (const core::ReadingPlan::Tail& tail : plan.tails) {
    options.subtrees.push_back(tail.column);
    options.after.push_back(tail.last);
  }
  options.rows_max = 1;  // There is hardly ever anything.
  options.allow_v1 = allow_v1;
  return options;
}

}  // namespace

// One reading under way.
struct Reader::Job {
  core::ReadingId id;
  snmp::Endpoint agent;
  std::string community;
  snmp::usm::Session* session = nullptr;  // In SNMPv3.
  Links::Link* link = nullptr;            // Where its line is bounded.
  core::ReadingPlan plan;
  bool allow_v1 = true;
  bool any_address = false;  // Its answers may come from.
  std::optional<snmp::Fetch> fetch;
  std::optional<snmp::Walk> walk;
  std::optional<snmp::Walk> tails;
  snmp::Dialogue* dialogue = nullptr;
  // The request in flight or ready to be sent.
  snmp::RequestTemplate request;
  std::int32_t request_id = 0;
  std::uint32_t attempts = 0;
  std::uint32_t tries = 0;
  // When the first request was sent, and how many were.
  base::MonotonicTime began;
  std::uint32_t sent = 0;
  // When the reading was to begin, until its first request is sent.
  std::optional<base::MonotonicTime> due;
  // Whether it can be asked at all.
  bool possible = false;
  bool answered = false;
  bool refused = false;
  bool complete = true;
  std::vector<snmp::Varbind> values;

  std::size_t request_size() const {
    return session == nullptr ? request.size(community.size()) : session->size(request);
  }
};

Reader::Reader(const ReaderOptions& options, snmp::Datagrams& network, snmp::SipKey key)
    : options_(options),
      network_(network),
      matcher_(key, options.in_flight_max, network.port_count()),
      sessions_(options.users, key),
      links_(options.links),
      rate_({.per_second = options.requests_per_second, .burst = options.requests_per_second}) {}

Reader::~Reader() = default;

void Reader::SetCredentials(const ReaderOptions::Communities& communities,
                            const Sessions::Users& users) {
  options_.communities = communities;
  sessions_.SetUsers(users);
}

void Reader::Start(const core::ReadRequest& request) {
  const core::DeviceSlot slot = request.id.device;
  if (slot >= jobs_.size()) {
    jobs_.resize(slot + 1);
    learned_.resize(slot + 1);
  }
  if (jobs_[slot] != nullptr) Forget(slot);
  auto job = std::make_unique<Job>();
  job->id = request.id;
  job->plan = request.plan;
  job->tries = request.once ? 1 : options_.retries + 1;
  job->due = request.due;
  job->possible = Prepare(request, *job);
  const bool asks = job->possible && NextDialogue(*job);
  if (!job->possible) {
    ++figures_.misconfigured;
    failed_.push_back(slot);
  }
  jobs_[slot] = std::move(job);
  if (asks) Queue(slot, request.once);
}

// Where it is asked, by what version, and as whom; false where one of that can't be.
bool Reader::Prepare(const core::ReadRequest& request, Job& job) {
  using event::v1::SnmpAccess;
  const core::DeviceSlot slot = request.id.device;
  const core::AgentAccess& access = request.access;
  if (access.agent.port == 0) return false;
  job.agent = access.agent;
  job.any_address = access.answers_from_elsewhere;
  job.link = links_.Find(access.agent);
  learned_[slot].Begin(polled_);
  snmp::AgentLimits& limits = learned_[slot].limits();
  if (access.version == SnmpAccess::VERSION_V3) {
    job.session = sessions_.Open(slot, access.credential);
    if (job.session == nullptr) return false;
    job.session->SetContext(request.plan.context);
    job.allow_v1 = false;
    limits.version = snmp::Version::kV3;
    return true;
  }
  const auto community = options_.communities.find(access.credential);
  if (community == options_.communities.end()) return false;
  job.community = community->second;
  // As agents of versions 1 and 2c take a context: behind the community.
  if (!request.plan.context.empty()) job.community += "@" + request.plan.context;
  job.allow_v1 = access.version != SnmpAccess::VERSION_V2C;
  if (access.version == SnmpAccess::VERSION_V1) {
    limits.version = snmp::Version::kV1;
  } else if (limits.version == snmp::Version::kV3) {
    limits.version = snmp::Version::kV2c;
  }
  return true;
}

void Reader::Forget(core::DeviceSlot slot) {
  if (slot >= jobs_.size()) return;
  learned_[slot].Forget();
  sessions_.Forget(slot);
  if (jobs_[slot] == nullptr) return;
  (void)matcher_.GiveUp(jobs_[slot]->request_id);
  deadlines_.Remove(slot);
  if (jobs_[slot]->link != nullptr) links_.Remove(*jobs_[slot]->link, slot);
  std::erase(ready_, slot);
  std::erase(doubtful_, slot);
  std::erase(failed_, slot);
  jobs_[slot].reset();
}

void Reader::Queue(core::DeviceSlot slot, bool doubtful) {
  Links::Link* const link = jobs_[slot]->link;
  if (link != nullptr) return links_.Queue(*link, slot, doubtful);
  (doubtful ? doubtful_ : ready_).push_back(slot);
}

// Single objects first, then subtrees, then the ends of columns. False when all are done.
bool Reader::NextDialogue(Job& job) {
  for (;;) {
    if (job.dialogue != nullptr) {
      if (const auto request = job.dialogue->Next()) {
        job.request =
            snmp::RequestTemplate(request->version, request->type, request->names, request->bulk);
        job.attempts = 0;
        return true;
      }
    }
    snmp::AgentLimits& limits = learned_[job.id.device].limits();
    const bool silent = job.fetch.has_value() && job.fetch->end() == snmp::FetchEnd::kSilent;
    if (!job.fetch.has_value() && !job.plan.scalars.empty()) {
      job.fetch.emplace(
          snmp::FetchOptions{.names = std::move(job.plan.scalars), .allow_v1 = job.allow_v1},
          limits);
      job.dialogue = &*job.fetch;
    } else if (!job.walk.has_value() && !job.plan.subtrees.empty() && !silent) {
      job.walk.emplace(snmp::WalkOptions{.subtrees = job.plan.subtrees,
                                         .varbinds_max = job.plan.walked_max,
                                         .allow_v1 = job.allow_v1},
                       limits);
      job.dialogue = &*job.walk;
    } else if (!job.tails.has_value() && !job.plan.tails.empty() && !silent) {
      job.tails.emplace(TailsOf(job.plan, job.allow_v1), limits);
      job.dialogue = &*job.tails;
    } else {
      return false;
    }
  }
}

void Reader::Poll(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers) {
  for (const core::DeviceSlot slot : std::exchange(failed_, {})) {
    if (jobs_[slot] != nullptr) Finish(slot, answers);
  }
  Receive(now, answers);
  Expire(now, answers);
  SendReady(now);
}

void Reader::Receive(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers) {
  for (;;) {
    const std::span<const snmp::InDatagram> batch = network_.Receive();
    if (batch.empty()) return;
    for (const snmp::InDatagram& in : batch) {
      figures_.bytes_received += in.bytes.size();
      if (snmp::usm::IsVersion3(in.bytes)) {
        OnSecured(in, now, answers);
      } else {
        OnPlain(in, answers);
      }
    }
  }
}

void Reader::OnPlain(const snmp::InDatagram& in, std::vector<core::ReadAnswer>& answers) {
  snmp::MessageView message;
  const snmp::DecodeFault fault = decoder_.Decode(in.bytes, message);
  ++figures_.decode_faults[static_cast<std::size_t>(fault)];
  if (fault == snmp::DecodeFault::kNone) OnMessage(in, message, answers);
}

// Whom it may come from is looked at first: it costs less than a signature.
void Reader::OnSecured(const snmp::InDatagram& in,
                       base::MonotonicTime now,
                       std::vector<core::ReadAnswer>& answers) {
  snmp::usm::Frame frame;
  const snmp::DecodeFault fault = snmp::usm::Parse(in.bytes, frame);
  ++figures_.decode_faults[static_cast<std::size_t>(fault)];
  if (fault != snmp::DecodeFault::kNone) return;
  const auto token = matcher_.Expects(in.from, in.via, frame.message_id);
  if (!token.has_value()) return;
  const auto slot = static_cast<core::DeviceSlot>(*token);
  Job& job = *jobs_[slot];
  snmp::MessageView message;
  const snmp::usm::Heard heard =
      job.session->Accept(cipher_, decoder_, now, in.bytes, frame, message);
  ++figures_.heard[static_cast<std::size_t>(heard)];
  if (heard == snmp::usm::Heard::kAnswer) {
    sessions_.NoteEngine(slot);
    return OnMessage(in, message, answers);
  }
  if (heard != snmp::usm::Heard::kAgain && heard != snmp::usm::Heard::kRefused) return;
  (void)matcher_.GiveUp(job.request_id);
  deadlines_.Remove(slot);
  job.refused = heard == snmp::usm::Heard::kRefused;
  if (job.refused) return Finish(slot, answers);
  --job.attempts;  // It was no fault of the agent's.
  Queue(slot);
}

void Reader::OnMessage(const snmp::InDatagram& in,
                       const snmp::MessageView& message,
                       std::vector<core::ReadAnswer>& answers) {
  const snmp::Match match = matcher_.Accept(in.from, in.via, message);
  if (match.result != snmp::MatchResult::kMatched) return;
  const auto slot = static_cast<core::DeviceSlot>(match.token);
  Job& job = *jobs_[slot];
  ++figures_.answers;
  if (in.from.address != job.agent.address) ++figures_.answers_from_elsewhere;
  deadlines_.Remove(slot);
  job.answered = true;
  core::AddReadings(job.dialogue->OnResponse(message), job.values);
  Advance(slot, answers);
}

void Reader::Expire(base::MonotonicTime now, std::vector<core::ReadAnswer>& answers) {
  while (const std::optional<core::DeviceSlot> slot = deadlines_.Pop(now)) {
    Job& job = *jobs_[*slot];
    (void)matcher_.GiveUp(job.request_id);
    ++figures_.timeouts;
    if (job.attempts < job.tries) {
      Queue(*slot);
      continue;
    }
    job.dialogue->OnTimeout();
    // Who never answered is not asked for less and less: the whole reading is silent.
    const snmp::AgentLimits& limits = learned_[*slot].limits();
    if (!job.answered &&
        !(job.allow_v1 && limits.version == snmp::Version::kV1 && !limits.version_confirmed)) {
      Finish(*slot, answers);
    } else {
      Advance(*slot, answers);
    }
  }
}

void Reader::Advance(core::DeviceSlot slot, std::vector<core::ReadAnswer>& answers) {
  if (NextDialogue(*jobs_[slot])) {
    Queue(slot);
  } else {
    Finish(slot, answers);
  }
}

// A subtree that the agent refuses even name by name has nothing to tell; every other early end may
// hide something.
std::vector<snmp::Oid> Reader::Unfinished(const Job& job) {
  if (!job.walk.has_value()) return job.plan.subtrees;
  std::vector<snmp::Oid> unfinished;
  for (std::size_t i = 0; i < job.plan.subtrees.size(); ++i) {
    const snmp::SubtreeEnd end = job.walk->ends()[i];
    if (end == snmp::SubtreeEnd::kComplete || end == snmp::SubtreeEnd::kRefused) continue;
    unfinished.push_back(job.plan.subtrees[i]);
  }
  return unfinished;
}

void Reader::Finish(core::DeviceSlot slot, std::vector<core::ReadAnswer>& answers) {
  const std::unique_ptr<Job> job = std::move(jobs_[slot]);
  core::ReadAnswer answer;
  answer.id = job->id;
  if (!job->possible) {
    answer.result = core::ReadAnswer::Result::kNotAsked;
  } else if (job->refused) {
    answer.result = core::ReadAnswer::Result::kRefused;
    answer.refusal = job->session->refusal();
  } else if (job->answered) {
    answer.result = core::ReadAnswer::Result::kAnswered;
    answer.unfinished = Unfinished(*job);
    answer.complete =
        answer.unfinished.empty() &&
        (!job->fetch.has_value() || job->fetch->end() == snmp::FetchEnd::kComplete) &&
        (job->plan.tails.empty() || (job->tails.has_value() && job->tails->complete()));
    answer.values = std::move(job->values);
    core::SortReadings(answer.values);
  } else if (!learned_[slot].limits().version_confirmed) {
    learned_[slot].Forget();  // Nothing was learned from silence.
  }
  answer.requests = job->sent;
  if (job->sent > 0) answer.took = polled_ - job->began;
  learned_[slot].End(polled_, !job->answered);
  answers.push_back(std::move(answer));
}

// In batches, for a system call costs as much as everything else about a request.
void Reader::SendReady(base::MonotonicTime now) {
  polled_ = now;
  links_.Release(now, ready_, doubtful_);
  std::span<const core::DeviceSlot> ready(ready_);
  std::span<const core::DeviceSlot> doubtful(doubtful_);
  while (!ready.empty() || !doubtful.empty()) {
    const std::size_t most = std::min<std::size_t>(kSendBatch, rate_.Available(now));
    const std::size_t reserved = std::min(most / kDoubtfulShare, doubtful.size());
    std::size_t sent = SendBatch(ready.first(std::min(most - reserved, ready.size())), now);
    ready = ready.subspan(sent);
    const std::size_t more = SendBatch(doubtful.first(std::min(most - sent, doubtful.size())), now);
    doubtful = doubtful.subspan(more);
    sent += more;
    if (sent == 0) break;
    rate_.Take(now, static_cast<std::uint32_t>(sent));
  }
  ready_.erase(ready_.begin(), ready_.end() - static_cast<std::ptrdiff_t>(ready.size()));
  doubtful_.erase(doubtful_.begin(),
                  doubtful_.end() - static_cast<std::ptrdiff_t>(doubtful.size()));
}

// How many of `slots`, from the first one, are done with: sent, or gone meanwhile.
std::size_t Reader::SendBatch(std::span<const core::DeviceSlot> slots, base::MonotonicTime now) {
  if (slots.empty()) return 0;
  batch_.clear();
  std::size_t bytes = 0;
  for (const core::DeviceSlot slot : slots) {
    if (const Job* job = jobs_[slot].get()) bytes += job->request_size();
  }
  buffer_.resize(std::max(buffer_.size(), bytes));
  std::span<std::uint8_t> room(buffer_);
  std::size_t opened = 0;
  for (const core::DeviceSlot slot : slots) {
    if (jobs_[slot] != nullptr) {
      Job& job = *jobs_[slot];
      const auto issued = matcher_.Open({.peer = job.agent,
                                         .request = &job.request,
                                         .community = job.community,
                                         .token = slot,
                                         .any_address = job.any_address});
      if (!issued.has_value()) break;
      job.request_id = issued->request_id;
      snmp::OutDatagram& out = batch_.emplace_back();
      out.to = job.agent;
      const std::span<std::uint8_t> place = room.first(job.request_size());
      out.bytes = job.session == nullptr
                      ? job.request.Render(job.community, issued->request_id, place)
                      : job.session->Write(cipher_, now, job.request, issued->request_id, place);
      out.via = issued->via;
      room = room.subspan(place.size());
    }
    ++opened;
  }
  return Launch(slots.first(opened), network_.Send(batch_), now);
}

// Of the requests of `slots`, the network took the first `taken`: those are in flight, the others
// are asked again later.
std::size_t Reader::Launch(std::span<const core::DeviceSlot> slots,
                           std::size_t taken,
                           base::MonotonicTime now) {
  std::size_t done = slots.size();
  std::size_t number = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (jobs_[slots[i]] == nullptr) continue;
    Job& job = *jobs_[slots[i]];
    if (number < taken) {
      ++job.attempts;
      if (++job.sent == 1) job.began = now;
      ++figures_.requests;
      if (job.due.has_value()) figures_.delays.Add(now - *std::exchange(job.due, std::nullopt));
      figures_.bytes_sent += batch_[number].bytes.size();
      deadlines_.Set(slots[i], now + options_.timeout);
    } else {
      (void)matcher_.GiveUp(job.request_id);
      done = std::min(done, i);
    }
    ++number;
  }
  return done;
}

std::optional<base::MonotonicTime> Reader::next() const {
  if (!failed_.empty()) return polled_;
  std::optional<base::MonotonicTime> ready = links_.next();
  if (ready.has_value()) ready = std::max(polled_, *ready);
  if (!ready_.empty() || !doubtful_.empty()) {
    // Either the rate holds them back, or something that is gone by the next turn.
    const base::MonotonicTime allowed = std::max(polled_, rate_.next_time());
    ready = std::min(ready.value_or(allowed), allowed);
  }
  const std::optional<base::MonotonicTime> deadline = deadlines_.next();
  if (!ready.has_value() || !deadline.has_value()) return ready.has_value() ? ready : deadline;
  return std::min(*ready, *deadline);
}

ReaderFigures Reader::figures() const {
  ReaderFigures figures = figures_;
  figures.waiting_for_links = links_.waiting();
  figures.under_way = static_cast<std::size_t>(
      std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job != nullptr; }));
  return figures;
}

void WaitForReader(const Reader& reader, base::MonotonicTime now, snmp::Datagrams& network) {
  // Requests that the network had no room for make next() due at once: a short wait keeps this
  // from spinning.
  constexpr base::Duration kStep = std::chrono::milliseconds(2);
  constexpr base::Duration kLongest = std::chrono::milliseconds(200);
  if (const auto next = reader.next()) network.Wait(std::clamp(*next - now, kStep, kLongest));
}

}  // namespace platen::collector::edge
