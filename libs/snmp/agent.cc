#include "libs/snmp/agent.h"

#include <algorithm>
#include <vector>

#include "libs/snmp/message_writer.h"

namespace platen::snmp {
namespace {

// Puts one answer together. A failed step leaves its error; the message is then the request's names
// and that error.
class Reply {
 public:
  Reply(const MessageView& request, Mib& mib, std::span<std::uint8_t> buffer)
      : request_(request), mib_(mib), writer_(buffer, request.head.community.size()) {
    head_.version = request.head.version;
    head_.type = PduType::kResponse;
    head_.request_id = request.head.request_id;
    head_.community = request.head.community;
  }

  void Get() {
    ForEachName([this](OidView name) {
      const auto value = mib_.Get(name);
      if (value.has_value() && Speaks(value->type())) return Put({name, *value});
      return v1() ? ErrorStatus::kNoSuchName
                  : Put({name, ValueView::Empty(ValueType::kNoSuchInstance)});
    });
  }

  void GetNext() {
    ForEachName([this](OidView name) {
      const auto next = Next(name);
      if (next.has_value()) return Put(*next);
      return v1() ? ErrorStatus::kNoSuchName
                  : Put({name, ValueView::Empty(ValueType::kEndOfMibView)});
    });
  }

  // As many whole varbinds as fit; a short answer is a good one.
  void GetBulk() {
    const auto names = request_.varbinds;
    const auto single =
        std::min(names.size(), static_cast<std::size_t>(std::max(request_.head.error_status, 0)));
    for (std::size_t i = 0; i < single; ++i) {
      if (!PutNextOrEnd(names[i].name)) return;
    }
    std::vector<Oid> cursors;
    for (const VarbindView& varbind : names.subspan(single)) cursors.emplace_back(varbind.name);
    std::vector<bool> ended(cursors.size());
    for (std::int32_t row = 0; row < request_.head.error_index && !AllOf(ended); ++row) {
      for (std::size_t i = 0; i < cursors.size(); ++i) {
        const auto next = ended[i] ? std::nullopt : Next(cursors[i]);
        const VarbindView varbind =
            next.value_or(VarbindView{cursors[i], ValueView::Empty(ValueType::kEndOfMibView)});
        if (!writer_.Add(varbind)) return;
        if (next.has_value()) {
          cursors[i] = Oid(next->name);
        } else {
          ended[i] = true;
        }
      }
    }
  }

  void Refuse(ErrorStatus error, std::size_t index) {
    writer_.Clear();
    head_.error_status = static_cast<std::int32_t>(error);
    head_.error_index = static_cast<std::int32_t>(index);
    // RFC 3416 wants an empty list behind a v2c tooBig; all other errors repeat the request.
    if (error == ErrorStatus::kTooBig && !v1()) return;
    for (const VarbindView& varbind : request_.varbinds) {
      if (!writer_.Add({varbind.name, ValueView()})) return;
    }
  }

  std::span<const std::uint8_t> Finish() { return writer_.Finish(head_); }

  bool v1() const { return request_.head.version == Version::kV1; }

 private:
  template <class Step>
  void ForEachName(Step step) {
    for (std::size_t i = 0; i < request_.varbinds.size(); ++i) {
      const ErrorStatus error = step(request_.varbinds[i].name);
      if (error == ErrorStatus::kTooBig) return Refuse(error, 0);
      if (error != ErrorStatus::kNoError) return Refuse(error, i + 1);
    }
  }

  ErrorStatus Put(const VarbindView& varbind) {
    return writer_.Add(varbind) ? ErrorStatus::kNoError : ErrorStatus::kTooBig;
  }

  bool PutNextOrEnd(OidView name) {
    const auto next = Next(name);
    return writer_.Add(
        next.value_or(VarbindView{name, ValueView::Empty(ValueType::kEndOfMibView)}));
  }

  // SNMPv1 has no Counter64 and passes it over (RFC 3584 §4.2.2.1).
  bool Speaks(ValueType type) const { return !v1() || type != ValueType::kCounter64; }

  std::optional<VarbindView> Next(OidView name) {
    auto next = mib_.Next(name);
    while (next.has_value() && !Speaks(next->value.type())) {
      const Oid skipped(next->name);
      next = mib_.Next(skipped);
    }
    return next;
  }

  static bool AllOf(const std::vector<bool>& flags) {
    return std::find(flags.begin(), flags.end(), false) == flags.end();
  }

  const MessageView& request_;
  Mib& mib_;
  MessageWriter writer_;
  MessageHead head_;
};

}  // namespace

std::span<const std::uint8_t> Answer(const MessageView& request,
                                     Mib& mib,
                                     const AgentOptions& options,
                                     std::span<std::uint8_t> buffer) {
  // The head is written in front of its reserved room, so the limit applies to what that leaves.
  const std::size_t room = std::min(buffer.size(), options.message_bytes_max);
  Reply reply(request, mib, buffer.first(room));
  switch (request.head.type) {
    case PduType::kGet:
      reply.Get();
      break;
    case PduType::kGetNext:
      reply.GetNext();
      break;
    case PduType::kGetBulk:
      if (reply.v1()) return {};
      reply.GetBulk();
      break;
    case PduType::kSet:
      reply.Refuse(reply.v1() ? ErrorStatus::kNoSuchName : ErrorStatus::kNotWritable, 1);
      break;
    default:
      return {};
  }
  return reply.Finish();
}

}  // namespace platen::snmp
