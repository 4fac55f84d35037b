"""Rows about a next hop that is slow or away, and machines that are too small."""

import os
import pathlib
import subprocess
import time

from laboratory import Setup
from table import row

_GATEWAY_BEHIND_PROXY = Setup(proxied=("gateway",), events_per_second=300)


@row(
    15, "the gateway answers slowly, then not at all", "B: the relay's memory stays flat, what waits waits in Kafka; few retries; C",
    _GATEWAY_BEHIND_PROXY, at_least=[("slowed (gateway)", 20), ("kill gateway", 1)],
)  # fmt: skip
def starve_relay(lab):
    lab.go_on(5)
    resident = lab.watch.resident("relay")
    lab.proxies["gateway"].set(bytes_per_second=4000)
    lab.go_on(lab.times(20, 5))
    lab.mend_lines()
    lab.kill("gateway")
    reconnects = lab.metric("relay", "platen_relay_reconnects_total")
    away = lab.times(60, 8)
    lab.go_on(away)
    lab.figures["lag of the relay, records"] = int(lab.metric("relay", "platen_relay_lag_records"))
    tries = lab.metric("relay", "platen_relay_reconnects_total") - reconnects
    lab.figures["tries to reach the gateway a minute"] = round(60 * tries / away)
    lab.figures["relay, MB more"] = round(lab.watch.resident("relay") - resident)
    # Three lanes, each with its backoff.
    lab.require(tries <= 3 * 2 * away, f"{tries} tries in {away} s to reach a gateway that is away")
    lab.require(lab.figures["relay, MB more"] < 48, "the relay's memory grows with what waits", lab.figures)
    lab.require(lab.watch.peaks["relay buffer bytes"] <= 3 * (4 << 20), "the relay's buffers are above their bound")
    stored = len(lab.store.read().order)
    lab.start("gateway")
    lab.ready("gateway")
    lab.source_ledger.read()
    waiting, began = len(lab.source_ledger.tried.keys() - lab.store.digests.keys()), time.monotonic()
    lab.wait(lambda: len(lab.store.read().order) - stored >= waiting, "what waited to drain")
    lab.figures["events/s while it drained"] = round(waiting / max(0.1, time.monotonic() - began))


@row(
    30, "256 descriptors, 96 MB and a tenth of a processor for each service; then the broker is killed", "nobody is killed for memory; B C L",
    at_least=[("processor throttled", 20), ("limits set", 5)],
)  # fmt: skip
def squeeze(lab):
    lab.go_on(2)
    groups = [_Limits(lab, name) for name in lab.parts.services]
    try:
        lab.go_on(lab.times(15, 5))
        lab.kill("kafka-1")
        lab.go_on_between(3, 10)
        lab.start("kafka-1")
        lab.ready("kafka-1")
        lab.go_on(lab.times(15, 5))
        for group in groups:
            group.note()
    finally:
        for group in groups:
            group.lift()


class _Limits:
    """What one process may use: by cgroups where they are writable, otherwise (memory) by its address space."""

    def __init__(self, lab, name):
        self._lab, self._name = lab, name
        pid = lab.parts.pid(name)
        subprocess.run(["prlimit", f"--pid={pid}", "--nofile=256"], check=True)
        lab.faults["limits set"] += 1
        # Of the machine: the process ids in here are the namespace's own.
        word = f"platen-fault-{lab.folder.name.rpartition('-')[2]}-{name}"
        self._folders = [pathlib.Path(f"/sys/fs/cgroup/{kind}/{word}") for kind in ("memory", "cpu")]
        try:
            for folder in self._folders:
                folder.mkdir()
            (self._folders[0] / "memory.limit_in_bytes").write_text("96M")
            (self._folders[1] / "cpu.cfs_quota_us").write_text("10000")  # Of 100,000.
            for folder in self._folders:
                (folder / "cgroup.procs").write_text(str(pid))
        except OSError as error:
            self.lift()
            self._folders = []
            lab.figures["cgroups"] = f"not here: {error}"
            subprocess.run(["prlimit", f"--pid={pid}", f"--as={4 << 30}"], check=True)

    def note(self):
        """Counts what the limits did."""
        if not self._folders:
            return
        peak = int((self._folders[0] / "memory.max_usage_in_bytes").read_text())
        self._lab.figures[f"{self._name}, MB with page cache"] = peak >> 20
        stat = dict(line.split() for line in (self._folders[1] / "cpu.stat").read_text().splitlines())
        self._lab.faults["processor throttled"] += int(stat["nr_throttled"])

    def lift(self):
        """Gives the process back to the root groups."""
        for folder in self._folders:
            if folder.exists():
                for pid in (folder / "cgroup.procs").read_text().split():
                    (folder.parent / "cgroup.procs").write_text(pid)
                os.rmdir(folder)
