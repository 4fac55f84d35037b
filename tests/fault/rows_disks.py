"""Rows about disks that are full, or fail."""

import contextlib
import sqlite3

from laboratory import Setup
from table import row


@row(
    9, "Kafka's disk is full", "C: nothing acknowledged is lost; collectors spool; L after space is freed and the broker restarted",
    Setup(disks=(("kafka-1", "300m"),)), at_least=[("disk full kafka", 2)],
)  # fmt: skip
def fill_kafka(lab):
    for _ in range(lab.times(2, 1)):
        lab.go_on_between(2, 5)
        # A broker whose only disk fails ends.
        lab.fill("kafka-1", may_end="kafka-1")
        lab.wait(lambda: not lab.brokers.is_running("kafka-1"), "the broker to end for want of space")
        lab.wait(lambda: lab.metric("collector-1", "platen_kafka_away") == 1, "a collector to turn to its spool")
        lab.go_on_between(1, 8)
        lab.free("kafka-1")
        lab.start("kafka-1")
        lab.ready("kafka-1")


@row(
    10, "disks of the gateway's store and of a collector's spool are full", "nothing unwritten is acknowledged, nobody ends; C I L",
    Setup(disks=(("gateway", "300m"), ("collector-1", "16m"))), at_least=[("disk full gateway", 2), ("disk full collector", 1)],
)  # fmt: skip
def fill_store_and_spool(lab):
    for _ in range(lab.times(2, 1)):
        lab.go_on_between(2, 5)
        lab.fill("gateway")
        # Answered with Rewind: the relay keeps what it has, and sends it again.
        rewinds = lab.metric("gateway", "platen_gateway_rewinds_total")
        lab.wait(lambda before=rewinds: lab.metric("gateway", "platen_gateway_rewinds_total") > before, "a batch to be handed back")
        lab.go_on_between(2, 8)
        lab.free("gateway")
    lab.go_on_between(2, 4)
    lab.kill("kafka-1")
    lab.wait(lambda: lab.metric("collector-1", "platen_kafka_away") == 1, "the collector to turn to its spool")
    lab.fill("collector-1")
    lab.wait(lambda: lab.metric("collector-1", "platen_spool_failed_writes_total") > 0, "a write of the spool to fail")
    lab.go_on_between(2, 6)
    if lab.random.random() < 0.5:
        lab.free("collector-1")
        lab.go_on_between(1, 3)
    lab.start("kafka-1")
    lab.ready("kafka-1")
    lab.go_on_between(1, 3)
    lab.free("collector-1")


@row(
    10, "disks of the gateway's store and of a collector's spool fail: EIO, short and torn writes, failed fsyncs",
    "nothing unwritten is acknowledged, nobody ends; C I L",
    Setup(failing_disks=("gateway", "collector-1")),
    at_least=[
        ("EIO (gateway)", 5), ("torn write (gateway)", 5), ("short write (gateway)", 5), ("fsync failed (gateway)", 1),
        ("EIO (collector-1)", 1),
    ],
)  # fmt: skip
def harm_writes(lab):
    gateway, collector = lab.failing_disks["gateway"], lab.failing_disks["collector-1"]
    # Now and then, often, and nearly always.
    for one_in in lab.random.sample((300, 40, 8, 2), 4)[: lab.times(4, 1)]:
        lab.go_on_between(1, 3)
        gateway.arm(one_in, lab.random.getrandbits(32))
        lab.go_on_between(5, 10)
        gateway.mend()
        lab.recovers("a failing disk of the gateway")
    lab.kill("kafka-1")
    lab.wait(lambda: lab.metric("collector-1", "platen_kafka_away") == 1, "the collector to turn to its spool")
    collector.arm(lab.random.choice((2, 4)), lab.random.getrandbits(32))
    lab.parts.fleet.tell("print all 3")
    lab.wait(lambda: lab.metric("collector-1", "platen_spool_failed_writes_total") > 0, "a write of the spool to fail")
    lab.go_on_between(3, 6)
    if lab.random.random() < 0.5:
        collector.mend()
        lab.go_on_between(1, 3)
    lab.start("kafka-1")
    lab.ready("kafka-1")
    lab.go_on_between(1, 3)
    for name, disk in lab.failing_disks.items():
        for what, count in disk.mend().items():
            lab.faults[f"{what} ({name})"] += count
    _check_sound(lab)


def _check_sound(lab):
    """SQLite finds the store sound."""
    with contextlib.closing(sqlite3.connect(f"file:{lab.plan.path('gateway', 'gateway.sqlite')}?mode=ro", uri=True, timeout=30)) as store:
        said = store.execute("PRAGMA integrity_check").fetchall()
    lab.require(said == [("ok",)], "the store is corrupt after writes that failed", *said)
