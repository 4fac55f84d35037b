"""What a poll costs the whole collector, beside what others take that ask printers by SNMP: each a process of its own, one after the other,
on the same simulated printers, once a second each.

    cmake --build build/release --target platen-collector platen-fleetsim
    bench/peers/setup; sudo apt-get install collectd-core prometheus-snmp-exporter
    /usr/bin/python3 bench/pipeline/fleet_peers.py [--printers 2000] [--seconds 20] [--rounds 3]

The others get ten numbers of each and throw them away (Telegraf), send them to nobody by their own protocol (collectd), or say them to who
asks by HTTP (snmp_exporter, asked by sixteen threads). The collector gets what its status poll asks for, compares it with what was before, and
looks after all else that it looks after (files for targets and events, no Kafka). A poll is one printer once, in however many requests: Telegraf takes
one for each number. Each figure is a JSON line, medians over the rounds; who is not installed is left out, with a message. Ends with 1 where
the collector is less than five times Telegraf.
"""

import argparse
import http.client
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from pathlib import Path

from fleet_scale import PROGRAMS, RECORDINGS, ROOT, Process, free_port

MODEL = "hp-color-laserjet-m553"
TELEGRAF_MIN = 5
NAMES = [
    "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.25.3.2.1.5.1", "1.3.6.1.2.1.25.3.5.1.1.1", "1.3.6.1.2.1.43.5.1.1.1.1",
    "1.3.6.1.2.1.43.5.1.1.18.1", "1.3.6.1.2.1.43.5.1.1.19.1", "1.3.6.1.2.1.43.10.2.1.4.1.1", "1.3.6.1.2.1.43.10.2.1.5.1.1",
    "1.3.6.1.2.1.43.11.1.1.9.1.1", "1.3.6.1.2.1.43.11.1.1.9.1.2",
]  # fmt: skip


