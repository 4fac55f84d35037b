"""The collector's core without Kafka: targets from a file, events to a file, printers from platen-fleetsim.

What is asserted is what a reader of the events relies on: a new device is told in full, a jam is one alarm with one end,
silence is told after three misses and costs nobody else, garbage on the port harms nothing, and SIGTERM ends with 0.
"""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

SOURCE = pathlib.Path(os.environ["PLATEN_SOURCE_DIR"])
BIN = pathlib.Path(os.environ["PLATEN_BUILD_DIR"]) / "bin"
DEVICES = 10
CONFIG = """
instance: file-0
targets_file: {dir}/targets.jsonl
events_file: {dir}/events.jsonl
state_dir: {dir}/state
profiles_dir: {dir}/profiles
credentials: {{default: {{secret_file: {dir}/community}}}}
schedule: {{status_interval: 1s, asleep_interval: 1s}}
snmp: {{timeout: 300ms, retries: 1}}
log: {{format: text}}
"""


V3 = ("-v", "3", "-u", "fleet", "-l", "authPriv", "-a", "SHA-256", "-A", "maplesyrup", "-x", "AES", "-X", "pancakes")


class CollectorOnFiles(unittest.TestCase):
    CONFIG = CONFIG
    FLEET = ()
    SNMP = {}
    REGISTERED = DEVICES

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        self.fleet = subprocess.Popen(
            [BIN / "platen-fleetsim", "--port=0", f"--devices={DEVICES}", f"--control={self.dir}/ctl", *self.FLEET],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=SOURCE,
            env=dict(os.environ, PLATEN_SNMP_AUTH_PASSWORD="maplesyrup", PLATEN_SNMP_PRIV_PASSWORD="pancakes"),
        )
        self.addCleanup(self.end, self.fleet)
        self.port = self.fleet_port()
        self.addresses = [f"127.16.0.{n}" for n in range(1, DEVICES + 1)]
        targets = [{"address": a, "tenant": "acme", "site": "hq", "snmp": {"port": self.port, **self.SNMP}} for a in self.addresses[: self.REGISTERED]]
        (self.dir / "targets.jsonl").write_text("".join(json.dumps(t) + "\n" for t in targets))
        self.write_secrets()
        shutil.copytree(SOURCE / "profiles", self.dir / "profiles")
        (self.dir / "collector.yaml").write_text(self.CONFIG.format(dir=self.dir, port=self.port))
        self.log = open(self.dir / "collector.log", "w", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.collector = subprocess.Popen(
            [BIN / "platen-collector", "poll", "--config", self.dir / "collector.yaml"], stdout=self.log, stderr=self.log
        )
        self.addCleanup(self.end, self.collector)

    def write_secrets(self):
        for secret, text in (("community", "public"), ("auth", "maplesyrup"), ("priv", "pancakes")):
            (self.dir / secret).write_text(text)

    def end(self, process):
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        if process.stdout:
            process.stdout.close()

    def fleet_port(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if select.select([self.fleet.stdout], [], [], 1)[0]:
                found = re.search(r"port (\d+)", self.fleet.stdout.readline())
                if found:
                    return int(found.group(1))
        self.fail("platen-fleetsim did not say which port it has")

    def control(self, *command):
        done = subprocess.run([BIN / "platen-fleetsim", "ctl", self.dir / "ctl", *command], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def events(self):
        path = self.dir / "events.jsonl"
        if not path.exists():
            return []
        # The last line may be half written.
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]]

    def await_events(self, what, wanted):
        """Waits until `wanted(events)`; the deadline is only against a hang."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            events = self.events()
            if wanted(events):
                return events
            self.assertIsNone(self.collector.poll(), (self.dir / "collector.log").read_text())
            select.select([], [], [], 0.1)
        self.fail(f"{what}: not seen; log:\n" + (self.dir / "collector.log").read_text())

    def await_fleet(self):
        return self.await_events(
            "every device in full", lambda events: len({e["deviceId"] for e in events if "supplyReading" in e}) == DEVICES
        )

    @staticmethod
    def alerts(events, address):
        return [e["alert"] for e in events if "alert" in e and e["alert"]["device"]["address"] == address]

    def await_log(self, pattern):
        self.await_events(f"{pattern} in the log", lambda _: re.search(pattern, (self.dir / "collector.log").read_text()))

    def said(self, name):
        """A number that the collector logged at its start."""
        return int(re.search(rf"{name}=(\d+)", (self.dir / "collector.log").read_text()).group(1))

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.said('admin_port')}/metrics", timeout=30) as page:
            for line in page.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[-1])
        self.fail(f"no metric {name}")

    def collector_ports(self):
        """UDP ports of the collector's sockets, from /proc."""
        inodes = set()
        for fd in pathlib.Path(f"/proc/{self.collector.pid}/fd").iterdir():
            found = re.match(r"socket:\[(\d+)\]", os.readlink(fd))
            if found:
                inodes.add(found.group(1))
        rows = [line.split() for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]]
        return [int(row[1].split(":")[1], 16) for row in rows if row[9] in inodes]


