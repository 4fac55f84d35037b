"""The row about printers that answer, and say nothing that could be believed."""

import dataclasses
import random
import time

from liars import Liars
from platen_local import platenctl
from table import row

_LIARS = 8
_PORT = 20401


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


def _readings_per_second(lab, seconds=10):
    def count():
        return sum(lab.metric(name, "platen_readings_total", "answered") or 0 for name in lab.plan.collector_names)

    begin, began = count(), time.monotonic()
    lab.go_on(seconds)
    return (count() - begin) / (time.monotonic() - began)
