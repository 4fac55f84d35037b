"""Printers that announce themselves by SLP and DNS-SD, as an administrator finds them, and what a hostile network can do about it.

The printers are platen-fleetsim's, on loopback addresses, with ports that the kernel draws; nothing leaves this machine.
"""

import json
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from probe_test import BIN, Fleet, run

DEVICES = 5


class AnnouncingFleet(Fleet):
    def __init__(self, first, control):
        super().__init__(f"--devices={DEVICES}", f"--first-address={first}", "--slp-port=0", "--dns-sd-port=0", f"--control={control}")
        lines = [self.process.stdout.readline() for _ in range(2)]
        self.slp, self.dns_sd = (re.search(r"port (\d+)", line).group(1) for line in lines)
        self._control = control

    def ctl(self, *command):
        command = [BIN / "platen-fleetsim", "ctl", self._control, *command]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    def requests(self, address):
        """By SNMP, to one of them."""
        return int(re.search(r"requests=(\d+)", self.ctl("status", address)).group(1))


class Responder:
    """Somebody on the network who answers each datagram with whatever `answers(request)` gives."""

    def __init__(self, address, answers):
        self._answers = answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self._socket.settimeout(0.1)
        self.port = str(self._socket.getsockname()[1])
        self._going = True
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while self._going:
            try:
                request, asker = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            for answer in self._answers(request):
                self._socket.sendto(answer, asker)

    def stop(self):
        self._going = False
        self._thread.join()
        self._socket.close()


def dns_sd(request, *addresses):
    """An answer that is whole: one printer, at these addresses."""
    service = b"\x04_ipp\x04_tcp\x05local\0"
    host = b"\x04hall\x05local\0"

    def record(name, kind, data):
        return name + struct.pack(">HHIH", kind, 1, 120, len(data)) + data

    instance = b"\x04Hall" + service
    records = [record(service, 12, instance), record(instance, 33, struct.pack(">HHH", 0, 0, 631) + host)]
    records += [record(instance, 16, b"\x09ty=Acme 9")]
    records += [record(host, 1, socket.inet_aton(address)) for address in addresses]
    return request[:2] + struct.pack(">HHHHH", 0x8400, 0, len(records), 0, 0) + b"".join(records)


def slp(request, *hosts):
    rest = bytes(5) + request[10:12] + b"\0\x02en" + struct.pack(">HH", 0, len(hosts))
    for host in hosts:
        url = f"service:printer:lpr://{host}/q".encode()
        rest += b"\0" + struct.pack(">HH", 60, len(url)) + url + b"\0"
    return b"\x02\x02\0" + struct.pack(">H", 5 + len(rest)) + rest


class AnnouncedPrintersTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.fleet = AnnouncingFleet("127.16.12.1", self.directory / "ctl")
        self.addCleanup(self.fleet.stop)
        self.addresses = [f"127.16.12.{number}" for number in range(1, DEVICES + 1)]

    def responder(self, address, answers):
        responder = Responder(address, answers)
        self.addCleanup(responder.stop)
        return responder

    def discover(self, *options):
        result = run("discover", "--port", self.fleet.port, "--version", "2c", "--timeout", "500ms", "--rate", "5000", *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def report(self, *options):
        return json.loads(self.discover(*options, "--format", "json"))

    @staticmethod
    def found(report):
        return {printer["address"]: printer.get("found_by", []) for printer in report.get("printers", [])}

    def both(self, ranges):
        return ("--slp", ranges, "--slp-port", self.fleet.slp, "--dns-sd", ranges, "--dns-sd-port", self.fleet.dns_sd)

    def test_those_that_announce_themselves_are_found_and_it_is_told_how(self):
        options = (*self.both("127.16.12.0/28"), "--allow", "127.16.12.0/24")
        report = self.report(*options)
        self.assertEqual(self.found(report), {address: ["FOUND_BY_SLP", "FOUND_BY_DNS_SD"] for address in self.addresses})
        self.assertEqual(int(report["addresses"]), DEVICES)
        tallies = [(tally["protocol"], int(tally["answers"]), int(tally["addresses"])) for tally in report["announcements"]]
        self.assertEqual(tallies, [("FOUND_BY_SLP", DEVICES, DEVICES), ("FOUND_BY_DNS_SD", DEVICES, DEVICES)])

        page = self.discover(*options)
        self.assertEqual(page.count("found by SLP and DNS-SD"), DEVICES)
        # The nine of fourteen who are silent are asked twice.
        self.assertIn("SLP: 23 queries, 5 answers, 5 addresses\n", page)

    def test_each_protocol_finds_for_itself_beside_ranges(self):
        by_slp = self.report("--slp", "127.16.12.1", "--slp-port", self.fleet.slp, "--allow", "127.16.12.0/24")
        self.assertEqual(self.found(by_slp), {"127.16.12.1": ["FOUND_BY_SLP"]})
        by_both = self.report(
            "--ranges", "127.16.12.2,127.16.12.3", "--dns-sd", "127.16.12.3,127.16.12.4", "--dns-sd-port", self.fleet.dns_sd,
            "--allow", "127.16.12.0/24",
        )  # fmt: skip
        expected = {
            "127.16.12.2": ["FOUND_BY_RANGE"],
            "127.16.12.3": ["FOUND_BY_RANGE", "FOUND_BY_DNS_SD"],
            "127.16.12.4": ["FOUND_BY_DNS_SD"],
        }
        self.assertEqual(self.found(by_both), expected)

    def test_what_the_allow_list_lacks_or_is_excluded_is_named_in_vain(self):
        named = ("127.16.12.2", "127.16.12.3", "127.16.12.4")
        for protocol, answer, name in (("--slp", slp, "SLP"), ("--dns-sd", dns_sd, "DNS-SD")):
            with self.subTest(protocol):
                before = [self.fleet.requests(address) for address in named]
                somebody = self.responder("127.16.13.1", lambda request, answer=answer: [answer(request, *named)])
                options = (
                    protocol, "127.16.13.1", protocol + "-port", somebody.port,
                    "--allow", "127.16.13.1,127.16.12.0-127.16.12.3", "--exclude", "127.16.12.3",
                )  # fmt: skip
                report = self.report(*options)
                self.assertEqual(list(self.found(report)), ["127.16.12.2"])
                self.assertEqual(int(report["announcements"][0]["not_allowed"]), 2)
                after = [self.fleet.requests(address) for address in named]
                self.assertGreater(after[0], before[0])
                self.assertEqual(after[1:], before[1:])
                self.assertIn(f"{name}: 1 query, 1 answer, 1 address; not used: 2 not in the allow list\n", self.discover(*options))

    def test_garbage_is_refused_and_counted_and_what_is_whole_is_used(self):
        def garbage(whole):
            def answers(request):
                good = whole(request, "127.16.12.2")
                other_id = bytearray(good)
                for place in (0, 1, 10, 11):
                    other_id[place] ^= 0x55
                return [b"", b"\xff" * 1400, good[:-3], good + b"x", bytes(other_id), b"\xc0" * 9001, request, good]

            return answers

        for protocol, whole in (("--slp", slp), ("--dns-sd", dns_sd)):
            with self.subTest(protocol):
                somebody = self.responder("127.16.13.1", garbage(whole))
                report = self.report(
                    protocol, "127.16.13.1", protocol + "-port", somebody.port, "--allow", "127.16.12.0/23"
                )  # fmt: skip
                self.assertEqual(list(self.found(report)), ["127.16.12.2"])
                tally = report["announcements"][0]
                self.assertEqual((int(tally["answers"]), int(tally["malformed"])), (8, 7))

    def test_who_is_announced_and_does_not_speak_snmp_is_told(self):
        somebody = self.responder("127.16.13.1", lambda request: [dns_sd(request, "127.16.13.7")])
        options = ("--dns-sd", "127.16.13.1", "--dns-sd-port", somebody.port, "--allow", "127.16.13.0/24")
        [printer] = self.report(*options)["unconfirmed"]
        self.assertEqual((printer["address"], printer["name"], printer["model"]), ("127.16.13.7", "Hall", "Acme 9"))
        self.assertIn("no SNMP  127.16.13.7  Hall, Acme 9, found by DNS-SD", self.discover(*options))

    def test_who_was_announced_once_is_asked_again_though_no_announcement_names_it(self):
        report = self.directory / "report.json"
        options = (*self.both("127.16.12.0/29"), "--allow", "127.16.12.0/24", "--report", report)
        self.report(*options)
        self.fleet.ctl("silence", "all", "on")
        states = {printer["state"] for printer in self.report(*options)["printers"]}
        self.assertEqual(states, {"STATE_GONE"})

    def test_without_an_allow_list_or_an_answer_nobody_is_asked(self):
        result = run("discover", "--slp", "127.16.12.0/28", "--slp-port", self.fleet.slp)
        self.assertEqual(result.returncode, 2)
        self.assertIn("SLP needs an allow list", result.stderr)
        for where in ("127.16.14.0/30", "multicat"):
            result = run("discover", "--slp", where, "--allow", "127.16.12.0/24")
            self.assertEqual(result.returncode, 2)
        report = self.report("--slp", "127.16.14.1", "--slp-port", self.fleet.slp, "--allow", "127.16.14.0/24")
        self.assertEqual((report.get("addresses", "0"), self.found(report)), ("0", {}))


if __name__ == "__main__":
    unittest.main()
