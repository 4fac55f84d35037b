"""The whole pipeline, all real processes: simulated printers, collectors, Kafka, relay, gateway, notifier, sinks.

What is checked is conservation: whatever a device said is at the gateway once, whoever was to hear it heard it under one
key, and no `kill -9` in the middle changes that. Nothing waits for a time: every wait is for a condition.
"""

import collections
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import truth  # noqa: E402
from world import SOURCE, World  # noqa: E402

BUILD = os.environ.get("PLATEN_BUILD_DIR", str(SOURCE / "build" / "dev"))


class PipelineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(BUILD).__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.unused = collections.deque(cls.world.printers)

    def take(self, count, model=""):
        """Printers that no other test uses."""
        chosen = [printer for printer in self.unused if model in printer.model][:count]
        for printer in chosen:
            self.unused.remove(printer)
        self.assertEqual(len(chosen), count, "the fleet is too small")
        return chosen

    # --- collectors ---------------------------------------------------------------------------------------------------

    def test_operators_see_who_polls_what_and_which_printers_are_slow(self):
        control = self.world.control
        printer = self.world.printers[0]
        self.world.fleet.tell(f"delay {printer.number} 700")
        self.addCleanup(self.world.fleet.tell, f"delay {printer.number} 0")

        def slowest():
            found = control.objects("collector", "slow")
            return found and found[0]["address"] == printer.address and found[0]

        # Collectors say it each half minute.
        reading = self.world.wait(slowest, "the slow printer to be the first")["reading"]
        self.assertGreaterEqual(float(reading["duration"].removesuffix("s")), 0.7)
        self.assertGreaterEqual(reading["requests"], 1)
        registered = len(control.target_addresses())

        def covered():
            (coverage,) = control.objects("collector", "coverage")
            # Collectors go on with the one that the gateway forgets in another test.
            return coverage["polled"] >= registered and coverage

        coverage = self.world.wait(covered, "all printers to be polled")
        self.assertEqual((coverage["registered"], coverage["unpolled"], coverage["unownedPartitions"]), (registered, 0, 0))
        owners = control.objects("collector", "owners")
        self.assertEqual({owner["collector"] for owner in owners}, set(self.world.plan.collector_names))
        self.assertGreaterEqual(sum(owner["devices"] for owner in owners), registered)
        self.assertIn("COLLECTOR", control.run("collector", "owners"))

    # --- values -------------------------------------------------------------------------------------------------------

    def test_every_devices_values_at_the_gateway_equal_its_recording(self):
        registered = self.world.devices_by_address()
        dumps = {printer: self.world.fleet.dump(printer.number) for printer in self.world.printers}
        dumps = {printer: dump for printer, dump in dumps.items() if printer.address in registered}
        self.assertGreaterEqual(len(dumps), len(self.world.printers) - 1, "one is forgotten by another test")

        def all_read():
            devices = self.world.devices_by_address()
            totals = {printer: int(devices[printer.address]["totalImpressions"]) for printer in dumps}
            return totals == {printer: truth.life_count(dump) for printer, dump in dumps.items()} and devices

        for address, device in self.world.wait(all_read, "the page counts that other tests printed").items():
            printer = next(printer for printer in dumps if printer.address == address)
            with self.subTest(model=printer.model, address=address):
                self.check_values(printer, device, dumps[printer])

    def check_values(self, printer, device, dump):
        identity = device["identity"]
        self.assertEqual(identity["serialNumber"], printer.serial)
        self.assertIn(identity["model"].split()[-1], truth.description(dump))
        self.assertEqual(int(device["totalImpressions"]), truth.life_count(dump))
        told = {mac.replace(":", "").lower() for mac in identity["macAddresses"]}
        self.assertEqual(told, truth.macs(dump))
        # Finishers number theirs apart.
        supplies = {supply["index"]: supply["level"] for supply in device["supplies"] if "finisher" not in supply}
        sent = {
            index: (int(level.get("raw", 0)), int(level.get("rawCapacity", 0))) for index, level in supplies.items()
        }
        self.assertEqual(sent, truth.levels(dump))

    def test_a_printed_test_set_shows_which_counters_count_what_their_profile_says(self):
        (printer,) = self.take(1, "kyocera")
        model, device = "ECOSYS", ("--device", printer.address)
        with tempfile.TemporaryDirectory() as folder:
            before = f"{folder}/before.json"
            self.world.control.run("meters", "verify", model, *device, "--save", before)
            self.world.fleet.tell(f"print {printer.number} 24")

            # What the simulated printer makes of 24 pages: a third in colour, a quarter on sheets with two sides.
            pages = "8 print mono; 8 print mono two-sided; 4 print colour; 4 print colour two-sided"
            (told,) = self.world.control.objects(
                "meters", "verify", model, *device, "--before", before, "--set", pages, "--wait", "60")  # fmt: skip

        verdicts = {counter["rule"].split("/")[1]: counter["verdict"] for counter in told["counters"]}
        self.assertEqual(verdicts["prtMarkerLifeCount"], "fits")
        self.assertEqual(verdicts["print.monochrome"], "fits")
        self.assertEqual(verdicts["print.full-colour"], "fits")
        self.assertEqual(verdicts["functions.copy"], "not tested")
        self.assertEqual(verdicts["scan.other"], "not judged")
        self.assertNotIn("does not fit", verdicts.values())
        self.assertIn("- name: print.full-colour\n    assurance: verified\n", told["profileLines"])
        self.assertNotIn("functions.copy", told["profileLines"])

    # --- an alarm's way -----------------------------------------------------------------------------------------------

    def test_a_jam_reaches_mail_and_webhook_and_its_clear_follows_in_the_same_thread(self):
        (printer,) = self.take(1)

        self.jam([printer])
        self.clear([printer])

        self.check_told_once(printer)

    def test_devices_with_clocks_in_2099_and_1970_are_like_others(self):
        printers = self.take(1, "clock-2099") + self.take(1, "clock-1970") + self.take(1)
        registered = self.world.devices_by_address()
        ids = {registered[printer.address]["uid"] for printer in printers}

        self.jam(printers)
        self.clear(printers)

        for printer in printers:
            self.check_told_once(printer)
        self.assertEqual([letter for letter in self.world.records("deadletter") if letter["device_id"] in ids], [])

    def jam(self, printers, tell=True):
        """Jams printers; returns when gateway, mailbox and webhook know of it."""
        if tell:
            self.world.fleet.tell(f"jam {_numbers(printers)}")
        self.world.wait(lambda: self.open_jams(printers) == len(printers), "the jams at the gateway")
        self.world.wait(lambda: all(self.world.mails_about(printer)[0] for printer in printers), "mails of the jams")
        self.world.wait(lambda: all(self.world.webhooks_about(printer)[0] for printer in printers), "webhooks of the jams")

    def clear(self, printers, tell=True):
        """Clears printers; returns when everybody knows."""
        if tell:
            self.world.fleet.tell(f"clear {_numbers(printers)}")
        self.world.wait(lambda: self.open_jams(printers) == 0, "the clears at the gateway")
        self.world.wait(lambda: all(self.world.mails_about(printer)[1] for printer in printers), "mails of the clears")
        self.world.wait(lambda: all(self.world.webhooks_about(printer)[1] for printer in printers), "webhooks of the clears")

    def open_jams(self, printers):
        marks = ",".join("?" * len(printers))
        serials = [printer.serial for printer in printers]
        statement = f"""SELECT count(DISTINCT device) FROM alerts WHERE open AND device IN
                        (SELECT number FROM devices WHERE serial_number IN ({marks}))"""
        return self.world.query(statement, *serials)[0][0]

    def check_told_once(self, printer):
        """One jam raised and cleared: two events, two mails in one thread, two keys; repetitions carry the same key."""
        transitions = sorted(alert["transition"] for alert in self.world.alerts_about(printer).values())
        self.assertEqual(transitions, ["ALERT_TRANSITION_ENDED", "ALERT_TRANSITION_RAISED"])

        raises, clears = self.world.mails_about(printer)
        (raised,) = {mail["message_id"] for mail in raises}
        (cleared,) = {mail["message_id"] for mail in clears}
        self.assertNotEqual(raised, cleared)
        self.assertEqual({mail["headers"]["In-Reply-To"] for mail in clears}, {raised})
        self.assertTrue(all(raised in mail["headers"]["References"] for mail in clears))
        self.assertEqual({mail["subject"] for mail in clears}, {f"[Cleared] Re: {mail['subject']}" for mail in raises})

        raises, clears = self.world.webhooks_about(printer)
        self.assertEqual(len({hook["id"] for hook in raises}), 1)
        self.assertEqual(len({hook["id"] for hook in clears}), 1)
        self.assertEqual(len({hook["data"]["incident_id"] for hook in raises + clears}), 1)
        self.assertEqual({hook["signature"] for hook in raises + clears}, {"valid"})

    # --- kill -9 ------------------------------------------------------------------------------------------------------

    def test_killing_the_relay_in_the_middle_loses_nothing(self):
        self.check_killing("relay")

    def test_killing_the_gateway_in_the_middle_loses_nothing(self):
        self.check_killing("gateway")

    def test_killing_the_notifier_in_the_middle_loses_nothing(self):
        self.check_killing("notifier")

    def test_killing_the_broker_in_the_middle_loses_nothing(self):
        self.check_killing("kafka")

    def test_killing_a_collector_in_the_middle_loses_nothing(self):
        self.check_killing("collector-1")

    def check_killing(self, victim):
        """Kills while raises are on their way, and again while clears are; each time some are done and some are not."""
        printers = self.take(4)
        first, later = printers[:2], printers[2:]
        for command, told, side in (("jam", self.jam, 0), ("clear", self.clear, 1)):
            self.world.fleet.tell("print all 3")
            self.world.fleet.tell(f"{command} {_numbers(first)}")
            self.world.wait(lambda: any(self.world.mails_about(printer)[side] for printer in first), "the first mail")
            self.world.fleet.tell(f"{command} {_numbers(later)}")
            self.world.installation.kill(victim)
            self.world.fleet.tell("print all 4")
            self.world.restart(victim)
            told(printers, tell=False)

        for printer in printers:
            self.check_told_once(printer)
        self.check_conservation()

    def check_conservation(self):
        """Every event that Kafka acknowledged is at the gateway once or in the dead letters, and no other."""

        # New readings arrive all the time, so each side is read before the other that must have it too.
        stored = self.world.stored()
        self.assertEqual(len(stored), len(set(stored)), "an event has two rows")
        acknowledged = self.acknowledged()
        self.assertEqual(set(stored) - acknowledged, set(), "the gateway has events that nobody said")
        refused = {record["event_id"] for record in self.world.records("deadletter")}
        self.world.wait(lambda: acknowledged - refused <= set(self.world.stored()), "events that Kafka has to reach the gateway")
        self.assertEqual(self.world.control.lost(), [])

    def acknowledged(self):
        """Ids of all events that Kafka has."""
        return {record["event_id"] for lane in ("alerts", "telemetry", "logs") for record in self.world.records(lane)}

    # --- bad input ----------------------------------------------------------------------------------------------------

    def test_an_event_of_an_unregistered_device_is_a_dead_letter_and_the_rest_moves_on(self):
        forgotten, known = self.take(2)
        device = self.world.query("SELECT number, lower(hex(id)) FROM devices WHERE address = ?", forgotten.address)[0]
        self.world.installation.stop("gateway")
        self.world.change_store(
            ("CREATE TABLE forgotten AS SELECT * FROM devices WHERE number = ?", device[0]),
            ("DELETE FROM targets WHERE device = ?", device[0]),
            ("DELETE FROM devices WHERE number = ?", device[0]),
        )
        self.world.restart("gateway")

        self.world.fleet.tell(f"jam {_numbers([forgotten])}")
        self.jam([known])
        self.clear([known])

        def letters():
            return [record for record in self.world.records("deadletter") if record["device_id"] == device[1]]

        self.world.wait(letters, "the dead letter")
        self.assertEqual({letter["value"]["reason"] for letter in letters()}, {"unregistered-device"})
        self.check_told_once(known)
        self.check_replayed(device[1])

    def check_replayed(self, device):
        """Once the device is registered, its dead letters come back; said once, and marked."""
        self.world.installation.stop("gateway")
        self.world.change_store(("INSERT INTO devices SELECT * FROM forgotten",), ("DROP TABLE forgotten",))
        self.world.restart("gateway")
        listed = [line.split(",") for line in self.world.control.run("deadletter", "list", "--output", "csv").splitlines()]
        ids = [line[0] for line in listed if device in line]
        buried = {letter["event_id"] for letter in self.world.records("deadletter") if letter.get("device_id") == device}
        self.assertEqual(len(ids), len(buried))

        said = self.world.control.run("deadletter", "replay", *ids)

        self.assertEqual(said, f"{len(ids)} of {len(ids)} replayed\n")
        self.world.wait(lambda: buried <= set(self.world.stored()), "the replayed events at the gateway")
        self.assertNotIn(device, self.world.control.run("deadletter", "list"))

    def test_a_gateway_with_a_bad_certificate_is_refused_with_the_reason_in_one_line(self):
        self.world.installation.stop("gateway")
        for kind, reason in (("expired", "expired"), ("sha1", "SHA-1"), ("wrong-ca", "no authority that is trusted")):
            with self.subTest(kind=kind):
                self.check_refused(kind, reason)
        self.world.restart("gateway")
        (printer,) = self.take(1)
        self.jam([printer])
        self.clear([printer])

    def check_refused(self, kind, reason):
        authority = self.world.plan.path("ca")
        dev_ca = SOURCE / "deploy" / "local" / "dev-ca"
        subprocess.run([dev_ca, authority, "faulty", kind, "gateway"], check=True, capture_output=True)
        heard = len(self.world.installation.said("relay"))
        impostor = subprocess.Popen(
            ["openssl", "s_server", "-quiet", "-alpn", "h2", "-cipher", "ALL:@SECLEVEL=0"]
            + ["-cert", f"{authority}/gateway.{kind}.crt", "-key", f"{authority}/gateway.{kind}.key"]
            + ["-accept", f"127.0.0.1:{self.world.plan.ports['gateway-grpc']}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f":{self.world.plan.ports['gateway-grpc']}"
            self.world.wait(
                lambda: any(
                    address in line and reason in line
                    for line in self.world.installation.said("relay")[heard:].splitlines()
                ),
                f"the relay to say \"{reason}\" of {address} in one line",
            )
        finally:
            impostor.kill()
            impostor.communicate()

    def test_a_relay_on_the_revocation_list_is_cut_and_goes_on_once_it_is_taken_off(self):
        (printer,) = self.take(1)
        authority = pathlib.Path(self.world.plan.path("ca"))
        kept = {name: (authority / name).read_bytes() for name in ("ca.crl", "issued/index.txt")}
        self.assertEqual(self.world.metric("gateway", "platen_gateway_ingest_streams"), 3)

        def refused():
            return self.world.metric("relay", "platen_relay_reconnects_total", 'reason="refuses_us"')

        before = refused()
        subprocess.run([SOURCE / "deploy" / "local" / "dev-ca", authority, "revoke", "relay"], check=True, capture_output=True)
        # World.wait() gives up after a minute, which is the promise.
        self.world.wait(
            lambda: self.world.metric("gateway", "platen_gateway_ingest_streams") == 0, "the open streams to be cut"
        )
        self.assertGreater(self.world.metric("gateway", "platen_tls_peers_refused_total", 'reason="revoked"'), 0)

        self.world.fleet.tell(f"jam {_numbers([printer])}")
        self.world.wait(lambda: self.world.webhooks_about(printer)[0], "the jam's webhook, which needs no gateway")
        self.world.wait(lambda: refused() >= before + 5, "the relay to be refused anew")
        self.assertEqual(self.world.metric("gateway", "platen_gateway_ingest_streams"), 0)
        self.assertEqual(self.open_jams([printer]), 0, "the gateway has heard nothing")
        self.assertIn("it refuses this relay's certificate", str(self.world.installation.readiness("relay")[0]))

        for name, content in kept.items():
            fresh = authority / f"{name}.kept"
            fresh.write_bytes(content)
            fresh.replace(authority / name)
        self.jam([printer], tell=False)
        self.clear([printer])
        self.check_told_once(printer)
        self.check_conservation()

    # --- stopping -----------------------------------------------------------------------------------------------------

    def test_every_service_ends_in_order_at_sigterm_and_goes_on_afterwards(self):
        (printer,) = self.take(1)

        self.world.fleet.tell(f"jam {_numbers([printer])}")
        for name in self.world.installation.services:
            with self.subTest(service=name):
                self.assertEqual(self.world.installation.stop(name), 0)
            self.world.restart(name)

        self.jam([printer], tell=False)
        self.clear([printer])
        self.check_told_once(printer)


def _numbers(printers):
    return ",".join(str(printer.number) for printer in printers)


if __name__ == "__main__":
    unittest.main()
