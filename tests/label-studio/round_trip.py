"""What Label Studio exports is imported, and what is exported is imported by Label Studio again, with the same annotations.

    python3 round_trip.py PROGRAM FOLDER

PROGRAM is the built `touchstone`. FOLDER keeps Label Studio's own environment; it is made, from PyPI, if it is not there.
The server is started on loopback with data of its own, and ends with this script.
"""

import csv
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from environment import environment

TOKEN = "0123456789abcdef0123456789abcdef01234567"
START_S_MAX = 180

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


class Server:
    """Label Studio on loopback."""

    def __init__(self, programs, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(folder / "server.log", "wb")
        self.process = subprocess.Popen(
            [programs / "label-studio", "start", "--no-browser", "--internal-host", "127.0.0.1",
             "--port", str(port), "--data-dir", folder / "data", "--username", "test@example.org",
             "--password", "only for this test", "--user-token", TOKEN, "--enable-legacy-api-token"],
            stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder,
            env={**os.environ, "COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false", "SENTRY_DSN": "",
                 "FRONTEND_SENTRY_DSN": ""},
        )

    def wait(self):
        end = time.monotonic() + START_S_MAX
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return urllib.request.urlopen(f"{self.url}/health", timeout=5).close()
            except OSError:
                time.sleep(0.5)
        raise SystemExit("Label Studio did not start; see its log:\n" + Path(self.log.name).read_text()[-3000:])

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read()[:2000]!r}") from error

    def project(self, title, tasks):
        project = json.loads(self.ask("POST", "/api/projects", {"title": title, "label_config": CONFIG}))["id"]
        self.ask("POST", f"/api/projects/{project}/import", tasks)
        return project

    def export(self, project, kind):
        return self.ask("GET", f"/api/projects/{project}/export?exportType={kind}&download_all_tasks=true").decode()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


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

    first = server.project("First", TASKS)
    theirs = json.loads(server.export(first, "JSON"))
    (folder / "theirs.json").write_text(json.dumps(theirs), encoding="utf-8")
    (folder / "config.xml").write_text(CONFIG, encoding="utf-8")
    report = touchstone("project", "import", folder / "theirs.json", "--config", folder / "config.xml", "--name", "Back")
    same("counts", [report[name] for name in ("tasks", "annotations", "ground_truth", "refused")], [3, 3, 1, 0])
    ours = json.loads(exported("label-studio"))
    same("tasks that were imported", [of_task(task) for task in ours], [of_task(task) for task in theirs])
    second = server.project("Second", ours)
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
