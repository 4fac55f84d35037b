"""Kafka is away while printers jam and count on, and a collector is killed meanwhile: what was seen is told all the same, once
Kafka is back, under the numbers that it was first given."""

import json
import os
import pathlib
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import SOURCE, World  # noqa: E402

LANES = ("alerts", "telemetry", "logs")
PARTITIONS = 8  # deploy/local/topics.yaml
BUILD = os.environ.get("PLATEN_BUILD_DIR", str(SOURCE / "build" / "dev"))


class OutageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(BUILD).__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.collectors = cls.world.plan.collector_names

    # --- what a collector says of itself --------------------------------------------------------------------------------

    def spooled(self, name):
        """What is in the spool of a collector that does not run: {(lane, epoch, number)}."""
        file = self.world.plan.path(name, "spool.sqlite")
        with sqlite3.connect(f"file:{file}?mode=rw", uri=True) as database:
            rows = database.execute("SELECT id, epoch, sequence FROM events").fetchall()
        database.close()
        return {(LANES[(id >> 56) - 1], epoch, sequence) for id, epoch, sequence in rows}

    def untold(self, name, numbers):
        """Those of a collector's numbers that Kafka has neither the event of nor a gap that says what became of it."""
        told = set()
        for lane in LANES:
            for record in self.world.records(lane):
                source, gap = record["value"]["source"], record["value"].get("gap")
                if source["instance"] != name:
                    continue
                told.add((lane, int(source["epoch"]), int(source["sequence"])))
                if gap and gap["reason"] == "REASON_GIVEN_UP":
                    _, epoch, of_lane, _ = gap["stream"].split("/")
                    told.update((of_lane, int(epoch), number) for number in range(int(gap["first"]), int(gap["last"]) + 1))
        return sorted(numbers - told)

    def jams(self, printer):
        """Transitions of the printer's jams that the gateway has, in the order in which Kafka was told."""
        stored = set(self.world.stored())
        return [alert["transition"] for id, alert in self.world.alerts_about(printer).items() if id in stored]

    def away(self):
        return all(self.world.metric(name, "platen_kafka_away") == 1 for name in self.collectors)

    def shared_out(self):
        """Whether no partition is on its way from one collector to another."""
        owned = [self.world.metric(name, "platen_partitions_owned") for name in self.collectors]
        return all(owned) and sum(owned) == PARTITIONS

    def tell(self, command, printers):
        self.world.fleet.tell(f"{command} {','.join(str(printer.number) for printer in printers)}")

    def expelled(self):
        return all(self.world.metric(name, "platen_partitions_lost") > 0 for name in self.collectors)

    def all_polled(self):
        """Whether there were, from now on, several times as many readings as printers, which take turns."""

        def count():
            return sum(self.world.metric(name, "platen_readings_total", "answered") for name in self.collectors)

        enough = count() + 6 * len(self.world.printers)
        return lambda: count() >= enough

    def spooled_alerts(self, more):
        """Whether all collectors together have spooled so many alerts more than now."""

        def count():
            return sum(self.world.metric(name, "platen_spool_events", 'lane="alerts"') for name in self.collectors)

        since = count()
        return lambda: count() >= since + more

    # --------------------------------------------------------------------------------------------------------------------

    def test_what_happens_while_kafka_is_away_is_told_once_when_it_is_back(self):
        self.check_outage(self.world.printers[:12], self.collectors[0], self.start_together)

    def test_what_a_killed_collector_has_seen_is_told_once_also_where_another_has_taken_over(self):
        self.check_outage(self.world.printers[12:24], self.collectors[0], self.start_behind_the_other)

    def start_together(self, victim):
        """Either may have the victim's partitions first."""
        self.world.installation.start(victim)  # Waits for Kafka.
        self.world.installation.start("kafka")
        for name in (*self.collectors, "relay", "notifier"):
            self.world.installation.wait_ready(name)

    def start_behind_the_other(self, victim):
        """The other one has all partitions before the victim is back."""
        world = self.world
        before = sum(self.world.metric(name, "platen_partitions_owned") for name in self.collectors if name != victim)
        world.installation.start("kafka")
        others = [name for name in self.collectors if name != victim]
        for name in (*others, "relay", "notifier"):
            world.installation.wait_ready(name)
        world.wait(
            lambda: sum(world.metric(name, "platen_partitions_owned") for name in others) > before,
            "the other collector to own what was the victim's",
        )
        world.restart(victim)

    def check_outage(self, printers, victim, start):
        world = self.world
        world.wait(self.shared_out, "the collectors to have shared out the partitions")
        # One of them jams before and is cleared during the outage, others come and go within it, others stay jammed.
        before, passing, lasting = printers[:2], printers[2:8], printers[8:]
        self.tell("jam", before)
        world.wait(lambda: all(self.jams(printer) for printer in before), "the first jams at the gateway")

        world.installation.kill("kafka")
        world.fleet.tell("print all 3")
        world.wait(self.away, "the collectors to notice")
        world.wait(self.expelled, "the collectors' session with the group to end")

        jammed = self.spooled_alerts(len(passing + lasting))
        self.tell("jam", passing + lasting)
        world.wait(self.all_polled(), "all printers to be polled")
        world.wait(jammed, "the jams in the spools")
        cleared = self.spooled_alerts(len(before + passing))
        self.tell("clear", before + passing)
        world.wait(self.all_polled(), "all printers to be polled")
        world.wait(cleared, "their ends in the spools")
        world.fleet.tell("print all 4")
        for name in self.collectors:
            self.assertGreater(self.world.metric(name, "platen_devices"), 0, "it polls on")
            self.assertEqual(self.world.installation.readiness(name), [], "a spool that takes all is no trouble")

        world.installation.kill(victim)
        numbers = self.spooled(victim)
        self.assertGreater(len(numbers), 0)
        start(victim)

        world.wait(lambda: self.untold(victim, numbers) == [], "what was in the spool to be in Kafka, or told as given up")
        told = {record["event_id"] for lane in ("alerts", "telemetry") for record in world.records(lane)}
        world.wait(lambda: told <= set(world.stored()), "what Kafka has to reach the gateway")
        for printer in before + passing:
            world.wait(lambda each=printer: len(self.jams(each)) >= 2, f"the end of the jam of {printer.address}")
            self.assertEqual(self.jams(printer), ["ALERT_TRANSITION_RAISED", "ALERT_TRANSITION_ENDED"])
        for printer in lasting:
            world.wait(lambda each=printer: self.jams(each), f"the jam of {printer.address}")
            self.assertEqual(self.jams(printer), ["ALERT_TRANSITION_RAISED"])
        stored = world.stored()
        self.assertEqual(len(stored), len(set(stored)), "an event has two rows")
        for name in self.collectors:
            world.wait(lambda each=name: self.world.metric(each, "platen_spool_bytes") == 0, "the spools to be empty")
            self.assertEqual(self.world.metric(name, "platen_spool_lost_events_total"), 0)
        self.check_order(victim)
        world.wait(lambda: self.missing() == 0, "the audit to find nothing missing")
        self.assertEqual(self.world.control.lost(), [])
        self.tell("clear", lasting)
        for printer in lasting:
            world.wait(lambda each=printer: len(self.jams(each)) == 2, f"the end of the jam of {printer.address}")

    def test_a_collector_stops_and_starts_while_kafka_is_away(self):
        world, printer = self.world, self.world.printers[-1]
        world.installation.kill("kafka")
        world.fleet.tell("print all 3")
        world.wait(self.away, "the collectors to notice")
        jammed = self.spooled_alerts(1)
        self.tell("jam", [printer])
        world.wait(jammed, "the jam in a spool")

        for name in self.collectors:
            self.assertEqual(world.installation.stop(name), 0)
            world.installation.start(name)
        waits = self.collectors[0]
        world.wait(lambda: "waiting for it" in world.installation.said(waits), "a collector to wait for Kafka")
        self.assertEqual(world.installation.stop(waits), 0)
        world.installation.start(waits)
        world.installation.start("kafka")
        for name in (*self.collectors, "relay", "notifier"):
            world.installation.wait_ready(name)

        world.wait(lambda: self.jams(printer), "the jam at the gateway")
        self.assertEqual(self.jams(printer), ["ALERT_TRANSITION_RAISED"])

    def check_order(self, victim):
        """In each partition of Kafka the victim's numbers of one device rise, and those of what it says of itself: heartbeats
        lie apart from the rest."""
        for lane in LANES:
            last, heard = {}, set()
            for record in self.world.records(lane):
                source = record["value"]["source"]
                if source["instance"] != victim:
                    continue
                epoch, sequence = int(source["epoch"]), int(source["sequence"])
                if (epoch, sequence) in heard:
                    continue  # What was in flight may be there twice; the gateway knows it by its id.
                heard.add((epoch, sequence))
                key = (record["partition"], record.get("device_id"), epoch)
                self.assertGreater(sequence, last.get(key, 0), f"{lane}: {key}")
                last[key] = sequence

    def missing(self):
        return json.loads(self.world.page("gateway", "/live.json"))["missing"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
