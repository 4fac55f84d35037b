"""`make demo`: the whole pipeline with simulated printers on this machine, until Ctrl-C."""

import argparse
import signal
import subprocess
import sys
import textwrap
import time

from . import platenctl
from .demo_state import DemoError, StateLock, check_ports, make_plan, state_directory, state_setting
from .installation import Installation
from .kafka import KafkaError
from .plan import ROOT
from .processes import ProcessError, wait_until

_READ_DEADLINE_S = 300
_STATUS_EVERY_S = 2
_SECURED_EVERY = 10  # Each so many-th printer is asked by SNMPv3.
_WIDTH = 80
_INDENT = " " * 15


class _Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def main():
    """Returns the exit code: 0 stopped as asked, 1 something failed (and says what to do), 2 wrong usage."""
    arguments = _parse_arguments()
    state = state_directory()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stopped)
    try:
        return _run(arguments, state)
    except (DemoError, ProcessError, KafkaError) as error:
        print(f"\nmake demo: {error}", file=sys.stderr)
        return 1
    except _Stopped:
        return 0


def _parse_arguments():
    parser = argparse.ArgumentParser(prog="deploy/local/demo", description=__doc__)
    parser.add_argument("--devices", type=int, default=300, help="simulated printers (300)")
    parser.add_argument("--no-build", action="store_true", help="take the programs as they are")
    parser.add_argument("--once", action="store_true", help="stop again once all printers were read: a test of the demo")
    return parser.parse_args()


def _raise_stopped(number, _frame):
    # A second Ctrl-C must not interrupt the stopping.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise _Stopped(number)


def _run(arguments, state):
    lock = StateLock(state)
    lock.take()
    plan = make_plan(state, arguments.devices)
    check_ports(plan)
    if not arguments.no_build and subprocess.call([ROOT / "scripts" / "build", "release", "programs"]) != 0:
        raise DemoError("not started: the programs are not built, for the reason above")
    print(f"\nPlaten demo. Everything it keeps is in {state}  (make demo-reset removes it)\n")
    installation = Installation(plan)
    try:
        _start(installation)
        lock.write(plan)
        _register(installation)
        _set_rules(installation)
        _wait_for_readings(installation)
        _say_where_to_look(installation)
        if not arguments.once:
            _watch(installation)
    finally:
        print("\nstopping what the demo started …", flush=True)
        codes = installation.stop_all()
        failed = {name: code for name, code in codes.items() if code != 0}
        print("stopped." if not failed else f"stopped; not in order: {failed}, see {state}/logs")
    return 0


def _start(installation):
    began = time.monotonic()
    installation.prepare()

    def tell(name):
        place = f"port {installation.plan.ports[name]}" if name in installation.plan.ports else ""
        print(f"  {name:<12} ready after {time.monotonic() - began:4.1f} s  {place}", flush=True)

    installation.start_all(tell)


def _register(installation):
    control = platenctl.Platenctl(installation.plan)
    known = control.target_addresses()
    missing = [printer for printer in installation.fleet.printers() if printer.address not in known]
    if missing:
        printers = installation.plan.ports["printers"]
        control.import_targets(platenctl.fleet_targets(missing, printers, _SECURED_EVERY))
    print(f"\n  {len(missing)} printers registered at the gateway, {len(known)} were known from an earlier run")


def _set_rules(installation):
    platenctl.Platenctl(installation.plan).run("rules", "apply", str(ROOT / "deploy" / "local" / "demo-rules.yaml"))
    print("  rules: deploy/rules/default.yaml, and on top deploy/local/demo-rules.yaml: jams at once")


def _wait_for_readings(installation):
    control = platenctl.Platenctl(installation.plan)
    simulated = {printer.address for printer in installation.fleet.printers()}
    began = time.monotonic()

    def all_read():
        installation.check_running()
        states = control.devices_by_state()
        pending = states.get("pending", 0)
        _line(f"  heard so far: {sum(states.values()) - pending} of {installation.plan.devices} printers")
        if pending > 0:
            return False
        # A large fleet takes its time to be listed: once they are all heard.
        read = sum(1 for row in control.device_rows() if row["address"] in simulated and platenctl.is_read(row))
        _line(f"  read so far: {read} of {installation.plan.devices} printers")
        return read >= installation.plan.devices

    patience = max(_READ_DEADLINE_S, installation.plan.devices // 50)
    wait_until(all_read, "all printers to be read", patience, interval_s=1)
    _line(
        f"  all {installation.plan.devices} printers were read after {time.monotonic() - began:.0f} s: "
        "serial number, model, page count\n"
    )


def _say_where_to_look(installation):
    plan = installation.plan
    memory = installation.memory()
    parts = ", ".join(f"{name} {part.pss >> 20}" for name, part in sorted(memory.items(), key=lambda item: -item[1].pss))
    total = installation.memory_sum()
    setting, tool = platenctl.Platenctl(plan).lines_to_type()
    print(
        f"""
  memory       {total.pss >> 20} MB in all, shared pages counted once
{textwrap.fill(parts, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)}

  Where to look
    live page  http://127.0.0.1:{plan.ports["gateway"]}/
    mailbox    {plan.path("mail.jsonl")}
    webhooks   {plan.path("webhooks.jsonl")}
    logs       {plan.path("logs")}/

  What to type next, in another terminal
    {state_setting()}make demo-jam
        jams a printer, shows the alarm's way and the mail, clears it
    {setting}
    {tool} devices list
    {tool} top
    {tool} alerts list --open
    {tool} alerts ack SERIAL --for 4h --note "on my way"
        you take care of it: it is not passed on; whoever was told of it is told that
    {tool} alerts explain SERIAL
        why people were told of it, or not
    {tool} targets add ADDRESS
        a printer of your own: asks it, shows it, registers it if you say yes
"""
    )


def _watch(installation):
    """One quiet line until Ctrl-C. A part that ends by itself ends the demo, with its log's end."""
    control = platenctl.Platenctl(installation.plan)
    while True:
        installation.check_running()
        _line(f"  {control.status_line()}  ·  Ctrl-C stops")
        time.sleep(_STATUS_EVERY_S)


def _line(text):
    """Writes over the last line on a terminal; elsewhere only what ends a line is worth one."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)
    elif text.endswith("\n"):
        print(text, end="", flush=True)
