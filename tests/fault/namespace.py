"""A network, mounts and process ids of one's own: what a laboratory breaks in there, it breaks for nobody else, and when it
ends, whatever it started ends with it."""

import os
import subprocess
import sys

_INSIDE = "PLATEN_FAULT_NAMESPACE"
# Loopback's usual 65536 bytes would put a whole batch into one packet, which loss could then only take or leave.
_READY = "ip link set lo up mtu 1500 && nft list tables"


def enter():
    """Starts this program anew inside, in place of this process; returns None there. Where that is not permitted, returns why."""
    if os.environ.get(_INSIDE):
        return None
    unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    try:
        tried = subprocess.run([*unshare, "sh", "-c", _READY], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return f"{error.filename} is not installed: run scripts/setup"
    if tried.returncode != 0:
        return f"no namespaces of one's own here ({' '.join(tried.stderr.split()) or 'no reason given'})"
    os.environ[_INSIDE] = "1"
    # Python's own view of how it was started: sys.argv lacks the interpreter and its options.
    os.execvp(unshare[0], [*unshare, "sh", "-c", f'{_READY} && exec "$@"', "sh", *_own_command()])


def _own_command():
    return [sys.executable, *sys.orig_argv[1:]]
