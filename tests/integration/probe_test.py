"""platen-collector probe, record and explain as an administrator uses them: exit codes, pages, ranges.

The printers are platen-fleetsim's, each with an address of its own on loopback; nothing leaves this machine.
"""

import json
import os
import pathlib
import re
import select
import socket
import subprocess
import tempfile
import threading
import time
import unittest

SOURCE = pathlib.Path(os.environ["PLATEN_SOURCE_DIR"])
BIN = pathlib.Path(os.environ["PLATEN_BUILD_DIR"]) / "bin"
DEVICES = 10


def run(*arguments, text=None):
    command = [BIN / "platen-collector", *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, env=environment)


class Fleet:
    """A running platen-fleetsim on a port that the kernel draws."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [BIN / "platen-fleetsim", "--port=0", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.port = self._port()

    def _port(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if not select.select([self.process.stdout], [], [], 1)[0]:
                continue
            line = self.process.stdout.readline()
            found = re.search(r"port (\d+)", line)
            if found:
                return found.group(1)
            if not line:
                break
        self.stop()
        raise RuntimeError("platen-fleetsim did not say which port it has")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class ContextAgent:
    """One printer that says in an SNMP context what it does not say in the default one: two fleets behind one port."""

    def __init__(self, address, fleets):
        self._address, self._fleets = address, fleets  # [(community, fleet)], the most particular first.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.settimeout(0.1)
        self.port = str(self._socket.getsockname()[1])
        self._going = True
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as behind:
            behind.settimeout(10)
            while self._going:
                try:
                    request, asker = self._socket.recvfrom(65536)
                except TimeoutError:
                    continue
                fleet = next(fleet for community, fleet in self._fleets if community.encode() in request)
                behind.sendto(request, (self._address, int(fleet.port)))
                self._socket.sendto(behind.recvfrom(65536)[0], asker)

    def stop(self):
        self._going = False
        self._thread.join()
        self._socket.close()


class ProbeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(f"--devices={DEVICES}", "--first-address=127.16.0.1")
        cls.addClassCleanup(cls.fleet.stop)

    def probe(self, host, *options):
        return run("probe", host, "--port", self.fleet.port, *options)

    def test_a_printer_is_a_page_for_people(self):
        result = self.probe("127.16.0.1")

        self.assertEqual(result.returncode, 0, result.stderr)
        for piece in ("serial ", "profile ", "Supplies", "Paper", "Counters", "printer-mib/prtMarkerLifeCount"):
            self.assertIn(piece, result.stdout)
        self.assertNotIn("\x1b", result.stdout)  # No colours where nobody looks.

    def test_every_kind_of_printer_has_its_profile_serial_and_total(self):
        for number in range(1, DEVICES + 1):
            result = self.probe(f"127.16.0.{number}", "--format", "json")
            snapshot = json.loads(result.stdout)

            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertNotEqual(snapshot["identity"]["serial_number"], "")
            self.assertNotEqual(snapshot["profile"], "")
            self.assertTrue(snapshot["complete"])
            self.assertEqual([missing["what"] for missing in snapshot.get("unavailable", [])
                              if missing["what"] in ("serial", "model", "manufacturer", "meters.total")], [])  # fmt: skip

    def test_a_range_has_a_line_for_each_that_answers(self):
        result = self.probe("127.16.0.0/28", "--version", "2c", "--timeout", "1s")

        self.assertEqual(result.returncode, 0, result.stderr)
        addresses = sorted(line.split()[0] for line in result.stdout.splitlines())
        self.assertEqual(addresses, sorted(f"127.16.0.{number}" for number in range(1, DEVICES + 1)))

    def test_version_1_tells_the_same(self):
        first = json.loads(self.probe("127.16.0.2", "--format", "json").stdout)
        second = json.loads(self.probe("127.16.0.2", "--format", "json", "--version", "1").stdout)

        for snapshot in (first, second):
            del snapshot["read_time"], snapshot["status"]["uptime_ticks"]
        self.assertEqual(first, second)

    def test_a_wrong_community_is_silence_of_a_host_that_lives(self):
        result = self.probe("127.16.0.1", "--community", "another-one", "--timeout", "200ms", "--retries", "0")

        self.assertEqual(result.returncode, 3)
        self.assertEqual(result.stdout, "")
        self.assertIn("--community", result.stderr)
        self.assertNotIn("another-one", result.stderr)  # A community is a secret.

    def test_a_slow_printer_is_read_all_the_same(self):
        fleet = Fleet("--devices=1", "--first-address=127.16.1.1", "--loss=10", "--delay=5")
        self.addCleanup(fleet.stop)

        result = run("probe", "127.16.1.1", "--port", fleet.port, "--timeout", "300ms", "--retries", "6", "--format", "json")

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue(json.loads(result.stdout)["complete"])

    def test_wrong_usage_is_told_apart_from_silence(self):
        for arguments in ((), ("probe",), ("probe", "127.0.0.1", "--port", "x"), ("probe", "10.0.0.0/8"), ("explain",),
                          ("probe", "127.0.0.1", "--comunity", "x")):  # fmt: skip
            result = run(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertNotEqual(result.stderr, "")

    def test_wrong_usage_says_what_is_wrong(self):
        self.assertIn("no option --comunity", run("probe", "127.0.0.1", "--comunity").stderr)
        self.assertIn("--port needs a value", run("probe", "127.0.0.1", "--port").stderr)
        self.assertIn("takes one printer", run("probe", "127.0.0.1", "127.0.0.2").stderr)
        self.assertIn("no command prob", run("prob", "127.0.0.1").stderr)
        self.assertIn("probe NAME|ADDRESS|RANGE", run("--help").stdout)

    def test_what_answers_without_being_a_printer_is_told(self):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "server.snmprec").write_text(
                "1.3.6.1.2.1.1.1.0|4|Linux server 6.1\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10\n"
            )
            fleet = Fleet("--devices=1", "--first-address=127.16.2.1", f"--recordings={directory}")
            self.addCleanup(fleet.stop)
            result = run("probe", "127.16.2.1", "--port", fleet.port)

        self.assertEqual(result.returncode, 5, result.stderr)
        self.assertIn("nothing of a printer", result.stderr)


class RecordTest(unittest.TestCase):
    # A device of this test's own: secrets in all the places where a snapshot, or nobody, looks for them.
    PRINTER = """1.3.6.1.2.1.1.1.0|4|Acme Laser 9 at 192.168.77.12, SN ZX81QW4455
