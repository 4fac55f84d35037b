"""Results in words: a line for each run, and the table in docs/reliability.md."""

import collections
import json

from laboratory import SOURCE

_DOCUMENT = SOURCE / "docs" / "reliability.md"
_BEGIN, _END = "<!-- generated: tests/fault/run --table -->", "<!-- end of what is generated -->"


def line(result):
    """One run in a line."""
    if not result["ok"]:
        return f"FAILED: {result['error']}"
    faults = ", ".join(f"{name} {count}" for name, count in sorted(result["faults"].items()))
    return (
        f"ok in {result['seconds']} s: {faults}; owed {result['owed']}, repeats in Kafka {result['repeats in Kafka']}, "
        f"at the gateway {result['sums']['gateway duplicates']}, messages again {result['messages again']}; "
        f"healed in {result['healed_s']} s, fresh events after {result['fresh_s']} s"
    )


def write(rows, results):
    """Puts the newest results of each row and seed (of the whole set) into the document."""
    newest = {}
    for text in results.read_text(encoding="utf-8").splitlines():
        result = json.loads(text)
        if not result["short"]:
            newest[result["row"], result["name"], result["seed"]] = result
    lines = [
        "| # | fault | must hold | seeds green | run at | faults | owed | repeats removed | messages again | fresh after |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        runs = [result for (_, name, _), result in sorted(newest.items()) if name == row.name]
        lines.append(_row(row, runs))
    lines += [""] + [_figures(row, newest) for row in rows if _figures(row, newest)]
    before, _, rest = _DOCUMENT.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    table = "\n".join(lines)
    _DOCUMENT.write_text(f"{before}{_BEGIN}\n\n{table}\n\n{_END}{after}", encoding="utf-8")


def _figures(row, newest):
    """What a row measured beside: from the least to the most of its runs."""
    values = collections.defaultdict(list)
    for (_, name, _), result in sorted(newest.items()):
        for figure, value in result.get("figures", {}).items() if name == row.name and result["ok"] else ():
            values[figure].append(value)
    words = [f"{figure}: {_span(each)}" for figure, each in values.items()]
    return f"- Row {row.number}: {'; '.join(words)}." if words else ""


def _span(values):
    if not all(isinstance(value, (int, float)) for value in values):
        return ", ".join(dict.fromkeys(map(str, values)))
    least, most = min(values), max(values)
    return str(least) if least == most else f"{least} to {most}"


def _row(row, runs):
    green = [run for run in runs if run["ok"]]
    commits = dict.fromkeys(run["commit"] for run in runs)
    cells = [row.number, row.fault, row.holds, f"{len(green)} of {len(runs)}", ", ".join(commits) or "–"]
    if green:
        faults = collections.Counter()
        for run in green:
            faults.update(run["faults"])
        cells += [
            ", ".join(f"{name} {count}" for name, count in sorted(faults.items())),
            sum(run["owed"] for run in green),
            sum(run["sums"]["gateway duplicates"] for run in green),
            sum(run["messages again"] for run in green),
            f"{max(run['fresh_s'] for run in green)} s",
        ]
    else:
        cells += ["–"] * 5
    return "| " + " | ".join(map(str, cells)) + " |"
