"""Rows about the gateway's store."""

import contextlib
import pathlib
import shutil
import sqlite3
import subprocess

from laboratory import Setup
from table import row

_SOURCE = "fault-source"


@row(
    28, "the gateway's store: kill -9 in the midst of commits, disk full, locked by another process, read-only",
    "nothing acknowledged is lost, no half batch; the relay sends again; readiness says why",
    Setup(disks=(("gateway", "300m"),), events_per_second=300),
    at_least=[("kill gateway", 8), ("disk full gateway", 1), ("store locked", 1), ("store read-only", 1)],
)  # fmt: skip
def harm_store(lab):
    for _ in range(lab.times(8, 2)):
        lab.go_on_between(0.2, 2.5)
        lab.kill("gateway")
        _check_whole(lab)
        lab.start("gateway")
        lab.ready("gateway")
    lab.recovers("kill -9 of the gateway")
    _fill(lab)
    lab.recovers("full disk")
    _lock(lab)
    lab.recovers("lock")
    _forbid(lab)
    lab.recovers("read-only store")


def _check_whole(lab):
    """With nobody at the store: SQLite finds it sound, and events and the numbers seen are of the same batches."""
    folder, copy = pathlib.Path(lab.plan.path("gateway")), lab.folder / "store-after-kill"
    copy.mkdir()
    try:
        log = folder / "gateway.sqlite-wal"
        lab.faults["commits not checkpointed"] += log.exists() and log.stat().st_size > 0
        for file in folder.glob("gateway.sqlite*"):
            shutil.copy(file, copy)
        with contextlib.closing(sqlite3.connect(copy / "gateway.sqlite")) as store:
            lab.require(store.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the store is corrupt after kill -9")
            stored = {identity for (identity,) in store.execute("SELECT lower(hex(id)) FROM events")}
            seen = store.execute("SELECT seen FROM sequences WHERE instance = ?", (_SOURCE,)).fetchall()
        events = len(stored & lab.source_ledger.read().tried.keys())
        numbers = sum(_count(bytes_) for (bytes_,) in seen)
        lab.require(events == numbers, f"half a batch: {events} of the source's events, {numbers} of its numbers")
    finally:
        shutil.rmtree(copy)


def _count(seen):
    """How many numbers a stored set of intervals holds: varints, the count given up, then distance and length of each range."""
    values, value, shift = [], 0, 0
    for byte in seen:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            values.append(value)
            value, shift = 0, 0
    return sum(length + 1 for length in values[2::2])


def _fill(lab):
    before = lab.metric("gateway", "platen_gateway_rewinds_total")
    lab.fill("gateway")
    _hands_back(lab, before)
    _says(lab, "full")
    lab.go_on_between(1, 5)
    lab.free("gateway")


def _lock(lab):
    before = lab.metric("gateway", "platen_gateway_rewinds_total")
    with contextlib.closing(sqlite3.connect(lab.plan.path("gateway", "gateway.sqlite"), isolation_level=None, timeout=30)) as store:
        store.execute("BEGIN IMMEDIATE")
        lab.faults["store locked"] += 1
        # The gateway waits for 5 s before it hands back.
        _hands_back(lab, before)
        _says(lab, "locked")
        lab.go_on_between(1, 5)
        store.execute("ROLLBACK")


def _forbid(lab):
    """On a disk that is mounted read-only a gateway does not begin, and says why; the relay waits."""
    folder = lab.plan.path("gateway")
    lab.kill("gateway")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    try:
        lab.faults["store read-only"] += 1
        command = [str(word) for word in lab.parts.command("gateway")]
        said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        lab.require(said.returncode != 0, "a gateway began on a store that it can't write")
        words = said.stdout + said.stderr
        lab.require("read-only" in words.lower() and "gateway" in words, "a gateway did not say what keeps it from its store", words)
        lab.figures["on a read-only disk"] = words.strip().splitlines()[-1][:200].replace(folder, "…")
        lab.go_on_between(1, 4)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
    lab.start("gateway")
    lab.ready("gateway")


def _hands_back(lab, before):
    rewinds = "platen_gateway_rewinds_total"
    lab.wait(lambda: (lab.metric("gateway", rewinds) or 0) > before, "a batch to be handed back")
    lab.faults["batches handed back"] += int(lab.metric("gateway", rewinds) - before)


def _says(lab, word):
    """Returns when the gateway's readiness says so."""
    reasons = lab.wait(lambda: [why for why in lab.parts.readiness("gateway") or [] if word in why], f"readiness to say {word}")
    lab.figures[f"readiness while {word}"] = reasons[0][:200]
