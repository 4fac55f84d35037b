"""Each rule finds its sinner, at its line, and leaves the saint alone."""

import unittest

import rules

CORE = "services/relay/core/relay_core.cc"


def body(lines):
    return "\n".join("  Step();" for _ in range(lines))


class RulesTest(unittest.TestCase):
    def test_a_clock_is_found_in_code_and_not_in_comments(self):
        text = "// Not std::chrono::steady_clock::now().\nauto now = std::chrono::steady_clock::now();\n"

        (finding,) = rules.system_clocks(CORE, text)

        self.assertTrue(finding.startswith(f"{CORE}:2: "), finding)

    def test_each_way_to_read_a_clock_is_found(self):
        for call in ("absl::Now()", "time(nullptr)", "std::time(nullptr)", "clock_gettime(CLOCK_REALTIME, &ts)"):
            with self.subTest(call):
                self.assertTrue(rules.system_clocks(CORE, f"auto t = {call};\n"))

    def test_words_that_only_look_like_clocks_pass(self):
        text = "wake_time(0);\nevent.time(nullptr);\nstd::chrono::steady_clock::time_point at;\nreal_time(&x);\n"

        self.assertEqual(rules.system_clocks(CORE, text), [])

    def test_real_clock_main_and_tests_of_edges_may_read_clocks(self):
        for path in ("libs/base/real_clock.cc", "services/relay/main.cc", "tests/e2e/x_test.cc", "libs/tls/x_test.cc"):
            with self.subTest(path):
                self.assertEqual(rules.system_clocks(path, "absl::Now();\n"), [])
        self.assertTrue(rules.system_clocks("services/relay/core/relay_core_test.cc", "absl::Now();\n"))

    def test_a_core_must_not_see_the_outside(self):
        for name in ("<librdkafka/rdkafka.h>", "<grpcpp/grpcpp.h>", "<thread>", "<mutex>", '"libs/base/real_clock.h"',
                     '"services/relay/edge/uplink.h"', '"absl/synchronization/mutex.h"', "<openssl/ssl.h>"):
            with self.subTest(name):
                (finding,) = rules.core_includes(CORE, f"#include <vector>\n#include {name}\n")
                self.assertTrue(finding.startswith(f"{CORE}:2: "), finding)

    def test_a_core_may_see_libraries_that_are_pure(self):
        text = '#include <chrono>\n#include <vector>\n#include "libs/flow/batcher.h"\n#include "libs/base/time.h"\n'

        self.assertEqual(rules.core_includes(CORE, text), [])

    def test_services_and_libs_keep_to_themselves(self):
        self.assertTrue(rules.service_includes("services/relay/relay.cc", '#include "services/gateway/gateway.h"\n'))
        self.assertTrue(rules.service_includes("libs/flow/x.cc", '#include "services/gateway/gateway.h"\n'))
        self.assertEqual(rules.service_includes("services/relay/relay.cc", '#include "services/relay/core/x.h"\n'), [])

    def test_a_long_function_is_found_wherever_it_stands(self):
        for head in ("absl::Status Relay::Run(int a,\n                  int b) {", "void f() noexcept {",
                     "Relay::Relay(int a) : a_(a), b_{1} {", "auto f(std::function<void()> g) -> int {"):
            with self.subTest(head):
                text = f"namespace a {{\n{head}\n{body(70)}\n}}\n}}  // namespace a\n"
                (finding,) = rules.function_length("x.cc", text)
                self.assertTrue(finding.startswith("x.cc:2: a function of 7"), finding)

    def test_a_long_class_of_short_functions_passes(self):
        members = "\n".join("  int f() const {\n    return 1;\n  }" for _ in range(60))

        self.assertEqual(rules.function_length("x.h", f"namespace a {{\nclass C {{\n public:\n{members}\n}};\n}}\n"), [])

    def test_braces_in_strings_characters_and_macros_do_not_confuse(self):
        text = (
            "#define OPEN \\\n  {\nvoid f() {\n  g(\"{{\", '{', R\"x({)x\", 1'000'000);\n}\nvoid h() {\n" + body(3) + "\n}\n"
        )

        self.assertEqual([(start, lines) for start, lines, _ in rules.functions(text)], [(3, 3), (6, 5)])

    def test_a_long_file_is_found(self):
        self.assertTrue(rules.file_length("x.cc", "\n" * 501))
        self.assertEqual(rules.file_length("x.cc", "\n" * 500), [])

    def test_a_note_without_an_issue_is_found(self):
        self.assertTrue(rules.todos("x.cc", "// TODO: later\n"))
        self.assertTrue(rules.todos("x.cc", "// TODO(me): later\n"))
        self.assertEqual(rules.todos("x.cc", "// TODO(#12): later\n"), [])

    def test_paths_of_one_machine_and_registry_hosts_are_found(self):
        # Put together here, for this file too names no path of a machine.
        def path(*names):
            return "/".join(names)

        for line in (f'open("{path("", "home", "ann", "x")}")', "cd " + path("", "root", "platen"),
                     '"resolved": "https://registry.npmjs.org/x"'):
            with self.subTest(line):
                self.assertTrue(rules.machine_paths("x", line))
        for line in (path("$dir", "work", "x"), "/var/lib/platen", "http://maven.apache.org/POM/4.0.0", path("tests", "home", "x")):
            with self.subTest(line):
                self.assertEqual(rules.machine_paths("x", line), [])

    def test_documents_that_name_missing_files_are_found(self):
        text = "See `libs/flow/batcher.h` and [this](../README.md#top), [that](https://example.org/x).\n"

        self.assertEqual(rules.named_files("docs/a.md", text, lambda name: True), [])
        self.assertEqual(len(rules.named_files("docs/a.md", text, lambda name: False)), 2)