1.3.6.1.2.1.1.4.0|4|Ingeborg Miller, +49 30 1234-5678
1.3.6.1.2.1.1.5.0|4|PRN001BA9123456
1.3.6.1.2.1.1.6.0|4|Vault 7, Hauptstrasse
1.3.6.1.2.1.2.2.1.6.1|4x|001ba9123456
1.3.6.1.2.1.25.3.2.1.2.1|6|1.3.6.1.2.1.25.3.1.5
1.3.6.1.2.1.25.3.2.1.3.1|4|Acme Laser 9
1.3.6.1.2.1.43.5.1.1.17.1|4|ZX81QW4455
1.3.6.1.2.1.43.10.2.1.4.1.1|65|15232
1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Toner
1.3.6.1.2.1.43.11.1.1.8.1.1|2|100
1.3.6.1.2.1.43.11.1.1.9.1.1|2|40
1.3.6.1.2.1.43.16.5.1.2.1.1|4|Hello ingeborg
"""
    MASKED = ("serial_number", "sys_name", "sys_location", "sys_descr", "mac_addresses", "uuid", "asset_tag",
              "printer_name", "ieee1284_id")  # fmt: skip

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def unmasked(self, text):
        """A snapshot without what masks change, and without what two readings tell differently."""
        said = json.loads(text)
        for each in (said["identity"], *said.get("supplies", [])):
            if "serial_number" in each:  # Some say it in the model or the description too.
                text = text.replace(each["serial_number"], "SERIAL")
        snapshot = json.loads(text)
        for field in ("address", "read_time"):
            snapshot.pop(field, None)
        snapshot.get("status", {}).pop("uptime_ticks", None)
        for field in self.MASKED:
            snapshot["identity"].pop(field, None)
        return snapshot

    def test_a_recording_is_understood_as_the_printer_is_but_for_what_is_masked(self):
        fleet = Fleet(f"--devices={DEVICES}", "--first-address=127.16.4.1")
        self.addCleanup(fleet.stop)
        for number in range(1, DEVICES + 1):
            host = f"127.16.4.{number}"
            recorded = run("record", host, "--port", fleet.port)
            explained = run("explain", "-", "--format", "json", text=recorded.stdout)
            probed = run("probe", host, "--port", fleet.port, "--format", "json")

            self.assertEqual(recorded.returncode, 0, recorded.stderr)
            self.assertEqual(self.unmasked(explained.stdout), self.unmasked(probed.stdout))
            identity, masked = (json.loads(each.stdout)["identity"] for each in (probed, explained))
            self.assertNotIn(identity["serial_number"].lower(), recorded.stdout.lower())
            self.assertNotEqual(identity["serial_number"], masked["serial_number"])
            self.assertEqual(len(identity["serial_number"]), len(masked["serial_number"]))
            for mac, mask in zip(identity.get("mac_addresses", []), masked.get("mac_addresses", []), strict=True):
                self.assertEqual(mac[:8], mask[:8])
                self.assertNotEqual(mac, mask)

    def record_printer(self, *options):
        (pathlib.Path(self.directory.name) / "acme.snmprec").write_text(self.PRINTER)
        fleet = Fleet("--devices=1", "--first-address=127.16.5.1", f"--recordings={self.directory.name}")
        self.addCleanup(fleet.stop)
        return run("record", "127.16.5.1", "--port", fleet.port, *options)

    def test_what_is_the_owners_is_gone_and_counted_without_being_told(self):
        result = self.record_printer()

        self.assertEqual(result.returncode, 0, result.stderr)
        for secret in ("192.168.77.12", "ingeborg", "miller", "1234-5678", "vault", "hauptstrasse", "127.16.5.1"):
            self.assertNotIn(secret, result.stdout.lower())
            self.assertNotIn(secret, result.stderr.split("Masked:")[1].lower())
        for kept in ("|Black Toner", "|15232", "Acme Laser 9"):
            self.assertIn(kept, result.stdout)
        for told in ("serial numbers in 2 places", "names and places", "MAC addresses", "printer and finisher"):
            self.assertIn(told, result.stderr)

    def test_a_seed_makes_the_same_recording_twice_and_none_makes_another(self):
        first, second = self.record_printer("--seed", "7"), self.record_printer("--seed", "7")
        self.assertEqual(first.stdout, second.stdout)
        self.assertNotEqual(first.stdout, self.record_printer().stdout)

    def test_what_a_printer_says_in_a_context_of_its_own_is_recorded_too(self):
        lines = self.PRINTER.splitlines(keepends=True)
        vendor = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.11.2.3.9.1\n"
        said = {
            "public": "".join(line for line in lines if ".43.11." not in line) + vendor,
            "public@Jetdirect": "".join(line for line in lines if ".43.11." in line),
        }
        fleets = []
        for number, (community, text) in enumerate(said.items()):
            folder = pathlib.Path(self.directory.name) / str(number)
            folder.mkdir()
            (folder / "acme.snmprec").write_text("".join(sorted(text.splitlines(keepends=True), key=self.order)))
            options = ("--devices=1", "--first-address=127.16.7.1", f"--community={community}", f"--recordings={folder}")
            fleets.insert(0, (community, Fleet(*options)))
            self.addCleanup(fleets[0][1].stop)
        agent = ContextAgent("127.16.7.1", fleets)
        self.addCleanup(agent.stop)

        result = run("record", "127.16.7.1", "--port", agent.port)

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("supplies, in context Jetdirect: ", result.stderr)
        self.assertIn("|Black Toner", result.stdout)
        explained = json.loads(run("explain", "-", "--format", "json", text=result.stdout).stdout)
        self.assertEqual(explained["supplies"][0]["level"]["percent"], 40)

    @staticmethod
    def order(line):
        return [int(arc) for arc in line.split("|")[0].split(".")]

    def test_wrong_usage_and_silence_are_told_apart_as_with_probe(self):
        self.assertEqual(run("record").returncode, 2)
        self.assertEqual(run("record", "127.0.0.0/24").returncode, 2)
        silent = run("record", "127.16.6.1", "--port", "9", "--timeout", "100ms", "--retries", "0")
        self.assertEqual((silent.returncode, silent.stdout), (3, ""))


class ExplainTest(unittest.TestCase):
    WALK = """.1.3.6.1.2.1.25.3.2.1.2.1 = OID: .1.3.6.1.2.1.25.3.1.5
