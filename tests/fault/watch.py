"""Looks at processes while a row runs: memory, descriptors, and counters that would be lost with a process that is killed."""

import os
import pathlib
import time

_EVERY_S = 1.0
# What is summed up over all lives of a process: {figure: (part, metric)}.
_COUNTERS = {
    "gateway duplicates": ("gateway", "platen_gateway_duplicates_total"),
    "gateway rewinds": ("gateway", "platen_gateway_rewinds_total"),
    "relay reconnects": ("relay", "platen_relay_reconnects_total"),
    "kafka outages": ("collector-1", "platen_kafka_outages_total"),
}
_GAUGES = {
    "relay buffer bytes": ("relay", "platen_relay_buffered_bytes"),
    "spool bytes": ("collector-1", "platen_spool_bytes"),
}


class Watch:
    """Called often (tick()), it looks once a second. `peaks` holds the highest values of this row, `sums` what counters rose by."""

    def __init__(self, laboratory):
        self._laboratory = laboratory
        self._next = 0.0
        self._last = {}
        self.begin()

    def begin(self):
        """Forgets what was before: a new row."""
        self.peaks = {}
        self.sums = dict.fromkeys(_COUNTERS, 0)

    def tick(self):
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY_S
        for name in self._laboratory.parts.services:
            if self._laboratory.parts.is_running(name):
                self._look_at(name)
        self._read_metrics()

    def _look_at(self, name):
        kind = name.rpartition("-")[0] or name
        try:
            self._peak(f"{kind} MB", self.resident(name))
            self._peak(f"{kind} descriptors", len(os.listdir(f"/proc/{self._laboratory.parts.pid(name)}/fd")))
        except OSError:
            pass  # It ended meanwhile.

    def resident(self, name):
        """Resident memory in MB."""
        status = pathlib.Path(f"/proc/{self._laboratory.parts.pid(name)}/status").read_text()
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0) / 1024

    def _peak(self, name, value):
        self.peaks[name] = max(self.peaks.get(name, 0), value)

    def _read_metrics(self):
        laboratory = self._laboratory
        for figure, (part, metric) in (_COUNTERS | _GAUGES).items():
            if not laboratory.parts.is_running(part) or self.state(part) == "T":
                continue
            value = laboratory.metric(part, metric)
            if value is None:
                continue
            if figure in _GAUGES:
                self._peak(figure, value)
                continue
            # A life that begins anew counts from zero.
            last = self._last.get(figure, 0)
            self.sums[figure] += int(value - last if value >= last else value)
            self._last[figure] = value

    def state(self, name):
        """One letter, as ps has it: R, S, D, T (stopped), Z."""
        stat = pathlib.Path(f"/proc/{self._laboratory.parts.pid(name)}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]
