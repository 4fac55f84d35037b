# The words in which every CMakeLists.txt of this project is written.
#
#   platen_proto(event SRCS a.proto … [DEPS ingest …] [GRPC])   platen::proto_event (and platen::grpc_event)
#   platen_library(flow LAYER 1 SRCS … DEPS … TESTS …)          platen::flow, and the test program flow_test
#   platen_service(relay CORE … EDGE … WIRING … MAIN main.cc DEPS … TESTS …)
#                                                               platen::relay_core, relay_edge, relay; platen-relay; relay_test
#   platen_tool(fleetsim SRCS … MAIN main.cc DEPS … TESTS …)    platen::fleetsim; platen-fleetsim; fleetsim_test
#   platen_test(NAME x LABELS unit SRCS … DEPS … [KAFKA] [SERIAL])
#                                                               one GoogleTest program = one ctest entry; with KAFKA it
#                                                               finds a real broker's host:port in PLATEN_TEST_KAFKA,
#                                                               shared with other tests: name topics and groups uniquely
#   platen_python_test(NAME x LABELS e2e SCRIPT x_test.py [KAFKA] [SERIAL])
#                                                               the same for a Python unittest file
#   platen_fuzz(x_fuzz SRCS … DEPS … CORPUS corpus/x)          one fuzz target and its short run in ctest
#   platen_bench(NAME x SRCS … DEPS …)                          one google-benchmark or plain program in build/…/bench
#
# Dependencies point down: a library of layer N may use libraries of layers below N and of its own layer's
# contract (broker → broker_kafka), services may use libraries and never each other. Configuring fails where
# that is broken, so the rule needs no reviewer.

# What an operator runs, and what is measured; neither needs the tests.
add_custom_target(programs)
add_custom_target(benches)

function(_platen_check_layer target layer)
  foreach(dep IN LISTS ARGN)
    if(TARGET ${dep})
      get_target_property(real ${dep} ALIASED_TARGET)
      if(NOT real)
        set(real ${dep})
      endif()
      get_target_property(dep_layer ${real} PLATEN_LAYER)
      if(NOT "${dep_layer}" STREQUAL "dep_layer-NOTFOUND" AND dep_layer GREATER layer)
        message(FATAL_ERROR "${target} (layer ${layer}) must not use ${dep} (layer ${dep_layer}): includes point down")
      endif()
      get_target_property(dep_service ${real} PLATEN_SERVICE)
      get_target_property(own_service ${target} PLATEN_SERVICE)
      if(dep_service AND NOT "${dep_service}" STREQUAL "${own_service}")
        message(FATAL_ERROR "${target} must not use ${dep}: services share libs/ and proto/, never each other")
      endif()
    endif()
  endforeach()
endfunction()

function(_platen_target name layer srcs deps)
  if(srcs)
    add_library(platen_${name} STATIC ${srcs})
    target_link_libraries(platen_${name} PUBLIC ${deps} PRIVATE platen_flags)
    target_include_directories(platen_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  else()
    add_library(platen_${name} INTERFACE)
    target_link_libraries(platen_${name} INTERFACE ${deps})
    target_include_directories(platen_${name} INTERFACE ${CMAKE_SOURCE_DIR})
  endif()
  add_library(platen::${name} ALIAS platen_${name})
  set_target_properties(platen_${name} PROPERTIES PLATEN_LAYER ${layer})
endfunction()

function(platen_proto name)
  cmake_parse_arguments(A "GRPC" "" "SRCS;DEPS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/gen)
  set(pb_srcs)
  set(grpc_srcs)
  foreach(proto IN LISTS A_SRCS)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND ${PLATEN_PROTOC} -I${CMAKE_SOURCE_DIR}/proto --cpp_out=${out} ${CMAKE_SOURCE_DIR}/proto/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto} VERBATIM)
    list(APPEND pb_srcs ${out}/${stem}.pb.cc)
    if(A_GRPC)
      add_custom_command(
        OUTPUT ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h
        COMMAND ${PLATEN_PROTOC} -I${CMAKE_SOURCE_DIR}/proto --grpc_out=${out}
                --plugin=protoc-gen-grpc=${PLATEN_GRPC_PLUGIN} ${CMAKE_SOURCE_DIR}/proto/${proto}
        DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto} VERBATIM)
      list(APPEND grpc_srcs ${out}/${stem}.grpc.pb.cc)
    endif()
  endforeach()
  add_library(platen_proto_${name} STATIC ${pb_srcs})
  target_include_directories(platen_proto_${name} SYSTEM PUBLIC ${out} ${Protobuf_INCLUDE_DIRS})
  target_link_libraries(platen_proto_${name} PUBLIC protobuf::libprotobuf)
  foreach(dep IN LISTS A_DEPS)
    target_link_libraries(platen_proto_${name} PUBLIC platen::proto_${dep})
  endforeach()
  add_library(platen::proto_${name} ALIAS platen_proto_${name})
  if(A_GRPC)
    # Stubs apart from messages: a file that only needs the messages never compiles gRPC's headers.
    add_library(platen_grpc_${name} STATIC ${grpc_srcs})
    target_link_libraries(platen_grpc_${name} PUBLIC platen::proto_${name} PkgConfig::grpcpp)
    add_library(platen::grpc_${name} ALIAS platen_grpc_${name})
  endif()