class DiscoveryTest(CollectorOnFiles):
    """Printers are looked for by a schedule; two of them nobody has registered."""

    CONFIG = CONFIG + (
        "discovery: {{ranges: [127.16.0.0/27], exclude: [127.16.0.10], allow: [127.16.0.0/24], interval: 1s,"
        " requests_per_second: 5000, port: {port}}}\n"
    )
    REGISTERED = DEVICES - 3

    def await_report(self, wanted):
        path = self.dir / "state" / "discovery.json"
        self.await_events("the report", lambda _: path.exists() and wanted(json.loads(path.read_text())))
        return path

    @staticmethod
    def addresses_of(report, state):
        return [printer["address"] for printer in report["printers"] if printer["state"] == state]

    def test_what_is_found_is_told_and_not_polled(self):
        path = self.await_report(lambda report: True)

        shown = subprocess.run([BIN / "platen-collector", "discover", "--show", path, "--format", "import"],
                               capture_output=True, text=True, timeout=30)  # fmt: skip
        rows = [line.split(",")[0] for line in shown.stdout.splitlines()[1:] if not line.startswith("#")]
        self.assertEqual(rows, self.addresses[DEVICES - 3 : DEVICES - 1], shown.stderr)
        self.await_log("discovery ends.*2 not registered")
        self.assertEqual(self.metric("platen_discovery_unregistered_printers"), 2)
        registered = self.addresses[: DEVICES - 3]
        events = self.await_events(
            "all that are registered, in full",
            lambda events: len({e["deviceId"] for e in events if "supplyReading" in e}) == len(registered),
        )
        polled = {e["identityReport"]["address"] for e in events if "identityReport" in e}
        self.assertEqual(polled, set(registered))

    def test_who_falls_silent_is_gone_and_who_is_registered_is_proposed_no_longer(self):
        self.await_report(lambda report: True)
        targets = self.dir / "targets.jsonl"
        with targets.open("a") as file:
            file.write(json.dumps({"address": self.addresses[DEVICES - 2], "snmp": {"port": self.port}}) + "\n")
        self.control("silence", self.addresses[DEVICES - 3], "on")

        self.await_report(lambda report: self.addresses_of(report, "STATE_GONE") == [self.addresses[DEVICES - 3]])

        self.await_log("discovery ends.*1 gone; 0 not registered")


class AnnouncedDiscoveryTest(CollectorOnFiles):
    """The same for printers that announce themselves, without a range."""

    FLEET = ("--slp-port=0", "--dns-sd-port=0")
    REGISTERED = DEVICES - 2

    def fleet_port(self):
        port = super().fleet_port()
        slp, dns_sd = (re.search(r"port (\d+)", self.fleet.stdout.readline()).group(1) for _ in range(2))
        self.CONFIG = CONFIG + (
            "discovery: {{allow: [127.16.0.0/24], interval: 1s, requests_per_second: 5000, port: {port},"
            f" slp: {{{{ask: [127.16.0.1-127.16.0.9], port: {slp}}}}}, dns_sd: {{{{ask: [127.16.0.10], port: {dns_sd}}}}}}}}}\n"
        )
        return port

    def test_they_are_found_and_told_with_what_was_answered(self):
        self.await_log("discovery ends.*10 printers.*2 not registered")
        report = json.loads((self.dir / "state" / "discovery.json").read_text())
        found = {printer["address"]: printer["found_by"] for printer in report["printers"]}
        expected = {address: ["FOUND_BY_SLP"] for address in self.addresses[:9]} | {self.addresses[9]: ["FOUND_BY_DNS_SD"]}
        self.assertEqual(found, expected)
        for protocol, answers in (("slp", 9), ("dns_sd", 1)):
            self.assertGreaterEqual(self.metric(f'platen_discovery_announcements_total{{protocol="{protocol}"}}'), answers)
            refused = f'platen_discovery_announcements_refused_total{{protocol="{protocol}",reason="malformed"}}'
            self.assertEqual(self.metric(refused), 0)


