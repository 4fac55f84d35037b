// What is kept of a device between its readings: its target and its state, pressed. Printers of one
// model say nearly the same of themselves, so each is kept as what differs from one of its kind: a
// tenth of its two or three kilobytes.
//
// Pure, thread-confined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace platen::collector::core {

// A record at rest. Only the press that made it can open it.
struct PressedRecord {
  std::unique_ptr<const char[]> bytes;
  std::uint32_t pressed_size = 0;
  // Of the open record, and of its first part, the target.
  std::uint32_t size = 0;
  std::uint32_t target_size = 0;
  // Which one of its kind it was pressed by; 0: none.
  std::uint16_t dictionary = 0;
};

// Two serialised messages.
struct OpenRecord {
  std::string_view target;
  std::string_view state;
};

class RecordPress {
 public:
  // Kinds that have a dictionary, of some 80 KiB each. Devices of others are pressed without one,
  // to half their size.
  static constexpr std::size_t kDictionariesMax = 200;
  // A kind has one once it was seen so often: a fleet of odd ones out pays for none.
  static constexpr std::uint32_t kSeenAtLeast = 4;

  RecordPress();
  ~RecordPress();

  RecordPress(const RecordPress&) = delete;
  RecordPress& operator=(const RecordPress&) = delete;

  // `kind`: the same for devices that are alike. The record's parts may be views of Open().
  PressedRecord Press(const OpenRecord& record, std::uint64_t kind);

  // The parts are valid until the next call of this object.
  OpenRecord Open(const PressedRecord& record);

  std::size_t dictionaries() const { return dictionaries_.size(); }

 private:
  class Library;
  class Dictionary;

  struct Kind {
    std::uint32_t seen = 0;
    std::uint16_t dictionary = 0;
  };

  std::uint16_t DictionaryFor(std::uint64_t kind);

  const std::unique_ptr<Library> library_;
  std::vector<std::unique_ptr<const Dictionary>> dictionaries_;  // Numbered from 1.
  absl::flat_hash_map<std::uint64_t, Kind> kinds_;
  std::string packing_;
  std::string pressed_;
  std::string opened_;
};

}  // namespace platen::collector::core
