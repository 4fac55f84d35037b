"""The rows about printers, and about who speaks in their name."""

import dataclasses
import os
import pathlib
import random
import re
import time

from liars import Liars
from laboratory import BUILD, Setup
from platen_local import platenctl
from platen_local.processes import Child
from polled import Unpolled, requests
from table import row

_LIARS = 8
_PORT = 20401
_FORGED_PER_SECOND = 100_000
_FORGED_SERIAL = "FORGED"  # As forger.cc says it.
# Longer than what a silent printer is waited for, so that no reading holds up its next.
_INTERVAL_S = 10
_UNHURRIED = Setup(schedule=(
    ("status_interval", f"{_INTERVAL_S}s"), ("asleep_interval", f"{_INTERVAL_S}s"), ("meters_interval", "20s"), ("supplies_interval", "20s"),
))  # fmt: skip


@row(
    20, "printers whose answers are cut, overlong, nested, noise, other questions' or others' answers",
    "nothing of it is believed; healthy printers are read as before; B X", at_least=[("lies", 500)],
)  # fmt: skip
def lie(lab):
    quiet = _readings_per_second(lab)
    resident = {name: lab.watch.resident(name) for name in lab.plan.collector_names}
    printers = lab.parts.fleet.printers()[:_LIARS]
    with Liars(printers, lab.plan.ports["printers"], _PORT, random.Random(lab.random.random())) as liars:
        false = [
            dataclasses.replace(printer, address=address, number=900 + printer.number)
            for printer, address in zip(printers, liars.addresses)
        ]
        lab.control.import_targets(platenctl.fleet_targets(false, _PORT))
        enough = lab.times(600, 100)
        lab.wait(lambda: liars.lies.total() > enough, f"{enough} lies to be told")
        busy = _readings_per_second(lab)
        lab.faults["lies"] = liars.lies.total()
        lab.figures["lies by kind"] = dict(sorted(liars.lies.items()))
    lab.figures["readings/s before and beside"] = [round(quiet, 1), round(busy, 1)]
    lab.require(busy > quiet / 2, "healthy printers are read less often", quiet, busy)
    believed = [
        device
        for device in lab.control.devices()
        if device["address"] in liars.addresses and (device.get("identity") or "totalImpressions" in device)
    ]
    lab.require(not believed, "a lie was believed", *believed)
    for name, megabytes in resident.items():
        more = round(lab.watch.resident(name) - megabytes)
        lab.figures[f"{name}, MB more"] = more
        lab.require(more < 20, f"{name} took {more} MB more for lies")


@row(
    21, "answers forged in every printer's name, from its address and port, to the collectors' ports, 100,000 a second",
    "S: none is taken; printers are read as before", at_least=[("forged answers", 500_000)],
)  # fmt: skip
def forge(lab):
    quiet = _readings_per_second(lab)
    unmatched = _total(lab, "platen_snmp_responses_total")
    ports = sorted({port for name in lab.plan.collector_names for port in _udp_ports(lab.parts.pid(name))})
    addresses = [printer.address for printer in lab.parts.fleet.printers()]
    words = [_FORGED_PER_SECOND, ",".join(map(str, ports)), lab.plan.ports["printers"], ",".join(addresses)]
    forger = Child("forger", [BUILD / "tests" / "fault_forger", *words], lab.folder / "forger.log.txt")
    try:
        busy = _readings_per_second(lab, lab.times(20, 5))
    finally:
        forger.terminate()
        forger.wait_end()
    lab.faults["forged answers"] = int(forger.said().split()[-1])
    lab.figures["of them looked at"] = round(_total(lab, "platen_snmp_responses_total") - unmatched)
    lab.figures["ports"] = len(ports)
    lab.figures["readings/s before and beside"] = [round(quiet, 1), round(busy, 1)]
    lab.require(busy > quiet / 2, "printers are read less often", quiet, busy)
    believed = [device for device in lab.control.devices() if device.get("identity", {}).get("serialNumber") == _FORGED_SERIAL]
    lab.require(not believed, "a forged answer was believed", *believed)


@row(
    22, "three printers in ten are dead; then all fall silent at once, and come back",
    "the others are asked in time meanwhile, within a tenth of the interval; all are read again within two intervals and 10 s; B",
    _UNHURRIED, at_least=[("silenced", 50)],
)  # fmt: skip
def silence(lab):
    dead = lab.random.sample(range(lab.setup.devices), lab.setup.devices * 3 // 10)
    _tell_silence(lab, dead, "on")
    alive = Unpolled(lab, but=dead)
    longest = 0.0
    for _ in range(lab.times(200, 50)):
        lab.go_on(0.2)
        longest = max(longest, alive.longest())
    lab.figures["longest that one of the others was not asked, s"] = round(longest, 1)
    lab.require(longest <= 1.1 * _INTERVAL_S + 0.5, f"a printer beside dead ones was not asked for {longest:.1f} s")
    _tell_silence(lab, range(lab.setup.devices), "on")
    lab.go_on_between(5, 15)
    asked = requests(lab.parts.fleet)
    _tell_silence(lab, range(lab.setup.devices), "off")
    began = time.monotonic()
    # The first one is the question whether it is there.
    lab.wait(lambda: all(count >= asked[number] + 2 for number, count in requests(lab.parts.fleet).items()), "all printers to be asked again")
    took = time.monotonic() - began
    lab.figures["all were asked again after, s"] = round(took, 1)
    lab.require(took <= 2 * _INTERVAL_S + 10, f"not all printers were asked within {took:.1f} s")


@row(
    23, "printers restart while they print and jam",
    "no page count falls, none begins anew; A I",
    at_least=[("restarts", 40)],
)  # fmt: skip
def restart_printers(lab):
    pages = _pages(lab)
    for _ in range(lab.times(60, 8)):
        lab.parts.fleet.tell(f"reboot {lab.random.randrange(lab.setup.devices)}")
        lab.faults["restarts"] += 1
        lab.go_on_between(0.2, 1)
    # Who restarted last is awake again, and was read.
    lab.go_on(15)
    after = _pages(lab)
    fell = [(device, before, after.get(device)) for device, before in pages.items() if after.get(device, 0) < before]
    lab.require(not fell, "page counts fell", *fell)
    anew = [meters for meters in lab.control.objects("meters") if "EPOCH_PROPOSED" in str(meters)]
    lab.require(not anew, "counters began anew", *anew)


def _tell_silence(lab, numbers, state):
    for number in numbers:
        lab.parts.fleet.tell(f"silence {number} {state}")
        lab.faults["silenced"] += state == "on"


def _pages(lab):
    return {device["uid"]: int(device["totalImpressions"]) for device in lab.control.devices() if "totalImpressions" in device}


def _udp_ports(pid):
    """Ports of a process's UDP sockets."""
    inodes = set()
    for file in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        found = re.match(r"socket:\[(\d+)\]", os.readlink(file))
        if found:
            inodes.add(found[1])
    lines = [line for table in ("udp", "udp6") for line in pathlib.Path("/proc/net", table).read_text().splitlines()[1:]]
    return [int(line.split()[1].rpartition(":")[2], 16) for line in lines if line.split()[9] in inodes]


def _total(lab, metric, label=""):
    return sum(lab.metric(name, metric, label) or 0 for name in lab.plan.collector_names)


def _readings_per_second(lab, seconds=10):
    begin, began = _total(lab, "platen_readings_total", "answered"), time.monotonic()
    lab.go_on(seconds)
    return (_total(lab, "platen_readings_total", "answered") - begin) / (time.monotonic() - began)
