"""scripts/count-results: the last line of `make test` says what happened, whoever failed to say it."""

import pathlib
import subprocess
import tempfile
import unittest

COUNT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "count-results"


def suite(*cases):
    return "<testsuites><testsuite>" + "".join(cases) + "</testsuite></testsuites>"


def program(name, status="run"):
    return f'<testcase name="{name}" status="{status}"/>'


PASSED = '<testcase name="a" classname="X" status="run" result="completed"/>'
FAILED = '<testcase name="b" classname="X" status="run"><failure message="no"/></testcase>'
SKIPPED = '<testcase name="c" classname="X" status="run" result="skipped"><skipped message="why"/></testcase>'
DISABLED = '<testcase name="d" classname="X" status="notrun" result="suppressed"/>'


class CountResultsTest(unittest.TestCase):
    def count(self, reports=None, **files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (reports or {}).items():
                pathlib.Path(folder, "sanitizers").mkdir(exist_ok=True)
                pathlib.Path(folder, "sanitizers", name).write_text(text)
            for name, text in files.items():
                pathlib.Path(folder, f"{name}.xml").write_text(text)
            done = subprocess.run([COUNT, folder], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_cases_of_all_programs_are_added_up(self):
        code, lines = self.count(
            ctest=suite(program("one"), program("two")), one=suite(PASSED, SKIPPED, DISABLED), two=suite(PASSED)
        )

        self.assertEqual((code, lines), (0, ["2 passed, 0 failed, 1 skipped"]))

    def test_a_program_without_a_report_is_one_case(self):
        code, lines = self.count(ctest=suite(program("fuzz"), program("off", "disabled"), program("one")), one=suite(PASSED))

        self.assertEqual((code, lines), (0, ["2 passed, 0 failed, 1 skipped"]))

    def test_a_failed_case_is_named_and_fails(self):
        code, lines = self.count(ctest=suite(program("one", "fail")), one=suite(PASSED, FAILED))

        self.assertEqual((code, lines), (1, ["FAILED one: X.b", "1 passed, 1 failed, 0 skipped"]))

    def test_a_program_that_crashed_counts_as_a_failure(self):
        code, lines = self.count(ctest=suite(program("one"), program("two", "fail")), one=suite(PASSED))

        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("two", lines[0])

    def test_a_program_that_failed_after_its_cases_passed_counts_as_a_failure(self):
        code, lines = self.count(ctest=suite(program("one", "fail")), one=suite(PASSED))

        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_a_report_that_is_cut_off_counts_as_a_failure(self):
        code, lines = self.count(ctest=suite(program("one"), program("two", "fail")), one=suite(PASSED), two="<testsuit")

        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_a_sanitizers_report_counts_as_a_failure_though_all_tests_passed(self):
        report = "WARNING: data race\n  #0 Foo\nSUMMARY: ThreadSanitizer: data race foo.cc:7 in Foo\n"
        code, lines = self.count(ctest=suite(program("one")), one=suite(PASSED), reports={"report.relay.71": report})

        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertEqual(lines[0], "FAILED report.relay.71: SUMMARY: ThreadSanitizer: data race foo.cc:7 in Foo")

    def test_a_sanitizers_report_that_is_cut_off_counts_as_a_failure(self):
        code, lines = self.count(ctest=suite(program("one")), one=suite(PASSED), reports={"report.relay.71": "==71=="})

        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_no_test_at_all_is_a_failure(self):
        code, lines = self.count()

        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))
