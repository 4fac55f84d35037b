"""Child processes: each with a log of its own, stopped by its own process id, and gone with whoever started them."""

import ctypes
import os
import pathlib
import signal
import subprocess
import time
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1


class ProcessError(RuntimeError):
    """A process did not start, ended early or does not end; the message says which log tells why."""


def wait_until(condition, what, deadline_s=60.0, interval_s=0.05):
    """Polls `condition` until it returns something true, and returns that. Raises ProcessError naming `what`.

    The deadline is only against a hang. A ProcessError of the condition ends the wait.
    """
    end = time.monotonic() + deadline_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise ProcessError(f"gave up after {deadline_s:.0f} s waiting for {what}")
        time.sleep(interval_s)


@dataclass(frozen=True)
class Memory:
    """Of one process, in bytes. Shared pages count whole in `rss` and by their share in `pss`."""

    rss: int
    pss: int


def memory_of(pid):
    """Memory of a process; zeros once it has ended or belongs to somebody else."""
    found = {"Rss": 0, "Pss": 0}
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            key, _, rest = line.partition(":")
            if key in found:
                found[key] = int(rest.split()[0]) * 1024
    except OSError:
        pass
    return Memory(found["Rss"], found["Pss"])


class Child:
    """One process. Its standard output and error go to `log`, which is kept and added to by the next start."""

    def __init__(self, name, command, log, environment=None):
        self.name = name
        self.log = pathlib.Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log_start = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as out:
            self._popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(os.environ, **(environment or {})),
                start_new_session=True,  # Ctrl-C on the terminal is for whoever started us all.
                preexec_fn=_end_with_parent,
            )

    @property
    def pid(self):
        return self._popen.pid

    def is_running(self):
        return self._popen.poll() is None

    def said(self):
        """What it has logged since this start."""
        with open(self.log, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    def check_running(self):
        """Raises ProcessError with the log's end where the process has ended by itself."""
        code = self._popen.poll()
        if code is not None:
            tail = "\n".join(self.said().splitlines()[-15:])
            raise ProcessError(f"{self.name} ended with exit code {code}; the end of {self.log}:\n{tail}")

    def terminate(self):
        """Asks it to end; wait_end() waits."""
        self.signal(signal.SIGTERM)

    def wait_end(self, deadline_s=30.0):
        """Returns the exit code; kills it where it does not end in time (then the code is -9)."""
        try:
            return self._popen.wait(deadline_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self):
        """SIGKILL; returns the exit code."""
        self.signal(signal.SIGKILL)
        return self._popen.wait()

    def signal(self, number):
        """Sends a signal; to nobody where it has ended."""
        # Popen never signals a process id that was given to somebody else meanwhile.
        self._popen.send_signal(number)


def _end_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
