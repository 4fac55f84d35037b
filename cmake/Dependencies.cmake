# Third-party packages, each as one imported target. docs/dependencies.md says why each is here.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CURL REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Boost 1.74 REQUIRED)

pkg_check_modules(grpcpp REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(jemalloc REQUIRED jemalloc>=5)

# malloc of services and of both sides of benchmarks. Sanitizers bring their own, and tests keep the C library's.
add_library(platen_allocator INTERFACE)
if(NOT PLATEN_SANITIZE)
  # Nothing names it, so a linker that drops what is not needed would drop it.
  target_link_options(platen_allocator INTERFACE LINKER:--push-state,--no-as-needed,-ljemalloc,--pop-state)
endif()

find_program(PLATEN_PROTOC protoc REQUIRED)
find_program(PLATEN_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)