class CollectorFileTest(CollectorOnFiles):
    def test_a_new_device_is_told_in_full(self):
        events = self.await_fleet()

        for kind in ("identityReport", "statusChange", "meterReading", "supplyReading", "firmwareReading"):
            self.assertEqual(len([e for e in events if kind in e]), DEVICES, kind)
        serials = {e["identityReport"]["identity"]["serialNumber"] for e in events if "identityReport" in e}
        self.assertEqual(len(serials), DEVICES)
        self.assertEqual(len({e["id"] for e in events}), len(events))

    def test_a_jam_is_one_alarm_with_one_end(self):
        self.await_fleet()
        self.control("jam", self.addresses[2])
        self.await_events("the jam", lambda events: self.alerts(events, self.addresses[2]))
        self.control("clear", self.addresses[2])
        events = self.await_events("its end", lambda events: len(self.alerts(events, self.addresses[2])) > 1)

        raised, ended = self.alerts(events, self.addresses[2])
        self.assertEqual(raised["category"], "ALERT_CATEGORY_JAM")
        self.assertEqual(raised["alertId"], ended["alertId"])
        self.assertEqual(ended["end"], "ALERT_END_CLEARED")

    def test_a_silent_device_is_told_and_costs_nobody_else(self):
        self.await_fleet()
        self.control("silence", self.addresses[4], "on")
        events = self.await_events("the silence", lambda events: self.alerts(events, self.addresses[4]))
        self.assertEqual(self.alerts(events, self.addresses[4])[0]["origin"], "ALERT_ORIGIN_PLATEN")
        self.control("cover", self.addresses[5])
        self.await_events("another's open cover", lambda events: self.alerts(events, self.addresses[5]))
        self.control("silence", self.addresses[4], "off")
        events = self.await_events("its return", lambda events: len(self.alerts(events, self.addresses[4])) > 1)
        self.assertEqual(self.alerts(events, self.addresses[4])[1]["end"], "ALERT_END_CLEARED")

    def test_profiles_are_taken_over_while_running_or_refused_as_a_whole(self):
        self.await_fleet()
        profile = self.dir / "profiles" / "brother.yaml"
        good = profile.read_text()
        profile.write_text(re.sub(r"version: \d+", "version: many", good, count=1))
        self.collector.send_signal(signal.SIGHUP)
        self.await_log(r"brother\.yaml:\d+")

        profile.write_text(re.sub(r"version: \d+", "version: 1000", good, count=1))
        self.collector.send_signal(signal.SIGHUP)
        self.await_log("profiles are taken over")
        # It goes on as before.
        self.control("jam", self.addresses[1])
        self.await_events("the jam", lambda events: self.alerts(events, self.addresses[1]))

    def test_garbage_and_forged_answers_are_dropped_and_counted(self):
        self.await_fleet()
        ports = self.collector_ports()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            for port in ports:
                for datagram in (b"", b"\x30", os.urandom(200), b"\x30\x84\xff\xff\xff\xff", forged_response()):
                    attacker.sendto(datagram, ("127.0.0.1", port))
        self.control("jam", self.addresses[6])
        events = self.await_events("a jam all the same", lambda events: self.alerts(events, self.addresses[6]))
        self.assertEqual({e["alert"]["device"]["address"] for e in events if "alert" in e}, {self.addresses[6]})
        for counted in ('datagrams_total{result="truncated"}', 'responses_total{result="unknown_id"}'):
            self.await_events(counted, lambda _, counted=counted: self.metric("platen_snmp_" + counted) > 0)

    def test_sigterm_drains_and_ends_with_0(self):
        self.await_fleet()
        self.collector.send_signal(signal.SIGTERM)
        self.assertEqual(self.collector.wait(30), 0)


