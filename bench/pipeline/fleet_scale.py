"""What a fleet costs the whole collector, from ten printers to a hundred thousand: programs as they are shipped, without Kafka.

    cmake --build build/release --target platen-collector platen-fleetsim
    /usr/bin/python3 bench/pipeline/fleet_scale.py [--most 100000] [--curves DIRECTORY]

Simulated printers, each on an address of its own, answer from recordings; the collector gets its targets from a file and
writes its events to another. Once each has been read in full, readings are counted for a minute: CPU a reading (status polls and whatever
else is due), memory a printer, and how much later than planned readings began, with all printers alive and with a part of them
on addresses where nobody answers. Each figure is a JSON line. With --curves, memory and CPU are drawn as SVG. Ends with 1 where a
figure is over its limit.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = Path(os.environ.get("PLATEN_BUILD_DIR", ROOT / "build" / "release")) / "bin"
RECORDINGS = ROOT / "tests" / "testdata" / "printers"
INTERVAL = 60  # Seconds between two status polls of a printer.
MEASURED = 60
REST = 15  # Until what the first readings have allocated is given back.
DEAD_NETWORK = "127.250"
BYTES_MAX = 800  # A printer, as the slope from 1,000 on.
DELAY_MAX = INTERVAL / 100  # p99.
DEAD_COST_MAX = 1.15
FIRST_MAX = 5


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    def __init__(self, *arguments, stderr=None):
        self.process = subprocess.Popen([str(argument) for argument in arguments], stdout=subprocess.DEVNULL, stderr=stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def read(self, name):
        if self.process.poll() is not None:
            sys.exit(f"{self.process.args[0]} has ended with {self.process.returncode}")
        return Path(f"/proc/{self.process.pid}/{name}").read_text(encoding="ascii")

    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+)", self.read("status")).group(1)) * 1024

    def cpu(self):
        fields = self.read("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Collector(Process):
    def __init__(self, directory, printers, dead, port):
        self.admin = free_port(socket.SOCK_STREAM)
        config = self.write_files(directory, printers, dead, port)
        self.begin = time.monotonic()
        super().__init__(PROGRAMS / "platen-collector", "poll", "--config", config)

    def write_files(self, directory, printers, dead, port):
        listed = subprocess.run(
            [PROGRAMS / "platen-fleetsim", f"--devices={printers}", f"--recordings={RECORDINGS}", "--list"],
            check=True, capture_output=True, text=True,
        ).stdout.splitlines()
        with open(directory / "targets", "w", encoding="ascii") as targets:
            for number, line in enumerate(listed):
                address = line.split()[1]
                if number * 7919 % 1000 < dead * 1000:
                    address = DEAD_NETWORK + "." + ".".join(address.split(".")[2:])
                target = {
                    "deviceId": b64encode(hashlib.sha256(line.encode()).digest()[:16]).decode(),
                    "tenant": "acme", "site": f"site-{number // 500}", "address": address,
                    "snmp": {"port": port, "version": "VERSION_V2C"},
                }
                targets.write(json.dumps(target) + "\n")
        (directory / "community").write_text("public", encoding="ascii")
        config = directory / "collector.yaml"
        config.write_text(
            f"instance: collector-0\ntargets_file: {directory}/targets\nevents_file: /dev/null\n"
            f"state_dir: {directory}\nprofiles_dir: {ROOT}/profiles\n"
            f"credentials: {{default: {{secret_file: {directory}/community}}}}\n"
            f'admin: {{listen: "127.0.0.1:{self.admin}"}}\nlog: {{level: warning}}\n'
            f"schedule: {{status_interval: {INTERVAL}s}}\n"
            "snmp: {discovery_concurrency: 1000, requests_per_second: 20000}\n",
            encoding="ascii",
        )
        return config

    def metrics(self):
        """Of one name the sum of its series; of a histogram's classes each by its bound."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except OSError:
            return {}
        figures = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, value = line.rsplit(" ", 1)
            key = name if "_bucket{" in name else name.split("{")[0]
            figures[key] = figures.get(key, 0.0) + float(value)
        return figures

    def await_metrics(self, are_there):
        """How long they have taken, from the start."""
        while not are_there(self.metrics()):
            time.sleep(0.2)
        return time.monotonic() - self.begin


def delay_p99(before, after):
    """Upper bound of the class that the p99 lies in, in seconds."""
    pattern = re.compile(r'platen_reading_delay_seconds_bucket\{le="(.+)"\}')
    classes = []
    for name, value in after.items():
        if bound := pattern.match(name):
            classes.append((float(bound.group(1)), value - before.get(name, 0)))
    classes.sort()
    return next(bound for bound, count in classes if count >= 0.99 * classes[-1][1])


