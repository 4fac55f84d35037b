// Which of a device's tables a reading has seen whole.
#pragma once

namespace platen::collector::core {

// Tables of a device that were read to their end: what they show now is all that they show.
struct Tables {
  bool rows = false;  // prtAlertTable
  bool covers = false;
  bool inputs = false;
  bool outputs = false;
  bool markers = false;
  bool supplies = false;
  bool panel = false;

  static Tables All() { return {true, true, true, true, true, true, true}; }
};

}  // namespace platen::collector::core