class ListeningCollector(CollectorOnFiles):
    """With a day between two polls, what is seen was looked for because a printer had said something."""

    CONFIG = CONFIG.replace("status_interval: 1s, asleep_interval: 1s", "status_interval: 24h, asleep_interval: 24h") + (
        'notifications: {{listen: "127.0.0.1:0"}}\n'
        "snmp_users: {{default: {{name: fleet, authentication: sha256, authentication_password: {{secret_file: {dir}/auth}},"
        " privacy: aes128, privacy_password: {{secret_file: {dir}/priv}}}}}}\n"
    )

    def setUp(self):
        super().setUp()
        self.await_fleet()
        self.listener = f"127.0.0.1:{self.said('notification_port')}"

    def net_snmp(self, tool, access, address, *arguments):
        """As the printer at `address`. True where it ended well, for which an inform has to be answered."""
        # What it keeps from one run to the next, its boots, belongs to nobody else.
        environment = dict(os.environ, SNMP_PERSISTENT_DIR=str(self.dir))
        done = subprocess.run(
            [tool, *access, "-r", "2", "-t", "5", f"--clientaddr={address}", self.listener, *arguments],
            check=False, capture_output=True, timeout=60, env=environment,
        )
        return done.returncode == 0

    def await_alert(self, address):
        self.await_events(f"an alert of {address}", lambda events: self.alerts(events, address))


