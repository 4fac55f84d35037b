#include "libs/snmp/dialogue.h"

namespace platen::snmp {

Patience::Verdict Patience::OnSilence() {
  if (limits_.version_confirmed)
    return ++silent_ < kSilentMax ? Verdict::kAskForLess : Verdict::kGiveUp;
  if (limits_.version == Version::kV2c && allow_v1_ && !tried_v1_) {
    tried_v1_ = true;
    limits_.version = Version::kV1;
    return Verdict::kAskAgain;
  }
  // Silent in both: nothing was learned about the version.
  if (tried_v1_) limits_.version = Version::kV2c;
  return Verdict::kGiveUp;
}

}  // namespace platen::snmp
