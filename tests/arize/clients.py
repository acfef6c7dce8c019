"""The official clients of the Arize prompts API against `touchstone serve`: every prompt call, in each spelling.

Usage: clients.py TOUCHSTONE FOLDER. The clients are installed from PyPI and npm into FOLDER if they are not there.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
TOKEN = "a-token-of-this-test"
# Version and the spelling that callers get which do not say who they are: the oldest does not.
PYTHON_CLIENTS = [("8.61.0", "current"), ("8.40.0", "current"), ("8.39.0", "first"), ("8.12.0", "first")]
NPM_CLIENT = "@arizeai/ax-client@1.28.0"


class Server:
    """`touchstone serve` on a workspace of its own."""

    def __init__(self, touchstone, folder, spelling):
        command = [touchstone, "--workspace", str(Path(folder) / "api.touchstone"), "serve", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--token-env", "TOUCHSTONE_TEST_TOKEN", "--spelling", spelling],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TOUCHSTONE_TEST_TOKEN": TOKEN},
        )
        self.port = json.loads(self.process.stdout.readline())["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0, "it ends in order"

    def call(self, method, path, body=None, headers=None, host="127.0.0.1"):
        """Status, headers and body of one call; the body of an empty reply is None."""
        connection = HTTPConnection(host, self.port, timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}", **(headers or {})}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {name: value for name, value in headers.items() if value is not None})
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply.status, dict(reply.getheaders()), json.loads(text) if text else None


def version_body(**more):
    return {"commit_message": "m", "provider": "OPEN_AI", "messages": [{"role": "USER", "content": "Hi {name}"}], **more}


def raw_calls(server):
    """What a client would not send, or not show."""
    status, _, spaces = server.call("GET", "/v2/spaces")
    assert status == 200 and [space["name"] for space in spaces["spaces"]] == ["Default"], spaces
    assert spaces["pagination"] == {"has_more": False}, "no cursor where nothing follows"
    space = spaces["spaces"][0]["id"]

    def refused(wanted, *call, **more):
        status, headers, problem = server.call(*call, **more)
        assert status == wanted == problem["status"], (wanted, status, problem)
        assert headers["content-type"] == "application/problem+json", headers
        assert problem["title"] and problem["type"].startswith("https://arize.com/docs/"), problem
        return problem

    refused(401, "GET", "/v2/prompts", headers={"Authorization": "Bearer wrong"})
    refused(401, "GET", "/v2/prompts", headers={"Authorization": None})
    refused(403, "GET", "/v2/prompts", headers={"Host": "rebound.example.org"})
    refused(404, "GET", "/v2/nothing")
    refused(405, "PATCH", "/v2/prompts")
    refused(400, "GET", "/v2/prompts?limit=0")
    refused(400, "GET", "/v2/prompts?cursor=other")
    refused(400, "GET", "/v2/prompts/pr_001")
    refused(404, "GET", "/v2/prompts/UHJvbXB0Ojk5OmFCY0Q%3D")
    refused(404, "GET", "/v2/prompts?space_id=U3BhY2U6OTA1MDoxSmtS")
    refused(400, "POST", "/v2/prompts", b"{")
    refused(422, "POST", "/v2/prompts", {"space_id": space, "name": "x"})
    refused(413, "POST", "/v2/prompts", b"x" * (33 << 20))
    refused(400, "POST", "/v2/prompts", b"[" * 100_000 + b"]" * 100_000)
    refused(400, "POST", "/v2/prompts", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    refused(422, "POST", "/v2/prompts", b'{"name":"a","name":"b"}')
    # Whoever is refused while still sending comes to read why.
    refused(401, "POST", "/v2/prompts", b"x" * (20 << 20), headers={"Authorization": "Bearer wrong"})
    refused(403, "GET", "/v2/prompts", headers={"Host": "[::1].example.org"})
    # A million characters, escaped as the clients escape them, and integers that no double holds.
    long = "é" * (1 << 20)
    schema = {"type": "JSON_SCHEMA", "json_schema": {"name": "s", "schema": {"z": 1, "a": 12345678901234567890}}}
    body = version_body(messages=[{"role": "USER", "content": long}], invocation_params={"response_format": schema})
    status, _, made = server.call("POST", "/v2/prompts", {"space_id": space, "name": "Ünïcode 100%_\\", "version": body})
    assert status == 201 and made["version"]["messages"][0]["content"] == long
    assert json.dumps(made["version"]["invocation_params"]["response_format"]) == json.dumps(schema)
    for name, count in [("100%", 1), ("üNÏ", 1), ("_", 1), ("%%", 0)]:
        found = server.call("GET", f"/v2/prompts?name={quote(name)}")[2]["prompts"]
        assert len(found) == count, (name, found)
    assert server.call("DELETE", f"/v2/prompts/{made['id'].replace('=', '%3D')}")[0] == 204

    # One of many simultaneous creates of a name.
    with ThreadPoolExecutor(64) as pool:
        calls = [pool.submit(server.call, "POST", "/v2/prompts",
                             {"space_id": space, "name": "One", "version": version_body()}) for _ in range(64)]
        statuses = sorted(call.result()[0] for call in calls)
    assert statuses == [201] + [409] * 63, statuses

    # A list keeps its order while it is read, whatever is written meanwhile.
    names = [f"P{number}" for number in range(12)]
    ids = [server.call("POST", "/v2/prompts", {"space_id": space, "name": name, "version": version_body()})[2]["id"]
           for name in names]
    seen, cursor = [], ""
    while True:
        page = server.call("GET", f"/v2/prompts?limit=3{cursor}")[2]
        seen += [prompt["name"] for prompt in page["prompts"]]
        server.call("POST", "/v2/prompts", {"space_id": space, "name": f"new {len(seen)}", "version": version_body()})
        server.call("POST", f"/v2/prompts/{ids[0].replace('=', '%3D')}/versions", version_body(model=f"m{len(seen)}"))
        if not page["pagination"]["has_more"]:
            break
        cursor = f"&cursor={page['pagination']['next_cursor']}"
    assert seen == [*reversed(names), "One"], seen
    # Whoever does not say who it is reads the spelling that it writes.
    for provider, format in [("openAI", "f_string"), ("open_ai", "f_string"), ("OPEN_AI", "F_STRING")]:
        made = server.call("POST", f"/v2/prompts/{ids[1].replace('=', '%3D')}/versions", version_body(provider=provider))
        assert (made[2]["provider"], made[2]["input_variable_format"]) == (provider, format), made
    status, _, _ = server.call("GET", "/v2/prompts", host="::1")
    assert status == 200, "both loopback addresses answer"


def install_python(folder, version):
    programs = folder / f"arize-{version}" / ("Scripts" if os.name == "nt" else "bin")
    if not (programs.parent / "complete").exists():
        print(f"installing arize {version} from PyPI")
        venv.create(programs.parent, with_pip=True, clear=True)
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", f"arize=={version}"], check=True)
        (programs.parent / "complete").touch()
    return programs / "python"


def install_npm(folder):
    place = folder / "ax-client"
    if not (place / "complete").exists():
        print(f"installing {NPM_CLIENT} from the npm registry")
        place.mkdir(parents=True, exist_ok=True)
        npm = "npm.cmd" if os.name == "nt" else "npm"
        subprocess.run([npm, "install", "--silent", "--ignore-scripts", "--prefix", str(place), NPM_CLIENT], check=True)
        (place / "complete").touch()
    return place


def main():
    touchstone, folder = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as workspace, Server(touchstone, workspace, "current") as server:
        raw_calls(server)
        print("raw calls: as documented")
    for version, spelling in PYTHON_CLIENTS:
        python = install_python(folder, version)
        with tempfile.TemporaryDirectory() as workspace, Server(touchstone, workspace, spelling) as server:
            subprocess.run([python, HERE / "python_client.py", version, str(server.port), TOKEN], check=True)
    place = install_npm(folder)
    with tempfile.TemporaryDirectory() as workspace, Server(touchstone, workspace, "current") as server:
        command = ["node", HERE / "npm_client.mjs", str(place), f"http://127.0.0.1:{server.port}", TOKEN]
        subprocess.run(command, check=True)


main()
