#include "services/collector/core/record_press.h"

#include <cstring>
#include <utility>

#include <zstd.h>

#include "absl/base/internal/raw_logging.h"

namespace platen::collector::core {
namespace {

// More takes several times as long, and hardly a byte off: what is alike is found at once.
constexpr int kLevel = 1;

// Kinds that are counted; more are not looked at.
constexpr std::size_t kKindsMax = 20 * RecordPress::kDictionariesMax;

}  // namespace

class RecordPress::Library {
 public:
  Library() : in_(ZSTD_createCCtx()), out_(ZSTD_createDCtx()) {
    ABSL_RAW_CHECK(in_ != nullptr && out_ != nullptr, "no memory for zstd");
  }

  ~Library() {
    ZSTD_freeCCtx(in_);
    ZSTD_freeDCtx(out_);
  }

  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  ZSTD_CCtx* in() const { return in_; }

  ZSTD_DCtx* out() const { return out_; }

 private:
  ZSTD_CCtx* const in_;
  ZSTD_DCtx* const out_;
};

// One record, whose bytes others of its kind repeat.
class RecordPress::Dictionary {
 public:
  explicit Dictionary(const std::string& bytes)
      : in_(ZSTD_createCDict(bytes.data(), bytes.size(), kLevel)),
        out_(ZSTD_createDDict(bytes.data(), bytes.size())) {
    ABSL_RAW_CHECK(in_ != nullptr && out_ != nullptr, "no memory for zstd");
  }

  ~Dictionary() {
    ZSTD_freeCDict(in_);
    ZSTD_freeDDict(out_);
  }

  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  const ZSTD_CDict* in() const { return in_; }

  const ZSTD_DDict* out() const { return out_; }

 private:
  ZSTD_CDict* const in_;
  ZSTD_DDict* const out_;
};

RecordPress::RecordPress() : library_(std::make_unique<Library>()) {}

RecordPress::~RecordPress() = default;

PressedRecord RecordPress::Press(const OpenRecord& record, std::uint64_t kind) {
  packing_.assign(record.target);
  packing_.append(record.state);
  PressedRecord pressed;
  pressed.size = static_cast<std::uint32_t>(packing_.size());
  pressed.target_size = static_cast<std::uint32_t>(record.target.size());
  pressed.dictionary = DictionaryFor(kind);
  pressed_.resize(ZSTD_compressBound(packing_.size()));
  const auto press = [&](auto function, auto how) {
    return function(
        library_->in(), pressed_.data(), pressed_.size(), packing_.data(), packing_.size(), how);
  };
  const std::size_t size =
      pressed.dictionary == 0
          ? press(ZSTD_compressCCtx, kLevel)
          : press(ZSTD_compress_usingCDict, dictionaries_[pressed.dictionary - 1]->in());
  ABSL_RAW_CHECK(ZSTD_isError(size) == 0, "zstd refuses a record");
  pressed.pressed_size = static_cast<std::uint32_t>(size);
  auto bytes = std::make_unique_for_overwrite<char[]>(size);
  std::memcpy(bytes.get(), pressed_.data(), size);
  pressed.bytes = std::move(bytes);
  return pressed;
}

OpenRecord RecordPress::Open(const PressedRecord& record) {
  opened_.resize(record.size);
  const auto open = [&](auto function, auto... how) {
    return function(library_->out(),
                    opened_.data(),
                    opened_.size(),
                    record.bytes.get(),
                    record.pressed_size,
                    how...);
  };
  if (record.size > 0) {
    const std::size_t size =
        record.dictionary == 0
            ? open(ZSTD_decompressDCtx)
            : open(ZSTD_decompress_usingDDict, dictionaries_[record.dictionary - 1]->out());
    ABSL_RAW_CHECK(size == record.size, "a record is not what was pressed");
  }
  const std::string_view all = opened_;
  return {.target = all.substr(0, record.target_size), .state = all.substr(record.target_size)};
}

// The one of its kind that is there, or else what is packed now, once its kind was seen often
// enough.
std::uint16_t RecordPress::DictionaryFor(std::uint64_t kind) {
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    if (kinds_.size() >= kKindsMax) return 0;
    found = kinds_.emplace(kind, Kind()).first;
  }
  Kind& known = found->second;
  if (known.dictionary > 0 || dictionaries_.size() >= kDictionariesMax) return known.dictionary;
  if (++known.seen < kSeenAtLeast) return 0;
  dictionaries_.push_back(std::make_unique<const Dictionary>(packing_));
  known.dictionary = static_cast<std::uint16_t>(dictionaries_.size());
  return known.dictionary;
}

}  // namespace platen::collector::core