endfunction()

function(platen_library name)
  cmake_parse_arguments(A "" "LAYER" "SRCS;DEPS;TESTS;TEST_DEPS" ${ARGN})
  _platen_target(${name} ${A_LAYER} "${A_SRCS}" "${A_DEPS}")
  _platen_check_layer(platen_${name} ${A_LAYER} ${A_DEPS})
  if(A_TESTS)
    platen_test(NAME ${name}_test LABELS unit SRCS ${A_TESTS} DEPS platen::${name} ${A_TEST_DEPS})
  endif()
endfunction()

function(platen_service name)
  cmake_parse_arguments(A "" "MAIN" "CORE;CORE_DEPS;EDGE;EDGE_DEPS;WIRING;WIRING_DEPS;TESTS;TEST_DEPS" ${ARGN})
  set(parts)
  if(A_CORE)
    _platen_target(${name}_core 4 "${A_CORE}" "${A_CORE_DEPS}")
    list(APPEND parts platen::${name}_core)
  endif()
  if(A_EDGE)
    _platen_target(${name}_edge 5 "${A_EDGE}" "${parts};${A_EDGE_DEPS}")
    list(APPEND parts platen::${name}_edge)
  endif()
  _platen_target(${name} 6 "${A_WIRING}" "${parts};${A_WIRING_DEPS}")
  foreach(target IN ITEMS platen_${name}_core platen_${name}_edge platen_${name})
    if(TARGET ${target})
      set_target_properties(${target} PROPERTIES PLATEN_SERVICE ${name})
    endif()
  endforeach()
  _platen_check_layer(platen_${name} 6 ${A_CORE_DEPS} ${A_EDGE_DEPS} ${A_WIRING_DEPS})
  add_executable(platen-${name} ${A_MAIN})
  target_link_libraries(platen-${name} PRIVATE platen::${name} platen_flags platen_allocator)
  add_dependencies(programs platen-${name})
  set_target_properties(platen-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  if(A_TESTS)
    platen_test(NAME ${name}_test LABELS unit SRCS ${A_TESTS} DEPS platen::${name} ${A_TEST_DEPS})
  endif()
endfunction()

function(platen_tool name)
  cmake_parse_arguments(A "" "MAIN;OUTPUT" "SRCS;DEPS;TESTS;TEST_DEPS" ${ARGN})
  if(NOT A_OUTPUT)
    set(A_OUTPUT platen-${name})
  endif()
  _platen_target(${name} 6 "${A_SRCS}" "${A_DEPS}")
  add_executable(${A_OUTPUT} ${A_MAIN})
  target_link_libraries(${A_OUTPUT} PRIVATE platen::${name} platen_flags)
  add_dependencies(programs ${A_OUTPUT})
  set_target_properties(${A_OUTPUT} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  if(A_TESTS)
    platen_test(NAME ${name}_test LABELS unit SRCS ${A_TESTS} DEPS platen::${name} ${A_TEST_DEPS})
  endif()
endfunction()

# What every test tells the sanitizers' runtimes, after what the caller's environment says (scripts/test: where to report).
set(PLATEN_SANITIZER_OPTIONS
  "ASAN_OPTIONS=path_list_append:detect_stack_use_after_return=1:check_initialization_order=1"
  "UBSAN_OPTIONS=path_list_append:print_stacktrace=1:print_summary=1"
  "LSAN_OPTIONS=path_list_append:suppressions=${CMAKE_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0"
  "TSAN_OPTIONS=path_list_append:suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp:print_suppressions=0:ignore_noninstrumented_modules=1:history_size=7")

function(_platen_test_properties name labels timeout environment kafka serial)
  if(NOT timeout)
    set(timeout 300)  # Only against a hang: no test asserts how long something takes.
  endif()
  if(PLATEN_SANITIZE)
    math(EXPR timeout "4 * ${timeout}")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    ENVIRONMENT "PLATEN_SOURCE_DIR=${CMAKE_SOURCE_DIR};PLATEN_BUILD_DIR=${CMAKE_BINARY_DIR};${environment}"
    ENVIRONMENT_MODIFICATION "${PLATEN_SANITIZER_OPTIONS}")
  if(kafka)
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED kafka)  # defined in tests/CMakeLists.txt
  endif()
  if(serial)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