def measure(printers, dead):
    port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory(prefix="platen-bench-") as name:
        with Process(
            PROGRAMS / "platen-fleetsim", f"--devices={printers}", f"--recordings={RECORDINGS}", f"--port={port}"
        ), Collector(Path(name), printers, dead, port) as collector:
            first = collector.await_metrics(lambda figures: figures.get("platen_readings_total", 0) > 0)
            everybody = collector.await_metrics(
                lambda figures: figures.get("platen_readings_total", 0) >= printers
                and figures["platen_devices_waiting_first_read"] + figures["platen_devices_settling"] == 0
            )
            time.sleep(REST)
            before, cpu = collector.metrics(), collector.cpu()
            time.sleep(MEASURED)
            after, cpu = collector.metrics(), collector.cpu() - cpu
            readings = after["platen_readings_total"] - before["platen_readings_total"]
            return {
                "printers": printers, "dead": dead, "first_reading_s": round(first, 1), "all_read_s": round(everybody, 1),
                "resident_bytes": collector.resident(), "cpu_s": round(cpu, 2), "readings": int(readings),
                "cpu_us_a_reading": round(cpu / max(readings, 1) * 1e6, 1), "delay_p99_s": delay_p99(before, after),
            }


def curve(title, unit, points):
    """A line over the number of printers, which doubles ten times as far; as SVG."""
    from math import log10

    width, height, left, bottom = 560, 280, 70, 50
    most = max(y for _, y in points) * 1.15
    places = [
        (left + (width - left - 30) * (log10(x) - log10(points[0][0])) / (log10(points[-1][0]) - log10(points[0][0])),
         height - bottom - (height - bottom - 40) * y / most)
        for x, y in points
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left}" y="22" font-size="14">{title}</text>',
        f'<line x1="{left}" y1="{height - bottom}" x2="{width - 20}" y2="{height - bottom}" stroke="black"/>',
        f'<line x1="{left}" y1="36" x2="{left}" y2="{height - bottom}" stroke="black"/>',
        f'<text x="8" y="44">{unit}</text>',
        '<polyline fill="none" stroke="#1f5fa8" stroke-width="2" points="'
        + " ".join(f"{x:.0f},{y:.0f}" for x, y in places) + '"/>',
    ]
    for (x, y), (printers, value) in zip(places, points):
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="#1f5fa8"/>')
        parts.append(f'<text x="{x:.0f}" y="{y - 9:.0f}" text-anchor="middle">{value:.3g}</text>')
        parts.append(f'<text x="{x:.0f}" y="{height - bottom + 18}" text-anchor="middle">{printers:,}</text>')
    parts.append(f'<text x="{(width + left) / 2:.0f}" y="{height - 10}" text-anchor="middle">printers</text></svg>')
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100_000, help="printers at the most")
    parser.add_argument("--curves", type=Path, help="where to draw the curves")
    options = parser.parse_args()
    fleets = [n for n in (10, 100, 1_000, 10_000, 100_000) if n <= options.most]
    alive = []
    for printers in fleets:
        alive.append(measure(printers, 0.0))
        print(json.dumps(alive[-1]), flush=True)
    dead = measure(fleets[-1], 0.3)
    print(json.dumps(dead), flush=True)
    small = next((each for each in alive if each["printers"] == 1_000), alive[0])
    large = alive[-1]
    slope = (large["resident_bytes"] - small["resident_bytes"]) / max(large["printers"] - small["printers"], 1)
    cost = dead["cpu_s"] / large["cpu_s"]
    worst = max(large["delay_p99_s"], dead["delay_p99_s"])
    verdict = {
        "bytes_a_printer": round(slope), "cpu_with_dead_ratio": round(cost, 2), "delay_p99_s": worst, "first_reading_s": large["first_reading_s"],
        "good": slope <= BYTES_MAX and cost <= DEAD_COST_MAX and worst <= DELAY_MAX and large["first_reading_s"] <= FIRST_MAX,
    }
    print(json.dumps(verdict))
    if options.curves is not None:
        options.curves.mkdir(parents=True, exist_ok=True)
        points = [(each["printers"], each["cpu_s"]) for each in alive]
        (options.curves / "collector-cpu.svg").write_text(curve("CPU of a collector in a minute", "s", points), encoding="utf-8")
        points = [(each["printers"], each["resident_bytes"] / 2**20) for each in alive]
        (options.curves / "collector-memory.svg").write_text(curve("Memory of a collector", "MB", points), encoding="utf-8")
    return 0 if verdict["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
