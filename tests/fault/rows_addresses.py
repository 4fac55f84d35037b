"""The row about webhooks whose addresses lead to where a customer's request has no business."""

import collections
import http.server
import ipaddress
import pathlib
import socket
import threading

from laboratory import SOURCE, Setup
from names import Names, also_here
from rows_receivers import restart_notifier
from table import row

_PORT = 20501
_PUBLIC = "93.184.216.34"
_INSIDE = ("127.0.0.1", "169.254.169.254", "10.0.0.5")
_TURNING = [f"turning-{number}.platen.test" for number in range(6)]
# What a webhook's address names instead of a server outside.
_URLS = {
    "loopback": "127.0.0.1", "whole-loopback": "127.1.2.3", "metadata": "169.254.169.254", "private": "10.0.0.5", "nowhere": "0.0.0.0",
    "v6-loopback": "[::1]", "v4-mapped": "[::ffff:127.0.0.1]", "v6-of-v4": "[64:ff9b::7f00:1]", "as-a-number": "2130706433",
    "in-octal": "0177.0.0.1", "localhost": "localhost", "inside": "inside.platen.test",
} | {name.partition(".")[0]: name for name in _TURNING}  # fmt: skip
# One more rule, before those of rules.yaml, which are asked all the same.
_RULE = """
  - name: rules/everywhere
    rule:
      order: 5
      goes_on: true
      receivers: [{}]
      group: {{by: site, wait: 1s, interval: 2s}}
"""


@row(
    31, "webhooks to loopback, private and link-local addresses, v4 in v6, numbers, names that lead there or turn there, redirects",
    "S: no connection to any of them, each refusal is said in the log; a public address is told all, and others by rules; A", Setup(by_rules=True),
    dead_letters=["refused-by-receiver"], at_least=[("inside addresses refused", 12), ("redirects refused", 1), ("names turned", 6)],
)  # fmt: skip
def point_inside(lab):
    names = {"inside.platen.test": ["127.0.0.1"], "outside.platen.test": [_PUBLIC]}
    for number, name in enumerate(_TURNING):
        # Public for one who asks first, to see whether it may be spoken to, or else for one who asks then, to speak to it.
        names[name] = [_PUBLIC, lab.random.choice(_INSIDE)][:: 1 if number % 2 else -1]
    with also_here(f"{_PUBLIC}/32", *(f"{address}/32" for address in _INSIDE[1:])), _Server() as server, Names(lab.folder, names) as asked:
        receivers = _URLS | {"redirect": f"outside.platen.test:{_PORT}/redirect", "outside": "outside.platen.test"}
        config = lab.parts.config("notifier")
        config["receivers"] += [_receiver(config, name, host) for name, host in receivers.items()]
        config["rules_file"] = str(_rules(lab, receivers))
        restart_notifier(lab, config)
        never_outside = _URLS.keys() - {name.partition(".")[0] for name in _TURNING}
        lab.wait(lambda: _refused(lab) >= never_outside, "each address inside to be refused")
        lab.wait(lambda: server.taken["/redirect"] > 0 and server.taken["/outside"] > 0, "the server outside to be told")
        lab.wait(lambda: all(asked.asked[name] for name in _TURNING), "each name that turns to be asked for")
        before = server.taken["/outside"]
        lab.wait(lambda: server.taken["/outside"] > before + 3, "the server outside to be told more")
        restart_notifier(lab, lab.parts.config("notifier"))
        lab.faults["inside addresses refused"] = len(_refused(lab))
        lab.faults["redirects refused"] = server.taken["/redirect"]
        lab.faults["names turned"] = sum(asked.asked[name] > 0 for name in _TURNING)
        inside = {where: count for where, count in server.connections.items() if ipaddress.ip_address(where) != ipaddress.ip_address(_PUBLIC)}
        lab.require(not inside, "there were connections to addresses inside", *inside.items())
        lab.figures["requests taken outside"] = sum(server.taken.values())


def _receiver(config, name, host):
    usual = next(each["webhook"] for each in config["receivers"] if "webhook" in each)
    url = f"http://{host if '/' in host else f'{host}:{_PORT}/{name}'}"
    hook = {key: value for key, value in usual.items() if key != "allow_private_addresses"}
    return {"name": name, "webhook": hook | {"url": url, "timeout": "2s"}}


def _rules(lab, receivers):
    rules = (SOURCE / "tests" / "fault" / "rules.yaml").read_text()
    path = lab.folder / "rules.yaml"
    path.write_text(rules + _RULE.format(", ".join(receivers)))
    return path


def _refused(lab):
    """Receivers of which the log says that their address is not a public one."""
    lines = pathlib.Path(lab.parts.log("notifier")).read_text(errors="replace").splitlines()
    said = [line for line in lines if "not a public one" in line]
    return {name for name in _URLS if any(f"receiver={name} " in line for line in said)}


class _Server:
    """Listens on all addresses of the machine, those inside and the public one. `connections` counts them by the address they came to,
    `taken` requests by path. Use as a context manager."""

    def __init__(self):
        self.connections = collections.Counter()
        self.taken = collections.Counter()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.taken[self.path] += 1
                self.send_response(302 if self.path == "/redirect" else 200)
                if self.path == "/redirect":
                    self.send_header("Location", f"http://127.0.0.1:{_PORT}/inside")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6  # And IPv4 as mapped addresses.
            daemon_threads = True

            def get_request(self):
                connection, address = super().get_request()
                where = ipaddress.ip_address(connection.getsockname()[0])
                outer.connections[str(where.ipv4_mapped or where)] += 1
                return connection, address

        self._server = Server(("::", _PORT), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
