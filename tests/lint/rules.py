"""The rules of the house that no compiler checks, as pure functions: (path, text) → findings "path:line: what is wrong".

house_rules_test.py applies them to the tree; rules_test.py shows each of them a sinner and a saint.
"""

import re

_CLOCK = re.compile(
    r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b"
    r"|\b(?:clock_gettime|gettimeofday|timespec_get|GetCurrentTimeNanos)\s*\("
    r"|\babsl::Now\s*\(|\bTimeUtil::GetCurrentTime\b|(?:\bstd::|(?<![\w.>:]))time\s*\(\s*(?:nullptr|NULL|0|&)"
)

# What a pure core must not see: the outside, threads, clocks, files.
_NOT_IN_CORES = re.compile(
    r"^(?:librdkafka/|grpc|openssl/|boost/(?:asio|beast)|curl/|sqlite3\.h|spdlog/|prometheus/|yaml-cpp/"
    r"|sys/|netinet/|arpa/|net/|unistd\.h|pthread\.h|time\.h|ctime$|fstream$|filesystem$|iostream$"
    r"|thread$|mutex$|shared_mutex$|condition_variable$|future$|semaphore$|latch$|barrier$|stop_token$"
    r"|absl/synchronization/|absl/time/clock\.h|libs/base/real_clock\.h"
    r"|libs/(?:broker/kafka|snmp/udp|tls|service)/|.*\.grpc\.pb\.h$)"
)
_CORE = re.compile(r"^(?:services/\w+/core/|libs/flow/|libs/event/|libs/alerting/)")

_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
_TODO = re.compile(r"\b(?:TODO|FIXME)\b(?!\(#\d+\))")
_MACHINE_PATH = re.compile(r"(?<![\w.}~:)/])/(?:work|root|home/\w+|Users/\w+)/\w")
_REGISTRY_HOST = re.compile(
    r"\b(?:registry\.npmjs\.org|registry\.yarnpkg\.com|pypi\.org|files\.pythonhosted\.org|repo1?\.maven\.(?:apache\.)?org"
    r"|(?:deb|security|snapshot)\.debian\.org|proxy\.golang\.org|sum\.golang\.org|(?:static\.)?crates\.io)\b"
)

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


def _findings(path, text, pattern, message):
    return [
        f"{path}:{number}: {message}: {match.group(0).strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in [pattern.search(line)]
        if match
    ]


def is_test(path):
    """Tests beside the code and what they share (test_peer.h), and whatever lives in tests/ and bench/."""
    return path.startswith(("tests/", "bench/")) or "_test." in path or "/test_" in path


def system_clocks(path, text):
    """Only libs/base/real_clock.cc and a main.cc read the system's clocks; all else is given `now` or a Clock.

    Tests of real processes need deadlines, and benchmarks measure: those in tests/ and bench/ may look, and a test
    beside an edge; not one beside a core.
    """
    allowed = path == "libs/base/real_clock.cc" or path.endswith("/main.cc")
    if allowed or (is_test(path) and not _CORE.match(path)):
        return []
    return _findings(path, without_comments(text), _CLOCK, "reads a system clock; take `now`, or a Clock&")


def core_includes(path, text):
    """A core includes no Kafka, gRPC, OpenSSL, thread, clock or file header, nor anything of an edge."""
    if not _CORE.match(path) or is_test(path):
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _INCLUDE.match(line)
        if not match:
            continue
        name = match.group(1)
        if _NOT_IN_CORES.match(name) or "/edge/" in name:
            found.append(f"{path}:{number}: a core must not include {name}; move what needs it to the edge")
    return found


def service_includes(path, text):
    """Services share libs/ and proto/, never each other; libs know no service and no tool."""
    own = re.match(r"^(services/\w+|libs|tools/\w+)/", path)
    if not own:
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _INCLUDE.match(line)
        other = match and re.match(r"^(services/\w+|tools/\w+)/", match.group(1))
        if other and other.group(1) != own.group(1) and (own.group(1) == "libs" or path.startswith("services/")):
            found.append(f"{path}:{number}: {own.group(1)} must not include {match.group(1)}")
    return found


