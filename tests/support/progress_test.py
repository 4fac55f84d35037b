"""scripts/progress: somebody who waits for a build sees how long it still takes, and every warning."""

import importlib.machinery
import importlib.util
import io
import pathlib
import unittest

SCRIPT = str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "progress")


def load():
    loader = importlib.machinery.SourceFileLoader("progress", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("progress", loader))
    loader.exec_module(module)
    return module


class ProgressTest(unittest.TestCase):
    def setUp(self):
        self.progress = load()

    def follow(self, *lines, seconds_a_line=1):
        out, times = io.StringIO(), iter(range(0, 10_000, seconds_a_line))
        self.progress.follow(lines, out, lambda: next(times))
        return out.getvalue()

    def test_a_step_says_how_much_is_left(self):
        self.assertEqual(self.progress.words(100, 300, 150), "  100 of 300 steps, 2 min gone, about 5 min left")
        self.assertEqual(self.progress.words(290, 300, 300), "  290 of 300 steps, 5 min gone, about 10 s left")

    def test_the_first_steps_and_the_last_one_guess_nothing(self):
        self.assertEqual(self.progress.words(2, 300, 8), "  2 of 300 steps, 8 s gone")
        self.assertEqual(self.progress.words(300, 300, 8), "  300 of 300 steps, 8 s gone")

    def test_steps_write_over_one_another_and_leave_nothing(self):
        said = self.follow("[1/2] Building a\n", "[2/2] Linking b\n")

        self.assertEqual(said.count("\n"), 0)
        self.assertEqual(said.count("\r\033[K"), 3)
        self.assertTrue(said.endswith("\r\033[K"))

    def test_a_warning_keeps_its_lines_and_does_not_follow_a_step(self):
        said = self.follow("[1/2] Building a\n", "a.cc:1: warning: b\n", "  c\n", "[2/2] Linking b\n")

        self.assertIn("\r\033[Ka.cc:1: warning: b\n  c\n\r\033[K  2 of 2", said)


if __name__ == "__main__":
    unittest.main()
