// Writes a corpus as plain bytes, one file a seed, which is what libFuzzer reads: CORPUS_DIRECTORY
// TARGET_DIRECTORY
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/corpus.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY TARGET_DIRECTORY\n", argv[0]);
    return 2;
  }
  std::filesystem::create_directories(argv[2]);
  for (const auto& seed : platen::fuzz::ReadCorpus(argv[1])) {
    std::ofstream file(std::filesystem::path(argv[2]) / seed.name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.bytes.data()),
               static_cast<std::streamsize>(seed.bytes.size()));
  }
  return 0;
}
