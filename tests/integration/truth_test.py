"""Platen's understanding of every shared recording, compared with what is true of it.

Twice: from the file (platen-collector explain), and through the front door (platen-collector probe, asking snmpsim,
which serves the recording as an agent of its own making).

The recordings lie outside the repository: in $PLATEN_SHARED/data/printers, or in ../shared beside the source tree.
"""

import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import printer_truth

SOURCE = pathlib.Path(os.environ["PLATEN_SOURCE_DIR"])
COLLECTOR = pathlib.Path(os.environ["PLATEN_BUILD_DIR"]) / "bin" / "platen-collector"
PRINTERS = pathlib.Path(os.environ.get("PLATEN_SHARED", SOURCE.parent / "shared")) / "data" / "printers"
RESPONDER = SOURCE / ".venv" / "bin" / "snmpsim-command-responder"
PROFILES = SOURCE / "profiles"
ANSWERED = (0, 5)  # A fragment of a recording may show no printer; what it does show must be true all the same.


def recordings():
    return sorted((PRINTERS / "recordings").glob("*.snmprec"))


def truth_of(recording):
    return json.loads((PRINTERS / "truth" / f"{recording.stem}.json").read_text())


def run(*arguments):
    command = [COLLECTOR, *arguments, "--format", "json", "--profiles", PROFILES]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@unittest.skipUnless(recordings(), f"no recordings in {PRINTERS}; set PLATEN_SHARED")
class TruthTest(unittest.TestCase):
    def check(self, recording, result):
        with self.subTest(recording.stem):
            self.assertIn(result.returncode, ANSWERED, result.stderr)
            snapshot = json.loads(result.stdout)
            comparison = printer_truth.Comparison(snapshot, truth_of(recording))
            self.assertGreater(comparison.compared, 10)
            self.assertEqual(comparison.differences, [])
            self.check_raw_error_state(snapshot, truth_of(recording))
            return comparison.compared
        return 0

    def check_raw_error_state(self, snapshot, truth):
        rows = truth["hrPrinterDetectedErrorState"]
        if rows:
            raw = base64.b64decode(snapshot["status"]["error_state_raw"])
            self.assertEqual(raw.hex(), rows[0]["raw_hex"])

    def test_a_recording_is_understood_as_it_is_true(self):
        with ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda recording: run("explain", recording), recordings())
            compared = sum(self.check(*each) for each in zip(recordings(), results))
        print(f"{len(recordings())} recordings, {compared} values compared")

    @unittest.skipUnless(RESPONDER.exists(), "snmpsim is not installed; run scripts/setup")
    def test_an_agent_is_understood_as_it_is_true(self):
        with Snmpsim(PRINTERS / "recordings") as agent:
            ask = lambda recording: run("probe", "127.0.0.1", "--port", str(agent.port), "--community", recording.stem,
                                        "--timeout", "20s")  # fmt: skip  # noqa: E731
            with ThreadPoolExecutor(2) as pool:
                compared = sum(self.check(*each) for each in zip(recordings(), pool.map(ask, recordings())))
        print(f"{len(recordings())} agents, {compared} values compared")


class Snmpsim:
    """snmpsim serving a directory of recordings on a free loopback port, each under its name as community."""

    def __init__(self, recordings_dir):
        self._recordings = recordings_dir
        self._dir = None
        self._process = None
        self.port = 0

    def __enter__(self):
        self._dir = pathlib.Path(tempfile.mkdtemp(prefix="platen-snmpsim-"))
        data = self._dir / "data"
        data.mkdir()
        for recording in self._recordings.glob("*.snmprec"):
            (data / recording.name).write_text(usable(recording))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [RESPONDER, f"--data-dir={data}", f"--cache-dir={self._dir / 'cache'}",
                   f"--agent-udpv4-endpoint=127.0.0.1:{self.port}", "--logging-method=null"]  # fmt: skip
        if os.geteuid() == 0:  # It insists on giving privileges up; here it keeps those it has.
            command += ["--process-user=root", "--process-group=root"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._await_answer()
        return self

    def _await_answer(self):
        deadline = time.monotonic() + 60
        first = recordings()[0].stem
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"snmpsim ended with {self._process.returncode}")
            result = run("probe", "127.0.0.1", "--port", str(self.port), "--community", first, "--timeout", "1s",
                         "--retries", "0")  # fmt: skip
            if result.returncode in ANSWERED:
                return
        raise RuntimeError("snmpsim does not answer")

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._dir)


def usable(recording):
    """The recording without lines that snmpsim would fail at: it answers nothing from a file with a damaged number."""
    lines = []
    for line in recording.read_text(errors="surrogateescape").splitlines():
        oid, tag, value = line.split("|", 2)
        if tag in ("2", "65", "66", "67", "70") and not value.lstrip("-").isdigit():
            continue
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    unittest.main()
