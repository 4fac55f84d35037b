"""platen-collector discover as an administrator uses it: what is there, what is new, what moved, what is gone.

The printers are platen-fleetsim's and net-snmp's, on loopback addresses; nothing leaves this machine.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from probe_test import Fleet, run

DEVICES = 300

SNMPD = """
rocommunity public
sysName PRN-REAL
sysLocation 3rd floor
override 1.3.6.1.2.1.25.3.2.1.2.1 object_id 1.3.6.1.2.1.25.3.1.5
override 1.3.6.1.2.1.25.3.2.1.3.1 octet_str "Acme Laser 9"
override 1.3.6.1.2.1.25.3.5.1.1.1 integer 3
override 1.3.6.1.2.1.43.5.1.1.16.1 octet_str "Laser"
override 1.3.6.1.2.1.43.5.1.1.17.1 octet_str "REAL0001"
"""


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DiscoverTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def fleet(self, devices=DEVICES, first="127.16.0.1"):
        fleet = Fleet(f"--devices={devices}", f"--first-address={first}")
        self.addCleanup(fleet.stop)
        return fleet

    def discover(self, fleet, ranges, *options):
        result = run(
            "discover", "--ranges", ranges, "--port", fleet.port, "--version", "2c", "--timeout", "1s", "--rate", "5000",
            *options,
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def states(self, *arguments):
        report = json.loads(self.discover(*arguments, "--format", "json"))
        return {printer["address"]: printer["state"] for printer in report.get("printers", [])}

    def test_all_of_a_fleet_are_found_and_nobody_else(self):
        fleet = self.fleet()

        report = json.loads(self.discover(fleet, "127.16.0.0/22", "--exclude", "127.16.0.7", "--format", "json"))

        self.assertEqual(int(report["addresses"]), 1021)
        self.assertEqual(len(report["printers"]), DEVICES - 1)
        serials = {printer["identity"]["serial_number"] for printer in report["printers"]}
        self.assertEqual(len(serials), DEVICES - 1)
        self.assertTrue(all(printer["profile"] for printer in report["printers"]))
        self.assertNotIn("127.16.0.7", {printer["address"] for printer in report["printers"]})

    def test_what_is_new_moved_and_gone_is_told_beside_the_last_report(self):
        report = self.directory / "report.json"
        arguments = ("127.16.4.0/27", "--report", report)
        self.assertEqual(set(self.states(self.fleet(10, "127.16.4.1"), *arguments).values()), {"STATE_NEW"})

        # The first five of a fleet are the same printers, wherever it is.
        states = self.states(self.fleet(5, "127.16.4.11"), *arguments)

        moved = {f"127.16.4.{number}": "STATE_MOVED" for number in range(11, 16)}
        gone = {f"127.16.4.{number}": "STATE_GONE" for number in range(6, 11)}
        self.assertEqual(states, moved | gone)

    def test_what_was_found_and_is_not_registered_can_be_imported(self):
        fleet = self.fleet(3, "127.16.5.1")
        known = self.directory / "known.json"
        known.write_text(
            json.dumps({"name": "n", "address": "127.16.5.2", "snmp": {"port": int(fleet.port)}, "delivered": True})
        )

        lines = self.discover(fleet, "127.16.5.0/29", "--known", known, "--format", "import").splitlines()

        self.assertEqual(lines[0], "address,port,version,display_name,location")
        rows = [line.split(",")[:2] for line in lines[1:] if not line.startswith("#")]
        self.assertEqual(rows, [["127.16.5.1", fleet.port], ["127.16.5.3", fleet.port]])

    def test_an_agent_of_net_snmp_is_found(self):
        port = free_udp_port()
        (self.directory / "snmpd.conf").write_text(SNMPD)
        command = ["/usr/sbin/snmpd", "-f", "-Lf", "/dev/null", "-C", "-c", self.directory / "snmpd.conf", "-I",
                   "-hr_device,hr_print,hrh_device", f"udp:127.0.0.5:{port}"]  # fmt: skip
        environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(self.directory)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as agent:
            try:
                # As many tries as it may need to start.
                result = run("discover", "--ranges", "127.0.0.5", "--port", str(port), "--timeout", "500ms",
                             "--retries", "10", "--format", "json")  # fmt: skip
            finally:
                agent.terminate()
        printers = json.loads(result.stdout)["printers"]
        self.assertEqual([printer["address"] for printer in printers], ["127.0.0.5"])
        self.assertEqual(printers[0]["identity"]["serial_number"], "REAL0001")
        self.assertEqual(printers[0]["identity"]["model"], "Acme Laser 9")
        self.assertEqual(printers[0]["identity"]["sys_location"], "3rd floor")

    def test_what_can_not_be_asked_is_refused_before_anybody_is(self):
        for arguments, words in (
            (["--ranges", "10.0.0.0/8"], "16777214 addresses"),
            (["--ranges", "2001:db8::/64"], "more than 2^64 addresses"),
            (["--ranges", "10.1.0.0/24", "--allow", "10.2.0.0/16"], "allow list"),
            (["--ranges", "10.1.0.0/24,printer"], '"printer" is no address or range'),
            (["--ranges", "@nowhere"], "nowhere"),
            (["10.1.0.0/24"], "takes either --ranges or --show"),
            (["--ranges", "10.1.0.0/24", "--show", "report.json"], "takes either --ranges or --show"),
            (["--show", "nowhere"], "nowhere is not there"),
            (["--ranges", "10.1.0.0/24", "--rate", "0"], "--rate takes a number from 1 to 10000"),
        ):
            result = run("discover", *arguments)
            self.assertIn(words, result.stderr)
            self.assertIn(result.returncode, (1, 2))
            self.assertEqual(result.stdout, "")

    def test_a_schedule_that_can_not_be_kept_is_refused_with_the_configuration(self):
        config = self.directory / "collector.yaml"
        config.write_text(
            f"instance: c-0\nstate_dir: {self.directory}\nprofiles_dir: {self.directory}\n"
            f"targets_file: {config}\nevents_file: '-'\ncredentials: {{default: {{secret_file: {config}}}}}\n"
            "discovery: {ranges: [10.0.0.0/8], interval: 0s, credential: other, requests_per_second: 20000, port: 70000,\n"
            "  slp: {ask: [multicast], port: 70000}, dns_sd: {ask: [10.1.0.0/24, multicast]}}\n"
        )
        result = run("poll", "--config", str(config), "--check-config")
        self.assertEqual(result.returncode, 1)
        for path in ("ranges", "interval", "credential", "requests_per_second", "port", "slp.ask", "slp.port", "dns_sd.ask"):
            self.assertIn(f"discovery.{path}", result.stderr)

    def test_other_tools_know_no_import(self):
        result = run("probe", "127.0.0.1", "--format", "import")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--format takes text or json", result.stderr)


if __name__ == "__main__":
    unittest.main()
