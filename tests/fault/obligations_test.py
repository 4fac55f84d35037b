"""The check finds what it is there to find: each test tells it of an installation that has broken one promise, and no other."""

import hashlib
import json
import pathlib
import sqlite3
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy" / "local"))
import ledger  # noqa: E402
import obligations  # noqa: E402
from platen_local.processes import ProcessError  # noqa: E402


def _id(number):
    return f"{number:032x}"


def _digest(payload):
    return hashlib.sha256(payload).hexdigest()


class FakeLaboratory:
    """What was seen of an installation in which ten events, an alarm and a jam took their way; a test adds to it, or takes away."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self.tried = [(_id(n), b"payload %d" % n, n % 2) for n in range(10)]
        self.acknowledged = [identity for identity, _, _ in self.tried]
        self.kafka = [(identity, payload, partition, "") for identity, payload, partition in self.tried]
        alarm = [(_id(100 + n), b"alarm %d" % n, 0, f" {word} fault-1-1.") for n, word in enumerate(("RAISED", "ENDED"))]
        jam = [(_id(200 + n), b"jam %d" % n, 0, f" {word} jam/1 {_id(1)} JAM") for n, word in enumerate(("RAISED", "ENDED"))]
        self.kafka += alarm + jam
        self.stored = [(identity, payload) for identity, payload, *_ in self.kafka]
        self.commits = [("relay", 3), ("relay", 6), ("notifier", 2)]
        self.dead = []
        self.hooks = [("incident", "raised", "hook-1"), ("incident", "cleared", "hook-2")]
        self.mails = [("mail-1", {}), ("mail-2", {"In-Reply-To": "mail-1"})]
        self.spooled = {("collector-1/7/alerts/default", number) for number in (4, 5)}
        self.numbers = ["N collector-1/7/alerts/default 4", "G collector-1/7/alerts/default 5 8"]
        self.plan = types.SimpleNamespace(collector_names=["collector-1"])
        self.watch = types.SimpleNamespace(peaks={"relay MB": 40, "relay descriptors": 50})

    def metric(self, _name, _metric):
        return 0

    def wait(self, condition, what):
        if not condition():
            raise ProcessError(f"gave up after 0 s waiting for {what}")

    def judge(self, dead_letters=()):
        self._write()
        return obligations.judge(self, dead_letters)

    def _write(self):
        lines = [f"A {identity} {_digest(payload)} lane {partition}" for identity, payload, partition in self.tried]
        self._file("source", lines + [f"K {identity}" for identity in self.acknowledged])
        lines = [f"E lane {place} 0 {identity} {_digest(payload)}{alarm}" for identity, payload, place, alarm in self.kafka]
        lines += self.numbers
        lines += [f"C {group} lane 0 {offset}" for group, offset in self.commits] + [f"D {identity} {why}" for identity, why in self.dead]
        self._file("witness", lines)
        body = '{{"data": {{"incident_id": "{}", "transition": "{}", "alert": {{"id": "fault-1-1."}}}}}}'
        hooks = [{"id": identity, "body": body.format(incident, word)} for incident, word, identity in self.hooks]
        self._file("hooks", map(json.dumps, hooks))
        mails = [{"message_id": identity, "headers": headers, "raw": "About fault-1-1."} for identity, headers in self.mails]
        self._file("mails", map(json.dumps, mails))
        with sqlite3.connect(self._folder / "store") as database:
            # Without the schema's own guard against a second row.
            database.execute("CREATE TABLE events(seq INTEGER PRIMARY KEY, id BLOB, payload BLOB)")
            rows = [(bytes.fromhex(identity), payload) for identity, payload in self.stored]
            database.executemany("INSERT INTO events(id, payload) VALUES(?, ?)", rows)
        database.close()
        self.source_ledger = ledger.SourceLedger(self._folder / "source")
        self.witness = ledger.Witness(self._folder / "witness")
        self.store = ledger.Store(self._folder / "store")
        self.told = ledger.Told(self._folder / "mails", self._folder / "hooks")

    def _file(self, name, lines):
        (self._folder / name).write_text("".join(f"{line}\n" for line in lines))


class ObligationsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-obligations-")
        self.addCleanup(folder.cleanup)
        self.lab = FakeLaboratory(folder.name)

    def finds(self, what):
        with self.assertRaisesRegex(obligations.Broken, what):
            self.lab.judge()

    def test_nothing_is_found_where_all_is_kept(self):
        figures = self.lab.judge()

        self.assertEqual((figures["owed"], figures["alarms"], figures["jams"], figures["messages"]), (14, 2, 1, 4))

    def test_what_was_tried_and_never_acknowledged_is_not_owed(self):
        self.lab.tried.append((_id(50), b"lost on the way to Kafka", 0))

        self.assertEqual(self.lab.judge()["owed"], 14)

    def test_repeats_in_kafka_and_repeated_messages_are_counted_and_are_no_fault(self):
        self.lab.kafka.append(self.lab.kafka[3])
        self.lab.hooks.append(self.lab.hooks[0])

        figures = self.lab.judge()

        self.assertEqual((figures["repeats in Kafka"], figures["messages again"]), (1, 1))

    def test_an_acknowledged_event_that_is_not_at_the_gateway(self):
        del self.lab.stored[4]
        self.finds(f"not at the gateway: {_id(4)}")

    def test_a_number_of_a_killed_collectors_spool_of_which_kafka_has_neither_event_nor_gap(self):
        self.lab.spooled.add(("collector-1/7/alerts/default", 9))
        self.finds("neither in Kafka nor given up: .'collector-1/7/alerts/default', 9.")

    def test_a_number_of_another_lane_of_a_killed_collectors_spool(self):
        self.lab.spooled.add(("collector-1/7/telemetry/default", 4))
        self.finds("neither in Kafka nor given up: .'collector-1/7/telemetry/default', 4.")

    def test_a_jam_whose_end_nobody_tells(self):
        self.lab.kafka.pop()
        self.finds("jams never ended: .*'jam/1'")

    def test_an_event_that_kafka_had_and_lost(self):
        self.lab.kafka.append((_id(60), b"a collector's", 1, ""))
        self.finds(f"not at the gateway: {_id(60)}")

    def test_an_event_with_two_rows(self):
        self.lab.stored.append(self.lab.stored[0])
        self.finds("two rows")

    def test_an_event_with_other_bytes(self):
        self.lab.stored[2] = (_id(2), b"payload 3")
        self.finds("other bytes than were said")

    def test_an_event_that_nobody_said(self):
        self.lab.stored.append((_id(99), b"a phantom"))
        self.finds("what nobody said")

    def test_what_the_gateways_own_audit_says_is_no_phantom(self):
        self.lab.stored.append((_id(99), b"audit/1"))
        self.lab.judge()

    def test_two_events_of_a_partition_in_the_wrong_order(self):
        self.lab.stored[3], self.lab.stored[5] = self.lab.stored[5], self.lab.stored[3]
        self.finds("out of order")

    def test_a_committed_offset_that_goes_back(self):
        self.lab.commits.append(("relay", 5))
        self.finds("went back: relay lane/0: 6 → 5")

    def test_a_dead_letter_that_no_row_expects(self):
        self.lab.dead.append((_id(4), "wrong-id"))
        self.finds("dead letters")

    def test_a_dead_letter_that_the_row_expects_stands_for_its_event(self):
        del self.lab.stored[4]
        self.lab.dead.append((_id(4), "wrong-id"))

        self.assertEqual(self.lab.judge(["wrong-id"])["dead letters"], 1)

    def test_an_alarm_that_was_not_told(self):
        self.lab.mails.pop()
        self.finds("not told")

    def test_an_alarm_that_was_told_under_two_ids(self):
        self.lab.mails.append(("mail-3", {}))
        self.finds("two ids")

    def test_an_end_that_was_told_before_its_beginning(self):
        self.lab.hooks.reverse()
        self.finds("before its beginning")

    def test_memory_without_bound(self):
        self.lab.watch.peaks["relay MB"] = 900
        self.finds("relay MB: 900")


if __name__ == "__main__":
    unittest.main(verbosity=2)
