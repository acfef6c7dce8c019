"""A Label Studio server on loopback, with data of its own, for the tests that need the real one."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

# The legacy token of the one user.
TOKEN = "0123456789abcdef0123456789abcdef01234567"
EMAIL = "test@example.org"
PASSWORD = "only for this test"

START_S_MAX = 600
CALL_S_MAX = 600


class Refused(Exception):
    """A reply that says no."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body[:2000]!r}")
        self.status, self.body = status, body


class Server:
    """Label Studio, once `wait` has returned, until `stop`. `folder` keeps its data and its log; started there again, it goes
    on with them."""

    def __init__(self, programs, folder, port=None):
        if port is None:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(folder / "server.log", "ab")
        self.process = subprocess.Popen(
            [programs / "label-studio", "start", "--no-browser", "--internal-host", "127.0.0.1",
             "--port", str(port), "--data-dir", folder / "data", "--username", EMAIL,
             "--password", PASSWORD, "--user-token", TOKEN, "--enable-legacy-api-token"],
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

    def stop(self):
        """Ends it; nothing that it has is lost."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.log.close()

    def ask(self, method, path, body=None, authorization=None):
        """The body of a reply, or `Refused`. Signed in by the legacy token unless `authorization` says how."""
        request = urllib.request.Request(
            self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {TOKEN}" if authorization is None else authorization,
                     "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=CALL_S_MAX) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            raise Refused(method, path, error.code, error.read()) from error

    def read(self, path):
        return json.loads(self.ask("GET", path))

    def write(self, method, path, body):
        return json.loads(self.ask(method, path, body))

    # Who signs in.

    def personal_token(self):
        """A personal access token of the user; one that was made before ends."""
        try:
            return self.write("POST", "/api/token/", {})["token"]
        except Refused as refused:
            if refused.status != 409:
                raise
        for known in self.read("/api/token/"):
            self.revoke(known["token"])
        return self.write("POST", "/api/token/", {})["token"]

    def revoke(self, token):
        """Ends a personal access token; what it was exchanged for holds for some minutes more."""
        self.ask("POST", "/api/token/blacklist/", {"refresh": token})

    def bearer(self, token):
        """How a personal access token signs in for some minutes."""
        exchanged = self.ask("POST", "/api/token/refresh", {"refresh": token}, authorization="")
        return f"Bearer {json.loads(exchanged)['access']}"

    def allow_tokens(self, *, personal=True, legacy=True, authorization=None):
        """Which kinds the organization takes. Where the legacy token is none of them, `authorization` is a `bearer`."""
        settings = {"api_tokens_enabled": personal, "legacy_api_tokens_enabled": legacy}
        self.ask("POST", "/api/jwt/settings", settings, authorization=authorization)

    # Projects and what is in them.

    def project(self, title, config, tasks=()):
        """A project with tasks in the form of an export; its id."""
        project = self.write("POST", "/api/projects", {"title": title, "label_config": config})["id"]
        if tasks:
            self.add_tasks(project, tasks)
        return project

    def add_tasks(self, project, tasks, at_once=2_000):
        for start in range(0, len(tasks), at_once):
            self.ask("POST", f"/api/projects/{project}/import", tasks[start:start + at_once])

    def upload(self, project, name, kind, content):
        """Makes a task of a file, which the server keeps."""
        boundary = "a-line-that-no-picture-has"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        request = urllib.request.Request(
            f"{self.url}/api/projects/{project}/import", data=head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
            headers={"Authorization": f"Token {TOKEN}", "Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        urllib.request.urlopen(request, timeout=CALL_S_MAX).close()

    def tasks(self, project, at_once=1_000):
        """All tasks with their annotations and predictions, by their ids."""
        tasks = []
        while True:
            after = tasks[-1]["id"] if tasks else 0
            query = {"filters": {"conjunction": "and", "items": [
                {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": after}]},
                "ordering": ["tasks:id"]}
            page = self.read(f"/api/tasks?project={project}&page_size={at_once}&fields=all&resolve_uri=false&query="
                             + urllib.request.quote(json.dumps(query)))
            tasks += page["tasks"]
            if len(page["tasks"]) == page["total"]:
                return tasks

    def predictions(self, project):
        return self.read(f"/api/predictions?project={project}")

    def annotate(self, task, result, **others):
        return self.write("POST", f"/api/tasks/{task}/annotations/", {"result": result, **others})

    def export(self, project, kind):
        return self.ask("GET", f"/api/projects/{project}/export?exportType={kind}&download_all_tasks=true").decode()

    def delete_project(self, project):
        self.ask("DELETE", f"/api/projects/{project}/")
