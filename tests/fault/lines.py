"""The laboratory's side of a proxy: a process of its own, told what to do to what passes."""

import ctypes
import json
import pathlib
import signal
import subprocess
import sys


class Proxy:
    """Lines as proxy.py takes them ("tcp:1:2"). Serves when the constructor returns; ends with close(), or with whoever made it."""

    def __init__(self, lines):
        self._process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("proxy.py")), *lines],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
        )
        self._answer()

    def set(self, **faults):
        """From now on these faults, and no others (proxy.py's Faults). Returns counters of what happened so far."""
        self._process.stdin.write(json.dumps(faults) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def heal(self):
        """No more faults. Returns the counters."""
        return self.set()

    def close(self):
        self._process.kill()
        self._process.communicate()

    def _answer(self):
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(f"the proxy ended with {self._process.wait()}")
        return json.loads(said)
