"""What Platen reads of the recordings in the repository is what is written beside them and in docs/printers.md; and what GLPI
Agent reads of other recordings, Platen reads too, or docs/printers.md says why not.

The other recordings lie outside the repository: in $PLATEN_SHARED/data/printers, or in ../shared beside the source tree.
"""

import os
import pathlib
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["PLATEN_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["PLATEN_BUILD_DIR"])
SHARED = pathlib.Path(os.environ.get("PLATEN_SHARED", SOURCE.parent / "shared"))
GLPI_READS = SHARED / "data" / "printers" / "glpi-agent-reads.json"


class RecordingsTest(unittest.TestCase):
    def check(self, shared):
        done = subprocess.run(
            ["/usr/bin/python3", SOURCE / "scripts" / "printers", "--build", BUILD, "--check"],
            env={**os.environ, "PLATEN_SHARED": str(shared)}, capture_output=True, text=True, check=False)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_recording_says_what_is_written_beside_it(self):
        self.check(shared=SOURCE / "nowhere")

    def test_every_line_of_the_recordings_is_one(self):
        recordings = sorted((SOURCE / "tests" / "testdata").rglob("*.snmprec"))
        self.assertTrue(recordings)
        for recording in recordings:
            with self.subTest(recording.name):
                command = [BUILD / "bin" / "platen-collector", "explain", recording]
                done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True)
                self.assertEqual(done.stderr, "")

    @unittest.skipUnless(GLPI_READS.exists(), f"no {GLPI_READS}; set PLATEN_SHARED")
    def test_what_glpi_agent_reads_is_read_or_explained(self):
        self.check(shared=SHARED)


if __name__ == "__main__":
    unittest.main()
