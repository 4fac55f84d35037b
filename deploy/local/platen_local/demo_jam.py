"""`make demo-jam`: jams a printer of the running demo, shows the alarm's way as it happens, then the mail; and clears it,
or leaves it jammed (--keep), for somebody to acknowledge it, or to see whom it is passed on to, until --clear."""

import argparse
import json
import subprocess
import sys
import time

from . import journey, platenctl
from .demo_state import DemoError, running_plan, state_directory, state_setting
from .fleet import FleetError
from .installation import Installation
from .processes import ProcessError, wait_until

_HOP_DEADLINE_S = 90


def main():
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="deploy/local/demo-jam", description=__doc__)
    parser.add_argument("printer", nargs="?", help="number or address of a simulated printer; the first healthy one")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--keep", action="store_true", help="leave it jammed; make demo-jam KEEP=1 does so, too")
    only.add_argument("--clear", action="store_true", help="only clear a printer that was left jammed")
    arguments = parser.parse_args()
    try:
        _run(Installation(running_plan(state_directory())), arguments)
        return 0
    except (DemoError, FleetError, ProcessError) as error:
        print(f"make demo-jam: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


_JAM = ("jam", "RAISED", "jams")
_CLEAR = ("clear", "ENDED", "is cleared")


def _run(installation, arguments):
    steps = [_JAM] if arguments.keep else [_CLEAR] if arguments.clear else [_JAM, _CLEAR]
    printer = _choose(installation.fleet, arguments.printer, "jam" if arguments.clear else None)
    with _AlertTail(installation) as tail:
        for command, transition, words in steps:
            print(f"\n{printer.model}, serial {printer.serial}, at {printer.address} {words}:\n", flush=True)
            start = time.time()
            installation.fleet.tell(f"{command} {printer.number}")
            mail = _show_way(installation, tail, printer, transition, start)
            _show_mail(mail)
    if arguments.keep:
        setting, tool = platenctl.Platenctl(installation.plan).lines_to_type()
        print(f"It stays jammed. Take care of it (or open the mail's link in a browser), see what became of it, and clear it:\n\n  {setting}\n"
              f"  {tool} alerts ack {printer.serial} --for 4h --note 'on my way'\n  {tool} alerts explain {printer.serial}\n"
              f"  {state_setting()}deploy/local/demo-jam --clear {printer.number}\n")
    else:
        print("The clear answered the raise: one thread in any mail program (In-Reply-To above).")


def _choose(fleet, asked, wrong):
    """The printer that is asked for, or the first one with this fault; with none where `wrong` is None."""
    lines = fleet.tell("status all").splitlines()
    fitting = [line.split()[0] for line in lines if (f" wrong={wrong}" in line if wrong else line.endswith(" wrong="))]
    for printer in fleet.printers():
        if asked in (str(printer.number), printer.address):
            if str(printer.number) not in fitting:
                raise DemoError(f"printer {asked} {'is not jammed' if wrong else 'has a fault already; choose another or none'}")
            return printer
        if asked is None and str(printer.number) in fitting:
            return printer
    if asked:
        raise DemoError(f"no printer {asked}: a number from 0, or an address")
    raise DemoError("no printer is jammed" if wrong else "every printer has a fault now")


def _show_way(installation, tail, printer, transition, start):
    """Prints each hop when it has happened, in the order of the way. Returns the mail."""
    is_clear = transition == "ENDED"
    before = start
    print(journey.line(journey.Hop("device", start, "alert row, error bits, panel"), start, start), flush=True)

    def show(hop):
        nonlocal before
        print(journey.line(hop, start, before), flush=True)
        before = hop.time

    record = _wait(lambda: tail.find(printer.serial, transition), "the alarm in Kafka")
    for hop in journey.collector_hops(record):
        show(hop)
    control = platenctl.Platenctl(installation.plan)
    show(_wait(lambda: control.stored_hop(record, is_clear), "the gateway to have it"))
    # The two leave side by side: now this one arrives first, now the other.
    mail = _wait(lambda: journey.find_mail(installation.mails(), printer.serial, start, is_clear), "the mail")
    hook = _wait(lambda: journey.find_webhook(installation.webhooks(), printer.serial, start, is_clear), "the webhook")
    for hop in sorted((journey.mail_hop(mail), journey.webhook_hop(hook)), key=lambda hop: hop.time):
        show(hop)
    return mail


def _wait(condition, what):
    return wait_until(condition, f"{what}; is something wrong in the logs?", _HOP_DEADLINE_S, interval_s=0.02)


def _show_mail(mail):
    print()
    for name in ("Subject", "From", "To", "Message-ID", "In-Reply-To"):
        if name in mail["headers"]:
            print(f"    {name}: {mail['headers'][name]}")
    print()
    for line in (mail["text"] or "").splitlines():
        print(f"    {line}".rstrip())
    print(flush=True)


class _AlertTail:
    """Reads the alerts topic from now on, with platen-topics."""

    def __init__(self, installation):
        command = [installation.plan.program("platen-topics"), "tail", "--topic=alerts"]
        self._popen = subprocess.Popen(
            [*command, f"--bootstrap-servers={installation.bootstrap}"], stdout=subprocess.PIPE, text=True
        )
        self._seen = []

    def __enter__(self):
        for line in self._popen.stdout:
            if "end_reached" in json.loads(line):
                return self
        raise DemoError("the alerts topic can't be read; does Kafka still run?")

    def __exit__(self, *_):
        self._popen.kill()
        self._popen.wait()
        self._popen.stdout.close()

    def find(self, serial, transition):
        """Waits for the next record that tells of it; it is not found again."""
        for line in self._popen.stdout:
            record = json.loads(line)
            if journey.is_about(record, serial, transition):
                return record
        raise DemoError("reading the alerts topic ended; does Kafka still run?")
