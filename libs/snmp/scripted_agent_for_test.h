// An agent for tests of dialogues: answers from a recording, and misbehaves when told to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libs/snmp/dialogue.h"
#include "libs/snmp/message_writer.h"
#include "libs/snmp/recording_mib.h"

namespace platen::snmp {

class ScriptedAgent {
 public:
  explicit ScriptedAgent(std::string_view recording) : recording_(ReadRecording(recording)) {}

  // What it does to a request before answering as it should.
  bool speaks_v2c = true;
  bool speaks_v1 = true;
  std::size_t bulk_answers_max = 1000;  // A GETBULK for more varbinds gets tooBig…
  bool silent_when_too_big = false;     // …or nothing.
  std::size_t names_max = 1000;         // So does a request of more names.
  OidView fails_at;        // A request of this name, or that would step to it, gets genErr…
  bool says_where = true;  // …with the name's place.

  // Runs `dialogue` against it; the rows it brings, as .snmprec.
  std::vector<std::string> Run(Dialogue& dialogue) {
    std::vector<std::string> rows;
    while (const auto request = dialogue.Next()) {
      if (++requests > kRequestsMax) return {"the dialogue does not end"};
      const auto answer = Answer(*request);
      if (!answer.has_value()) {
        dialogue.OnTimeout();
        continue;
      }
      for (const VarbindView& varbind : dialogue.OnResponse(*answer))
        rows.push_back(ToSnmprec(varbind));
    }
    return rows;
  }

  int requests = 0;

 private:
  static constexpr int kRequestsMax = 10000;

  std::optional<MessageView> Answer(const RequestSpec& request) {
    if (!(request.version == Version::kV2c ? speaks_v2c : speaks_v1)) return std::nullopt;
    const RequestTemplate encoded(request.version, request.type, request.names, request.bulk);
    const bool bulk = request.type == PduType::kGetBulk;
    if (request.names.size() > names_max || (bulk && encoded.max_answers() > bulk_answers_max)) {
      if (silent_when_too_big) return std::nullopt;
      return Error(ErrorStatus::kTooBig, 0);
    }
    for (std::size_t i = 0; i < request.names.size(); ++i) {
      if (!Fails(request, i)) continue;
      return Error(ErrorStatus::kGenErr, says_where ? static_cast<std::int32_t>(i) + 1 : 0);
    }
    request_bytes_.resize(encoded.size(1));
    MessageView asked;
    request_decoder_.Decode(encoded.Render("c", 1, request_bytes_), asked);
    MessageView answered;
    decoder_.Decode(snmp::Answer(asked, mib_, {}, buffer_), answered);
    return answered;
  }

  bool Fails(const RequestSpec& request, std::size_t i) {
    if (fails_at.empty()) return false;
    if (request.type == PduType::kGet) return request.names[i] == fails_at;
    const auto next = mib_.Next(request.names[i]);
    return next.has_value() && next->name == fails_at;
  }

  static MessageView Error(ErrorStatus error, std::int32_t index) {
    MessageView message;
    message.head.type = PduType::kResponse;
    message.head.error_status = static_cast<std::int32_t>(error);
    message.head.error_index = index;
    return message;
  }

  Recording recording_;
  RecordingMib mib_{recording_};
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kMaxMessageBytes);
  std::vector<std::uint8_t> request_bytes_;
  MessageDecoder request_decoder_;
  MessageDecoder decoder_;
};

}  // namespace platen::snmp