.1.3.6.1.2.1.25.3.2.1.3.1 = STRING: "Acme Laser 9"
.1.3.6.1.2.1.43.11.1.1.6.1.1 = STRING: "Black toner"
.1.3.6.1.2.1.43.11.1.1.8.1.1 = INTEGER: -2
.1.3.6.1.2.1.43.11.1.1.9.1.1 = INTEGER: -3
"""

    def test_a_walk_from_standard_input_is_explained(self):
        result = run("explain", "-", text=self.WALK)

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("some left, the printer doesn't say how much", result.stdout)
        self.assertIn("Not available: serial, no standard value and no profile for this model", result.stdout)
        self.assertRegex(result.stdout, r"supplies\[1\.1\]\.level +1\.3\.6\.1\.2\.1\.43\.11\.1\.1\.9\.1\.1 +-3 +level/-3")

    def test_json_is_the_contracts(self):
        snapshot = json.loads(run("explain", "-", "--format", "json", text=self.WALK).stdout)

        self.assertEqual(snapshot["supplies"][0]["level"]["state"], "STATE_AT_LEAST_SOME")
        self.assertNotIn("percent", snapshot["supplies"][0]["level"])

    def test_a_difference_of_two_recordings_is_told_as_events(self):
        with tempfile.TemporaryDirectory() as directory:
            before, after = (pathlib.Path(directory) / name for name in ("a.walk", "b.walk"))
            before.write_text(self.WALK)
            after.write_text(self.WALK.replace("INTEGER: -2", "INTEGER: 100").replace("INTEGER: -3", "INTEGER: 12"))
            words = run("explain", "--diff", before, after)
            events = run("explain", "--format", "json", "--diff", before, after)
            lone = run("explain", "--diff", before)

        self.assertEqual(words.returncode, 0, words.stderr)
        self.assertIn("Black toner some left, the printer doesn't say how much → 12 %", words.stdout)
        self.assertEqual(len(events.stdout.splitlines()), len(words.stdout.splitlines()))
        self.assertIn("supply_reading", json.loads(events.stdout.splitlines()[-1]))
        self.assertEqual(lone.returncode, 2)
        self.assertIn("two files", lone.stderr)

    def test_what_is_no_recording_is_told(self):
        result = run("explain", "-", text="hello\n" * 300)
        self.assertEqual(result.returncode, 5)
        self.assertEqual(result.stdout, "")
        self.assertLess(len(result.stderr.splitlines()), 20)
        self.assertEqual(run("explain", "/nonexistent").returncode, 1)

    def test_an_endless_line_is_told_in_one_of_a_terminals(self):
        result = run("explain", "-", text="1.3." + "9" * 100_000 + "|2|1\n" + self.WALK)
        self.assertLess(max(len(line) for line in result.stderr.splitlines()), 100)
        self.assertIn("an arc is above 4294967295", result.stderr)

    def test_an_empty_file_is_called_empty(self):
        with tempfile.NamedTemporaryFile() as empty:
            result = run("explain", empty.name)
        self.assertEqual(result.returncode, 5)
        self.assertIn(f"{empty.name} is empty", result.stderr)

    def test_input_without_end_is_refused(self):
        with open("/dev/zero", "rb") as endless:
            command = [BIN / "platen-collector", "explain", "-"]
            result = subprocess.run(command, stdin=endless, capture_output=True, text=True, timeout=120)
        for each in (result, run("explain", "/dev/zero")):
            self.assertEqual(each.returncode, 1)
            self.assertIn("more than 67108864 bytes", each.stderr)

    def test_profiles_with_mistakes_are_refused_with_their_place(self):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "acme.yaml").write_text("name: acme\nversion: 1\nmanufacturor: Acme\n")
            result = run("explain", "-", "--profiles", directory, text=self.WALK)

        self.assertEqual(result.returncode, 1)
        self.assertIn("acme.yaml:3: unknown key 'manufacturor'", result.stderr)


if __name__ == "__main__":
    unittest.main()
