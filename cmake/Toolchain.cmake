# Language level, compiler launcher, linker, warnings and sanitizers, for every target of ours.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(PLATEN_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, 'address,undefined' or 'thread'")
option(PLATEN_COVERAGE "Instrument for gcov" OFF)
option(PLATEN_BENCH "Build the benchmarks" ON)
option(PLATEN_PLANTED_BUGS "Have bugs that can be switched on, for the simulation's own test (libs/base/planted_bug.h)" OFF)
option(PLATEN_FUZZ "Build the fuzz targets with libFuzzer (clang only)" OFF)

find_program(PLATEN_CCACHE ccache)
if(PLATEN_CCACHE)
  # Paths below the checkout are hashed relative to it, so that two clones share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime ${PLATEN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

find_program(PLATEN_MOLD mold)
if(PLATEN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(platen_flags INTERFACE)
target_compile_options(platen_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers)
# At -O2, GCC 12 warns of its own inlined string and array code (its bugs 105329 and 104475).
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(platen_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()

if(PLATEN_SANITIZE)
  add_compile_options(-fsanitize=${PLATEN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PLATEN_SANITIZE})
  if(PLATEN_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_link_options(-static-libasan -static-libubsan)  # As shared libraries, GCC's two do not share where to report.
  endif()
  # With AddressSanitizer's code in between, GCC 12 takes std::regex's own temporaries for uninitialised (its bug 105562).
  target_compile_options(platen_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(PLATEN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "PLATEN_FUZZ needs clang: cmake -DCMAKE_CXX_COMPILER=clang++-14 -DPLATEN_FUZZ=ON …")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
if(PLATEN_SANITIZE MATCHES thread)
  # Debian's libprotobuf is not built for it, but its headers would lay out maps as if it were: a crash, not a race.
  add_compile_options(-U__SANITIZE_THREAD__)
  add_library(platen_c11_threads OBJECT cmake/c11_threads_for_tsan.cc)
  target_link_libraries(platen_flags INTERFACE
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:platen_c11_threads>>")
endif()
if(PLATEN_PLANTED_BUGS)
  add_compile_definitions(PLATEN_PLANTED_BUGS)
endif()
if(PLATEN_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
# Debug information of the third-party templates costs more time and disk than it helps.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