class NotificationTest(ListeningCollector):
    def test_a_trap_of_a_printer_is_followed_by_its_alert(self):
        self.control("notify", self.listener)
        self.control("jam", self.addresses[2])
        self.await_alert(self.addresses[2])
        self.assertEqual({e["alert"]["device"]["address"] for e in self.events() if "alert" in e}, {self.addresses[2]})

    def test_net_snmps_traps_and_informs_are_heard(self):
        alert = ("", "1.3.6.1.2.1.43.18.2.0.1")
        v1, v2c = (("-v", version, "-c", "public") for version in ("1", "2c"))
        for address, tool, access, arguments in (
            (self.addresses[1], "snmptrap", v2c, alert),
            (self.addresses[3], "snmpinform", v2c, alert),
            (self.addresses[4], "snmptrap", v1, ("1.3.6.1.2.1.43.18.2", self.addresses[4], "6", "1", "")),
            (self.addresses[5], "snmptrap", V3 + ("-e", "0x8000000001020304"), alert),
            (self.addresses[6], "snmpinform", V3, alert),
        ):
            self.control("jam", address)
            self.assertTrue(self.net_snmp(tool, access, address, *arguments), (tool, access))
            self.await_alert(address)
        # The inform's sender has asked first who we are.
        self.await_events(
            "its being told", lambda _: self.metric('platen_snmp_notifications_total{result="reported"}') > 0
        )

    def test_in_version_3_only_the_users_keys_and_level_are_believed(self):
        alert = ("", "1.3.6.1.2.1.43.18.2.0.1")
        engine = ("-e", "0x8000000001020304")
        self.control("jam", self.addresses[1])
        for other in (("-A", "another-word"), ("-X", "another-word"), ("-l", "authNoPriv"), ("-l", "noAuthNoPriv"), ("-u", "nobody")):
            self.net_snmp("snmptrap", V3 + engine + other, self.addresses[1], *alert)
            self.assertFalse(self.net_snmp("snmpinform", V3 + other, self.addresses[1], *alert), other)
        self.await_events(
            "five traps", lambda _: self.metric('platen_snmp_notifications_total{result="unbelieved"}') == 5
        )
        self.assertEqual(self.metric('platen_snmp_notifications_total{result="heard"}'), 0)
        self.assertEqual([e for e in self.events() if "alert" in e], [])

    def test_what_is_no_notification_of_a_known_printer_is_counted_and_nothing_else(self):
        host, port = self.listener.split(":")
        self.control("jam", self.addresses[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in (b"\x30", forged_response(), trap("public"), trap("secret")):
                stranger.sendto(datagram, (host, int(port)))
        for counted in (
            'snmp_notifications_total{result="undecodable"}',
            'snmp_notifications_total{result="other"}',
            'snmp_notifications_total{result="wrong_community"}',
            'notified_polls_total{result="unknown_sender"}',
        ):
            self.await_events(counted, lambda _, counted=counted: self.metric("platen_" + counted) > 0)
        self.assertEqual(self.metric('platen_notified_polls_total{result="planned"}'), 0)
        self.assertEqual([e for e in self.events() if "alert" in e], [])


class SerialNumberTest(ListeningCollector):
    """Printers that say something from an address that nobody knows, and their serial number or name with it."""

    def test_a_printer_is_known_by_what_it_says_of_itself(self):
        identities = {e["identityReport"]["address"]: e["identityReport"]["identity"] for e in self.events() if "identityReport" in e}
        v2c = ("-v", "2c", "-c", "public")
        for number, tool, name, key in (
            (2, "snmptrap", "1.3.6.1.2.1.43.5.1.1.17.1", "serialNumber"),
            (3, "snmpinform", "1.3.6.1.4.1.99999.1", "serialNumber"),
            (4, "snmptrap", "1.3.6.1.2.1.1.5.0", "sysName"),
        ):
            address = self.addresses[number]
            said = identities[address][key]
            self.control("jam", address)
            self.assertTrue(
                self.net_snmp(tool, v2c, "127.17.0.9", "", "1.3.6.1.2.1.43.18.2.0.1", name, "s", said), tool
            )
            self.await_alert(address)
        polls = "platen_notified_polls_total{{result=\"{}\"}}".format
        self.await_events("a poll for each", lambda _: self.metric(polls("planned")) == 3)
        self.assertEqual(self.metric(polls("unknown_sender")), 0)


class CredentialsTest(CollectorOnFiles):
    CONFIG = CONFIG + (
        "snmp_users: {{default: {{name: fleet, authentication: sha256, authentication_password: {{secret_file: {dir}/auth}},"
        " privacy: aes128, privacy_password: {{secret_file: {dir}/former}}}}}}\n"
    )
    FLEET = ("--user=fleet",)
    SNMP = {"version": "VERSION_V3"}

    def write_secrets(self):
        super().write_secrets()
        (self.dir / "former").write_text("not-pancakes")

    def test_users_are_taken_over_while_running(self):
        self.await_log("admin_port=")
        self.await_events(
            "a secret that is wrong", lambda _: self.metric('platen_snmp_secured_messages_total{result="refused"}') > 0
        )
        self.assertFalse([e for e in self.events() if "identityReport" in e])
        config = self.dir / "collector.yaml"
        config.write_text(config.read_text().replace("former", "priv"))
        self.collector.send_signal(signal.SIGHUP)
        self.await_log("credentials are taken over")
        self.await_fleet()


class EngineTest(ListeningCollector):
    """Printers of SNMPv3 that say something from an address that nobody knows, as address translation gives them."""

    FLEET = ("--user=fleet",)
    SNMP = {"version": "VERSION_V3"}

    def test_a_printer_is_known_by_its_engine(self):
        alert = ("", "1.3.6.1.2.1.43.18.2.0.1")
        for number, tool, option in ((2, "snmptrap", "-e"), (3, "snmpinform", "-E")):
            # The engine ids of platen-fleetsim.
            engine = "0x80001f8805" + f"printer-{number}".encode().hex()
            address = self.addresses[number]
            self.control("jam", address)
            self.assertTrue(self.net_snmp(tool, V3 + (option, engine), "127.17.0.9", *alert), tool)
            self.await_alert(address)
        polls = "platen_notified_polls_total{{result=\"{}\"}}".format
        self.await_events("a poll for each", lambda _: self.metric(polls("planned")) == 2)
        self.assertEqual(self.metric(polls("unknown_sender")), 0)


def trap(community):
    """An SNMPv2c trap without a varbind."""
    body = bytes.fromhex("020101") + bytes([0x04, len(community)]) + community.encode()
    body += bytes.fromhex("a70b0201010201000201003000")
    return bytes([0x30, len(body)]) + body


def forged_response():
    """A well-formed SNMPv2c response that nobody asked for: sysUpTime.0 is 1."""
    varbind = bytes.fromhex("300d06082b06010201010300430101")
    varbinds = bytes([0x30, len(varbind)]) + varbind
    pdu = bytes.fromhex("020401020304020100020100") + varbinds
    body = bytes.fromhex("02010104067075626c6963") + bytes([0xA2, len(pdu)]) + pdu
    return bytes([0x30, len(body)]) + body


if __name__ == "__main__":
    unittest.main()
