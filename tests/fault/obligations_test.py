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
import told  # noqa: E402
from platen_local.processes import ProcessError  # noqa: E402


def _id(number):
    return f"{number:032x}"


def _digest(payload):
    return hashlib.sha256(payload).hexdigest()


def _hook(word, identity, alert="fault-1-1.", path="/tickets", answer="ok"):
    data = {"incident_id": f"of {alert}", "transition": word, "alert": {"id": alert}}
    return {"id": identity, "path": path, "answer": answer, "body": json.dumps({"data": data})}


def _hook_of(members, path="/tickets"):
    """A digest of webhooks."""
    members = [json.loads(each["body"])["data"] | {"id": each["id"]} for each in members]
    return {"id": "digest", "path": path, "answer": "ok", "body": json.dumps({"data": {"transition": "digest", "members": members}})}


def _mail(identity, ended=False, alert="fault-1-1.", to="service-desk", answer="ok"):
    headers = {"Platen-Notification": identity} | ({"In-Reply-To": "<its beginning>"} if ended else {})
    return _sent(to, headers, f"acme, headquarters\n\n{alert}\n\nIncident: 1234\n", answer)


def _mail_of(members, to="service-desk"):
    """A digest by mail, of (id, ended, alert)."""
    lines = [f"2026-11-22 10:00:00 UTC: {'Cleared: ' * ended}[acme/headquarters] printer: {alert}" for _, ended, alert in members]
    text = "\n".join(["1 printer", "", f"{len(members)} messages in one", "", *lines, "Rule: rules/site", ""])
    return _sent(to, {"Platen-Notification": "digest", "Platen-Members": ", ".join(identity for identity, *_ in members)}, text)


def _sent(to, headers, text, answer="ok"):
    identity = headers["Platen-Notification"]
    return {"to": [f"{to}@platen.test"], "message_id": identity, "headers": headers, "text": text, "raw": text, "answer": answer}


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
        self.hooks = [_hook("raised", "hook-1"), _hook("cleared", "hook-2")]
        self.mails = [_mail("mail-1"), _mail("mail-2", ended=True)]
        self.setup = types.SimpleNamespace(by_rules=False)
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
        self._file("hooks", map(json.dumps, self.hooks))
        self._file("mails", map(json.dumps, self.mails))
        with sqlite3.connect(self._folder / "store") as database:
            # Without the schema's own guard against a second row.
            database.execute("CREATE TABLE events(seq INTEGER PRIMARY KEY, id BLOB, payload BLOB)")
            rows = [(bytes.fromhex(identity), payload) for identity, payload in self.stored]
            database.executemany("INSERT INTO events(id, payload) VALUES(?, ?)", rows)
        database.close()
        self.source_ledger = ledger.SourceLedger(self._folder / "source")
        self.witness = ledger.Witness(self._folder / "witness")
        self.store = ledger.Store(self._folder / "store")
        self.told = told.Told(self._folder / "mails", self._folder / "hooks")

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

    def test_an_alarm_that_its_receiver_never_took(self):
        self.lab.hooks[0]["answer"] = "503"
        self.finds("not told: .'webhook at /tickets', 'fault-1-1.', 'RAISED'")

    def test_an_alarm_that_was_told_under_two_ids(self):
        self.lab.mails.append(_mail("mail-3", ended=True))
        self.finds("two ids")

    def test_an_alarm_that_was_told_alone_and_in_a_digest_under_two_ids(self):
        self.lab.mails.append(_mail_of([("mail-1", False, "fault-1-1."), ("mail-3", True, "fault-1-1.")]))
        self.finds("two ids: .'mail to service-desk', 'fault-1-1.', 'ENDED'")

    def test_an_end_that_was_told_before_its_beginning(self):
        self.lab.hooks.reverse()
        self.finds("before its beginning")

    def test_an_alarm_that_nobody_said(self):
        self.lab.mails.append(_mail("mail-3", alert="fault-1-2."))
        self.finds("that Kafka never had")

    def test_memory_without_bound(self):
        self.lab.watch.peaks["relay MB"] = 900
        self.finds("relay MB: 900")


class ObligationsByRulesTest(unittest.TestCase):
    """The same where the notifier goes by rules that group and inhibit: a plain alarm, and one that covers another."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="platen-obligations-")
        self.addCleanup(folder.cleanup)
        self.lab = FakeLaboratory(folder.name)
        self.lab.setup.by_rules = True
        words = ((name, word) for name in ("-covering", "-covered") for word in ("RAISED", "ENDED"))
        more = [(_id(300 + n), b"more %d" % n, 0, f" {word} fault-1-2{name}.") for n, (name, word) in enumerate(words)]
        self.lab.kafka += more
        self.lab.stored += [(identity, payload) for identity, payload, *_ in more]
        self.members = [("mail-1", False, "fault-1-1."), ("mail-2", True, "fault-1-1.")]
        self.engineers = [("mail-3", False, "fault-1-2-covering."), ("mail-4", True, "fault-1-2-covering.")]
        covering = [_hook("raised", "hook-3", self.engineers[0][2]), _hook("cleared", "hook-4", self.engineers[0][2])]
        self.lab.hooks = [_hook_of(self.lab.hooks), _hook_of(covering, "/dispatch")]

    def judge(self):
        self.lab.mails = [_mail_of(self.members), _mail_of(self.engineers, "engineers"), *self.lab.mails[2:]]
        return self.lab.judge()

    def finds(self, what):
        with self.assertRaisesRegex(obligations.Broken, what):
            self.judge()

    def test_nothing_is_found_where_all_is_told_in_digests(self):
        figures = self.judge()

        self.assertEqual((figures["alarms"], figures["messages"]), (6, 8))

    def test_a_member_that_came_alone_before_its_digest_is_the_same_message(self):
        self.lab.mails.append(_mail("mail-3", alert="fault-1-2-covering.", to="engineers"))

        self.assertEqual(self.judge()["messages again"], 1)

    def test_a_member_that_a_digest_by_mail_lacks(self):
        del self.members[0]
        self.finds("not told: .'mail to service-desk', 'fault-1-1.', 'RAISED'")

    def test_a_digest_by_mail_whose_text_lacks_a_member(self):
        self.lab.mails.append(_mail_of(self.members))
        self.lab.mails[-1]["headers"]["Platen-Members"] += ", mail-5"
        with self.assertRaisesRegex(ValueError, "longer|shorter"):
            self.judge()

    def test_an_end_that_stands_before_its_beginning_in_a_digest(self):
        self.members.reverse()
        self.finds("before its beginning: .'mail to service-desk'")

    def test_an_alarm_that_was_told_whom_its_rule_does_not_name(self):
        self.members += self.engineers
        self.finds("who is not to be told: .'mail to service-desk', 'fault-1-2-covering.'")

    def test_an_alarm_that_was_told_though_another_covers_it(self):
        self.engineers.append(("mail-5", False, "fault-1-2-covered."))
        self.finds("who is not to be told: .'mail to engineers', 'fault-1-2-covered.'")


if __name__ == "__main__":
    unittest.main(verbosity=2)