set(PLATEN_TEST_KAFKA ${CMAKE_SOURCE_DIR}/tests/support/test-kafka)
set(PLATEN_TEST_KAFKA_DIR ${CMAKE_BINARY_DIR}/test-kafka)

function(platen_test)
  cmake_parse_arguments(A "KAFKA;SERIAL" "NAME;TIMEOUT" "LABELS;SRCS;DEPS;ENVIRONMENT" ${ARGN})
  add_executable(${A_NAME} ${A_SRCS})
  target_link_libraries(${A_NAME} PRIVATE ${A_DEPS} GTest::gmock GTest::gtest_main platen_flags)
  target_include_directories(${A_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  set_target_properties(${A_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  set(wrapper)
  if(A_KAFKA)
    set(wrapper ${PLATEN_TEST_KAFKA} run ${PLATEN_TEST_KAFKA_DIR})
  endif()
  add_test(NAME ${A_NAME} COMMAND ${wrapper}
    $<TARGET_FILE:${A_NAME}> --gtest_brief=1 --gtest_output=xml:${CMAKE_BINARY_DIR}/test-results/${A_NAME}.xml)
  _platen_test_properties(${A_NAME} "${A_LABELS}" "${A_TIMEOUT}" "${A_ENVIRONMENT}" "${A_KAFKA}" "${A_SERIAL}")
endfunction()

function(platen_python_test)
  cmake_parse_arguments(A "KAFKA;SERIAL" "NAME;TIMEOUT;SCRIPT" "LABELS;ENVIRONMENT" ${ARGN})
  set(wrapper)
  if(A_KAFKA)
    set(wrapper ${PLATEN_TEST_KAFKA} run ${PLATEN_TEST_KAFKA_DIR})
  endif()
  add_test(NAME ${A_NAME} COMMAND ${wrapper} ${CMAKE_SOURCE_DIR}/tests/support/run-python-tests
    --xml ${CMAKE_BINARY_DIR}/test-results/${A_NAME}.xml ${CMAKE_CURRENT_SOURCE_DIR}/${A_SCRIPT})
  _platen_test_properties(${A_NAME} "${A_LABELS}" "${A_TIMEOUT}" "${A_ENVIRONMENT}" "${A_KAFKA}" "${A_SERIAL}")
endfunction()

function(platen_bench)
  cmake_parse_arguments(A "" "NAME" "SRCS;DEPS" ${ARGN})
  add_executable(${A_NAME} ${A_SRCS})
  target_link_libraries(${A_NAME} PRIVATE ${A_DEPS} platen_flags platen_allocator)
  target_include_directories(${A_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  add_dependencies(benches ${A_NAME})
  set_target_properties(${A_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endfunction()

# A fuzz target: LLVMFuzzerTestOneInput in SRCS, seeds in CORPUS (tests/fuzz/README.md). A libFuzzer program with
# PLATEN_FUZZ=ON under clang; otherwise it replays and mutates its corpus from a seed. Either way a short run is a
# test with the label fuzz.
function(platen_fuzz name)
  cmake_parse_arguments(A "" "CORPUS;ITERATIONS" "SRCS;DEPS" ${ARGN})
  if(NOT A_ITERATIONS)
    set(A_ITERATIONS 20000)
  endif()
  cmake_path(ABSOLUTE_PATH A_CORPUS OUTPUT_VARIABLE corpus)
  add_executable(${name} ${A_SRCS})
  target_link_libraries(${name} PRIVATE ${A_DEPS} platen_flags)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  if(PLATEN_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(seeds ${CMAKE_BINARY_DIR}/fuzz/corpus/${name})
    add_custom_command(TARGET ${name} POST_BUILD VERBATIM
      COMMAND platen_fuzz_export ${corpus} ${seeds})
    add_test(NAME ${name} COMMAND ${name} -runs=${A_ITERATIONS} -seed=1 ${seeds})
  else()
    target_link_libraries(${name} PRIVATE platen_fuzz_replay)
    add_test(NAME ${name} COMMAND ${name} ${corpus} --iterations=${A_ITERATIONS} --seed=1)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300
    ENVIRONMENT_MODIFICATION "${PLATEN_SANITIZER_OPTIONS}")
endfunction()
