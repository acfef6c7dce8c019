"""What Label Studio exports is imported, and what is exported is imported by Label Studio again, with the same annotations.

    python3 round_trip.py PROGRAM FOLDER

PROGRAM is the built `touchstone`. FOLDER keeps Label Studio's own environment; it is made, from PyPI, if it is not there.
The server is started on loopback with data of its own, and ends with this script.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import environment
from server import Server

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Praise"/></Choices>
  <Labels name="span" toName="text"><Label value="Name"/></Labels>
</View>"""


def choice(topic):
    return {"id": "r1", "from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": [topic]}}


SPAN = {
    "id": "r2", "from_name": "span", "to_name": "text", "type": "labels",
    "value": {"start": 2, "end": 5, "text": "héé", "labels": ["Name"]},
}

TASKS = [
    {
        "data": {"text": "👍 héé, one", "n": 3, "list": [1]}, "meta": {"from": "here"},
        "annotations": [
            {"result": [choice("Bug"), SPAN], "ground_truth": True},
            {"result": [choice("Praise")], "was_cancelled": True},
        ],
        "predictions": [{"model_version": "m", "score": 0.5, "result": [choice("Bug")]}],
    },
    {"data": {"text": "two"}},
    {"data": {"text": "three"}, "annotations": [
        {"result": [choice("Praise")], "ground_truth": False, "lead_time": 3.5}]},
]


def of_task(task):
    """What must survive of a task."""
    annotations = [
        [annotation.get(name) for name in ("result", "ground_truth", "was_cancelled", "lead_time")]
        for annotation in task["annotations"]
    ]
    return task["data"], task["meta"], annotations


def same(what, one, other):
    if one != other:
        raise SystemExit(f"{what} differ:\n{one}\n{other}")
    print(f"{what}: the same")


def rows(table):
    return list(csv.DictReader(io.StringIO(table)))


def check(program, server, folder):
    def touchstone(*arguments):
        command = [program, "--workspace", folder / "workspace", "--json", *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout.splitlines()[-1])

    def exported(form):
        touchstone("export", "project", "--project", "Back", "--format", form, "--out", folder / form)
        return (folder / form).read_text(encoding="utf-8")

    first = server.project("First", CONFIG, TASKS)
    theirs = json.loads(server.export(first, "JSON"))
    (folder / "theirs.json").write_text(json.dumps(theirs), encoding="utf-8")
    (folder / "config.xml").write_text(CONFIG, encoding="utf-8")
    report = touchstone("project", "import", folder / "theirs.json", "--config", folder / "config.xml", "--name", "Back")
    same("counts", [report[name] for name in ("tasks", "annotations", "ground_truth", "refused")], [3, 3, 1, 0])
    ours = json.loads(exported("label-studio"))
    same("tasks that were imported", [of_task(task) for task in ours], [of_task(task) for task in theirs])
    second = server.project("Second", CONFIG, ours)
    again = json.loads(server.export(second, "JSON"))
    same("tasks that came back", [of_task(task) for task in again], [of_task(task) for task in theirs])
    same("records of JSON-MIN", json.loads(exported("json-min")), json.loads(server.export(first, "JSON_MIN")))
    # Label Studio orders the columns by their names.
    same("rows of CSV", rows(exported("csv")), rows(server.export(first, "CSV")))


def main():
    program, folder = (Path(argument).absolute() for argument in sys.argv[1:])
    programs = environment(folder)
    with tempfile.TemporaryDirectory() as temporary:
        server = Server(programs, Path(temporary))
        try:
            server.wait()
            check(program, server, Path(temporary))
        finally:
            server.stop()


main()
