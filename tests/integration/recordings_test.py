"""What Platen reads of the recordings in the repository is what is written beside them and in docs/printers.md."""

import os
import pathlib
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["PLATEN_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["PLATEN_BUILD_DIR"])


class RecordingsTest(unittest.TestCase):
    def test_every_recording_says_what_is_written_beside_it(self):
        done = subprocess.run(
            ["/usr/bin/python3", SOURCE / "scripts" / "printers", "--build", BUILD, "--check"],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
