// Cells of a device's tables in few bytes, as its state keeps them: a table's names differ in their
// last arcs only.
//
//   cells = *cell
//   cell  = shared suffix-length *suffix kind [value]
//     shared         byte: how many bytes of its name are those of the name before
//     suffix         the rest of the name (BER contents, X.690 §8.19)
//     kind           byte: the value's BER tag, NULL where none is kept; +0x20 where it is asked
//     for
//                    at each reading
//     value          a number as a varint (INTEGER: zigzag), or a varint length and bytes
//
// Ten rows of supplies take some 400 bytes. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/snmp/oid.h"
#include "libs/snmp/value.h"

namespace platen::collector::core {

struct KeptCell {
  snmp::Oid name;
  // Null where none is kept.
  snmp::Value value;
  // Whether it is asked for at each reading; otherwise its value stands until it is read anew.
  bool asked = false;

  friend bool operator==(const KeptCell&, const KeptCell&) = default;
};

// REQUIRES: names of at most 255 bytes.
std::string EncodeCells(std::span<const KeptCell> cells);

// Nothing where `bytes` are not what EncodeCells() makes.
std::optional<std::vector<KeptCell>> DecodeCells(std::string_view bytes);

}  // namespace platen::collector::core
