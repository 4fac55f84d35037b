"""Applies the rules of the house to every file of the tree. A finding reads like a compiler's: file:line: what."""

import pathlib
import subprocess
import unittest

import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ("libs/", "services/", "tools/", "tests/", "bench/")
# They hold the very words that they look for.
LINTERS = ("tests/lint/",)


def _tree():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    texts = {}
    for path in listed:
        try:
            texts[path] = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # Binary, or deleted and not yet committed.
    return texts


class HouseRulesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = _tree()
        cls.cpp = {
            path: text for path, text in cls.tree.items() if path.endswith((".cc", ".h")) and path.startswith(CODE)
        }

    def apply(self, rule, files):
        found = [finding for path, text in sorted(files.items()) for finding in rule(path, text)]
        if found:
            self.fail(f"{rule.__doc__.splitlines()[0]}\n" + "\n".join(found))

    def own_code(self):
        """C++ that ships, without tests/ and bench/."""
        return {path: text for path, text in self.cpp.items() if path.startswith(CODE[:3])}

    def test_only_the_real_clock_and_main_read_system_clocks(self):
        self.apply(rules.system_clocks, self.cpp)

    def test_cores_include_nothing_of_the_outside(self):
        self.apply(rules.core_includes, self.cpp)

    def test_services_do_not_include_each_other(self):
        self.apply(rules.service_includes, self.cpp)

    def test_files_are_short(self):
        self.apply(rules.file_length, self.own_code())

    def test_functions_are_short(self):
        self.apply(rules.function_length, self.own_code())

    def test_notes_for_later_name_their_issue(self):
        self.apply(rules.todos, self.without_linters())

    def test_no_machine_paths_and_no_registry_hosts(self):
        self.apply(rules.machine_paths, self.without_linters())

    def test_documents_name_only_files_that_exist(self):
        documents = {path: text for path, text in self.tree.items() if path.endswith(".md")}
        self.apply(self.named_files, documents)

    def test_every_target_folder_has_a_readme(self):
        folders = {path.rpartition("/")[0] for path in self.tree if path.endswith("/CMakeLists.txt")}
        folders = {folder for folder in folders if "/" in folder and folder.startswith(("libs/", "services/", "tools/"))}
        missing = sorted(folder for folder in folders if f"{folder}/README.md" not in self.tree)
        self.assertEqual(missing, [], "each folder that is a target says what it is for, in a README.md")

    def without_linters(self):
        return {path: text for path, text in self.tree.items() if not path.startswith(LINTERS)}

    @staticmethod
    def named_files(path, text):
        """Documents name only files that exist."""
        return rules.named_files(path, text, lambda name: (ROOT / name).exists())
