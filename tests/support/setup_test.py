"""scripts/setup on machines that are not ours: what is missing, and nobody there who may install it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOBODY = 65534


class SetupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-setup-")
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for part in ("scripts/setup", "scripts/requirements.txt", "deploy/local/dev-ca", "deploy/local/kafka/pom.xml"):
            (self.tree / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, self.tree / part)
        (self.tree / "tools/lint").mkdir(parents=True)
        shutil.copy(ROOT / "tools/lint/package-lock.json", self.tree / "tools/lint")
        self.packages("bash  # is everywhere", "platen-no-such-package  # is nowhere", "platen-other unless sh  # not needed")
        (self.tree / "bin").mkdir()
        # Whoever may use sudo on the machine that runs this test may not here.
        (self.tree / "bin/sudo").write_text("#!/bin/sh\nexit 1\n")
        (self.tree / "bin/sudo").chmod(0o755)

    def packages(self, *lines):
        (self.tree / "scripts/packages.txt").write_text("# a comment\n\n" + "\n".join(lines) + "\n")

    def run_setup(self, *args):
        command = [self.tree / "scripts/setup", *args]
        if os.geteuid() == 0:
            for path in (self.tree, *self.tree.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        environment = dict(os.environ, PATH=f"{self.tree}/bin:{os.environ['PATH']}", HOME=str(self.tree))
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def test_check_names_what_is_missing_and_installs_nothing(self):
        done = self.run_setup("--check")

        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1].split(), "setup: missing: platen-no-such-package kafka buf snmpsim receivers".split())
        self.assertFalse((self.tree / ".venv").exists())

    def test_without_rights_it_prints_the_administrators_command(self):
        done = self.run_setup()

        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn(
            "  apt-get update && apt-get install -y --no-install-recommends platen-no-such-package\n", done.stdout
        )

    def test_an_unknown_option_shows_the_usage(self):
        done = self.run_setup("--help")

        self.assertEqual(done.returncode, 2)
        self.assertIn("--check", done.stdout)