class Fleet(Process):
    """Printers of one model, so that each has all ten."""

    def __init__(self, directory, printers):
        self.port = free_port(socket.SOCK_DGRAM)
        self._control = directory / "fleet.sock"
        recordings = directory / "recordings"
        recordings.mkdir()
        shutil.copy(RECORDINGS / f"{MODEL}.snmprec", recordings)
        options = [f"--devices={printers}", f"--recordings={recordings}", f"--port={self.port}"]
        listed = subprocess.run([PROGRAMS / "platen-fleetsim", *options, "--list"], check=True, capture_output=True, text=True)
        self.addresses = [line.split()[1] for line in listed.stdout.splitlines()]
        super().__init__(PROGRAMS / "platen-fleetsim", *options, f"--control={self._control}")

    def answered(self):
        command = [PROGRAMS / "platen-fleetsim", "ctl", self._control, "counts"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return next(int(word.partition("=")[2]) for word in said.split() if word.startswith("answered="))


class Collector(Process):
    def __init__(self, directory, fleet):
        with open(directory / "targets", "w", encoding="ascii") as targets:
            for number, address in enumerate(fleet.addresses):
                target = {
                    "deviceId": b64encode(number.to_bytes(16, "big")).decode(), "tenant": "acme", "site": "hq", "address": address,
                    "snmp": {"port": fleet.port, "version": "VERSION_V2C"},
                }
                targets.write(json.dumps(target) + "\n")
        (directory / "community").write_text("public", encoding="ascii")
        config = directory / "collector.yaml"
        config.write_text(
            f"instance: collector-0\ntargets_file: {directory}/targets\nevents_file: /dev/null\n"
            f"state_dir: {directory}\nprofiles_dir: {ROOT}/profiles\n"
            f"credentials: {{default: {{secret_file: {directory}/community}}}}\n"
            f'admin: {{listen: "127.0.0.1:{free_port(socket.SOCK_STREAM)}"}}\nlog: {{level: warning}}\n'
            "schedule: {status_interval: 1s, asleep_interval: 1s}\n"
            "snmp: {discovery_concurrency: 1000, requests_per_second: 20000}\n",
            encoding="ascii",
        )
        super().__init__(PROGRAMS / "platen-collector", "poll", "--config", config)


class Telegraf(Process):
    program = ROOT / "build" / "peers" / "telegraf"

    def __init__(self, directory, fleet):
        (directory / "mibs").mkdir()
        agents = ", ".join(f'"udp://{address}:{fleet.port}"' for address in fleet.addresses)
        fields = "".join(f'[[inputs.snmp.field]]\noid = ".{name}"\nname = "f{number}"\n' for number, name in enumerate(NAMES))
        config = directory / "telegraf.conf"
        config.write_text(
            '[agent]\ninterval = "1s"\nflush_interval = "1s"\nmetric_buffer_limit = 1000000\nomit_hostname = true\n'
            'snmp_translator = "gosmi"\nquiet = true\n'
            f'[[inputs.snmp]]\nagents = [{agents}]\nversion = 2\ncommunity = "public"\npath = ["{directory}/mibs"]\n{fields}'
            "[[outputs.discard]]\n",
            encoding="ascii",
        )
        super().__init__(self.program, "--config", config, stderr=subprocess.DEVNULL)


class Collectd(Process):
    program = Path("/usr/sbin/collectd")

    def __init__(self, directory, fleet):
        # Without anything that takes values collectd complains of each; here nobody reads.
        self._taker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._taker.bind(("127.0.0.1", 0))
        # One request for all needs a type with as many values.
        types = ", ".join(f"f{number}:GAUGE:U:U" for number in range(len(NAMES)))
        (directory / "types.db").write_text(f"ten {types}\n", encoding="ascii")
        hosts = "".join(
            f'<Host "printer{number}">\nAddress "{address}:{fleet.port}"\nVersion 2\nCommunity "public"\nCollect "ten"\nInterval 1\n</Host>\n'
            for number, address in enumerate(fleet.addresses)
        )
        values = " ".join(f'"{name}"' for name in NAMES)
        config = directory / "collectd.conf"
        config.write_text(
            f'BaseDir "{directory}"\nPIDFile "{directory}/pid"\nTypesDB "{directory}/types.db"\nHostname "bench"\nFQDNLookup false\nInterval 1\n'
            f'LoadPlugin network\n<Plugin network>\nServer "127.0.0.1" "{self._taker.getsockname()[1]}"\n</Plugin>\n'
            f'LoadPlugin snmp\n<Plugin snmp>\n<Data "ten">\nType "ten"\nTable false\nValues {values}\n</Data>\n{hosts}</Plugin>\n',
            encoding="ascii",
        )
        super().__init__(self.program, "-f", "-C", config, stderr=subprocess.DEVNULL)


class SnmpExporter(Process):
    program = Path("/usr/bin/prometheus-snmp-exporter")
    _ASKERS = 16

    def __init__(self, directory, fleet):
        gets = "".join(f"    - {name}\n" for name in NAMES)
        metrics = "".join(f"    - {{name: f{number}, oid: {name}, type: gauge, help: f}}\n" for number, name in enumerate(NAMES))
        config = directory / "snmp.yml"
        config.write_text(
            f"ten:\n  get:\n{gets}  metrics:\n{metrics}  version: 2\n  auth: {{community: public}}\n  timeout: 2s\n", encoding="ascii"
        )
        self._port = free_port(socket.SOCK_STREAM)
        self._fleet = fleet
        self._ending = threading.Event()
        super().__init__(self.program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{self._port}", "--log.level=error")
        self._askers = [threading.Thread(target=self._ask, args=(number,)) for number in range(self._ASKERS)]
        for asker in self._askers:
            asker.start()

    def __exit__(self, *_):
        self._ending.set()
        for asker in self._askers:
            asker.join()
        super().__exit__()

    def _ask(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        while not self._ending.wait(1):
            try:
                for address in self._fleet.addresses[number :: self._ASKERS]:
                    connection.request("GET", f"/snmp?module=ten&target={address}:{self._fleet.port}")
                    connection.getresponse().read()
            except OSError:
                connection.close()  # It does not listen yet.


def measure(kind, printers, seconds):
    with tempfile.TemporaryDirectory(prefix="platen-bench-") as name:
        directory = Path(name)
        with Fleet(directory, printers) as fleet, kind(directory, fleet) as process:
            # All have been asked, the collector's first readings included.
            rest = 10 + printers / 400
            time.sleep(rest)
            asked, cpu, began = fleet.answered(), process.cpu(), time.monotonic()
            time.sleep(seconds)
            asked, cpu, took = fleet.answered() - asked, process.cpu() - cpu, time.monotonic() - began
            requests = max(1, round(asked / printers / took))  # Of one poll.
            return {"us": cpu / max(asked, 1) * requests * 1e6, "polls": asked / requests / took, "requests": requests, "mb": process.resident() / 2**20}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--printers", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=20, help="how long each is measured")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    kinds = [Collector]
    for kind in (Telegraf, Collectd, SnmpExporter):
        if kind.program.exists():
            kinds.append(kind)
        else:
            print(f"{kind.__name__} is left out: no {kind.program.name} here", file=sys.stderr)
    figures = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind in kinds:
            figures[kind].append(measure(kind, options.printers, options.seconds))
    cost = {kind: statistics.median(each["us"] for each in rounds) for kind, rounds in figures.items()}
    for kind, rounds in figures.items():
        spread = (max(each["us"] for each in rounds) - min(each["us"] for each in rounds)) / cost[kind]
        print(json.dumps({
            "what": kind.__name__, "us_cpu_a_poll": round(cost[kind], 1), "spread": round(spread, 2),
            "requests_a_poll": rounds[0]["requests"], "polls_a_second": round(statistics.median(each["polls"] for each in rounds)),
            "resident_mb": round(statistics.median(each["mb"] for each in rounds), 1), "times_the_collector": round(cost[kind] / cost[Collector], 1),
        }))  # fmt: skip
    return 0 if Telegraf not in cost or cost[Telegraf] >= TELEGRAF_MIN * cost[Collector] else 1


if __name__ == "__main__":
    sys.exit(main())