def file_length(path, text):
    """A file one can hold in mind."""
    lines = text.count("\n")
    if lines <= FILE_LINES_MAX:
        return []
    return [f"{path}:{lines}: {lines} lines, at most {FILE_LINES_MAX}; split it by what its parts are about"]


def function_length(path, text):
    """A function one can see at once."""
    return [
        f"{path}:{start}: a function of {length} lines, at most {FUNCTION_LINES_MAX}: {head[:80]}"
        for start, length, head in functions(text)
        if length > FUNCTION_LINES_MAX
    ]


def todos(path, text):
    """A note for later names its issue, or nobody comes back to it."""
    return _findings(path, text, _TODO, "needs an issue's number, as in " + "TODO" + "(#12)")


def machine_paths(path, text):
    """The tree builds anywhere, from any mirror."""
    return _findings(path, text, _MACHINE_PATH, "a path of one machine") + _findings(
        path, text, _REGISTRY_HOST, "a registry's host; the client's own configuration names it"
    )


def named_files(path, text, exists):
    """Documents name only files that exist, from the root or from their own folder, and relative links. `exists` is asked."""
    found = []
    folder = path.rpartition("/")[0]
    for number, line in enumerate(text.splitlines(), 1):
        for name in re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:cc|h|proto|ya?ml|py|md|sh|txt|in))(?::\d+)?`", line):
            if not exists(name) and not exists(f"{folder}/{name}"):
                found.append(f"{path}:{number}: names {name}, which does not exist")
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)", line):
            if not exists(f"{folder}/{target}" if folder else target):
                found.append(f"{path}:{number}: links to {target}, which does not exist")
    return found


# --- a little C++ ----------------------------------------------------------------------------------------------------

_TOKENS = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<raw>[^(\s]{0,16})\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def without_comments(text, strings=False):
    """The same text with comments (and strings, where asked) blanked out; lines keep their numbers."""

    def blank(match):
        token = match.group(0)
        if not strings and token[0] != "/":
            return token
        return re.sub(r"[^\n]", " ", token)

    return _TOKENS.sub(blank, text)


_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
# `Queue(int a) : a_(a), items_` before `{`: the brace initialises a member, the function's own brace is yet to come.
_MEMBER_INITIALISER = re.compile(r"\)[^;{}]*(?<!:):(?!:)(?:.*,)?\s*[\w:<>, ]+$", re.DOTALL)


def functions(text):
    """Yields (first line, lines, head) of the functions in namespaces and classes. By braces: good enough to count."""
    code = _DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), without_comments(text, strings=True))
    stack, line, head_at = [], 1, 0
    for at, character in enumerate(code):
        if character == "\n":
            line += 1
        elif character == "{":
            head = code[head_at:at]
            kind = _scope(head, stack)
            stack.append((kind, line - head.strip().count("\n"), " ".join(head.split())))
            if kind != "initialiser":
                head_at = at + 1
        elif character == "}" and stack:
            kind, start, head = stack.pop()
            if kind == "function":
                yield start, line - start + 1, head
            if kind != "initialiser":
                head_at = at + 1
        elif character == ";":
            head_at = at + 1


def _scope(head, stack):
    if stack and stack[-1][0] in ("function", "block", "initialiser"):
        return "block"
    words = head.split()
    if not words or words[0] in ("namespace", "extern") or (words[0] == "inline" and words[1:2] == ["namespace"]):
        return "outer"
    if _MEMBER_INITIALISER.search(head.rstrip()) and re.search(r"[\w>]\s*$", head):
        return "initialiser"
    if "(" in head and not re.search(r"=\s*$", head):
        return "function"
    if re.search(r"\b(?:class|struct|union|enum)\b", head):
        return "outer"
    return "block"
