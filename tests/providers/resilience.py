"""How the program takes rate limits, outages and refusals, judged by a server that nobody here wrote.

Usage: resilience.py TOUCHSTONE FOLDER. The server (llmock) is installed from PyPI into an environment in FOLDER if it is not
there. It speaks for several vendors, fails as it is told to, and keeps time: its verdict says whether a client waited for
as long as Retry-After said, backed off where nothing was said, and asked again what no repetition can mend.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

SERVER = "llmock==0.2.2"
# Of no vendor's shape; it is lent for each call.
KEY = "planted-Key-c6a0417f93de2b58"

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Billing"/></Choices>
</View>"""

VENDORS = {
    "openai": ("openai", "/v1", "gpt-6-luna"),
    "anthropic": ("anthropic", "/anthropic", "claude-haiku-5-5"),
    "gemini": ("gemini", "/gemini", "gemini-3.8-flash"),
    "mistral": ("custom", "/mistral/v1", "mistral-small-latest"),
    "groq": ("custom", "/groq/openai/v1", "llama-3.3-70b-versatile"),
    "together": ("custom", "/together/v1", "llama-3.3-70b"),
    "xai": ("custom", "/xai/v1", "grok-4"),
}
"""As the server calls them: which provider asks, where below its address, and for which model."""

REFUSALS = {401: ["key"], 403: ["permission"], 404: ["model", "endpoint"], 400: ["request"]}
"""Where a test of the connection says to look."""


def program_of_server(folder):
    """The server's command in an environment with it."""
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    marker = folder / "installed.txt"
    if not marker.exists() or marker.read_text() != SERVER:
        print(f"installing {SERVER} into {folder}")
        venv.create(folder, with_pip=True)
        subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", SERVER], check=True)
        marker.write_text(SERVER)
    return scripts / "llmock"


class Server:
    """The server, and how it is told what to do."""

    def __init__(self, program, log):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.url, self.log = f"http://127.0.0.1:{port}", log
        # Its banner has signs that not every console's encoding knows.
        environ = {**os.environ, "PYTHONUTF8": "1"}
        with log.open("wb") as said:
            command = [program, "serve", "--port", str(port)]
            self.process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environ)

    def __enter__(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text(errors="replace")
            try:
                self.call("/health")
                return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(f"the server does not answer: {self.log.read_text(errors='replace')}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def call(self, path, body=None):
        sent = None if body is None else json.dumps(body).encode()
        # This computer is reached directly, whatever proxy the environment names.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(urllib.request.Request(self.url + path, data=sent), timeout=10) as reply:
            return json.load(reply)

    def begin(self, *behaviors):
        """Forgets what it saw, and behaves so from now on."""
        self.call("/_llmock/reset", {})
        if behaviors:
            self.call("/_llmock/scenario", {"behaviors": list(behaviors)})

    def verdict(self):
        """What it saw, after it found nothing to object to."""
        verdict = self.call("/_llmock/verdict")
        assert verdict["findings"] == [], json.dumps(verdict["findings"], indent=1)
        return verdict


class Desk:
    """A workspace with a prompt that asks one vendor, and the program on it."""

    def __init__(self, program, server, folder, vendor, tasks):
        provider, path, self.model = VENDORS[vendor]
        self.program, self.workspace, self.vendor = program, folder / f"{vendor}.touchstone", vendor
        config, texts = folder / "config.xml", folder / "tasks.json"
        config.write_text(CONFIG)
        texts.write_text(json.dumps([{"data": {"text": f"Ticket {number} of {vendor}"}} for number in range(tasks)]))
        self.ask("project", "import", texts, "--config", config, "--name", "P")
        place = ["--endpoint", server.url + path, "--name", self.model]
        if provider != "custom":
            place = ["--base-url", server.url + path]
        self.connection = self.ask("connection", "add", "--provider", provider, "--no-key", *place)["name"]
        prompt = ["--project", "P", "--connection", self.connection, "--model", self.model]
        self.ask("prompt", "create", "--name", "Topics", *prompt, "--user", "Topic of: {text}")

    def ask(self, *args, ok=True):
        """The JSON on the last line of a command's output."""
        command = [self.program, "--workspace", self.workspace, *args, "--json"]
        environ = {**os.environ, "NO_PROXY": "*", "VENDOR_KEY": KEY}
        done = subprocess.run(command, capture_output=True, text=True, env=environ)
        said = f"{args}: {done.stdout}{done.stderr}"
        assert KEY not in said, "no key is said"
        assert (done.returncode == 0) == ok, said
        return json.loads(done.stdout.strip().splitlines()[-1])

    def test(self, ok=True):
        return self.ask("connection", "test", self.connection, "--model", self.model, "--key-env", "VENDOR_KEY", ok=ok)

    def run(self, ok=True):
        return self.ask("run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "VENDOR_KEY", ok=ok)


def answers(desk):
    """Behaviours of a vendor whose schema the server does not read, so that it has to be told its answers; others fill
    what they are asked for by its schema."""
    if desk.vendor != "anthropic":
        return []
    match = {"path": "*/messages"}
    told = [({"ready": "yes"}, 1), ({"label": "a"}, 2), ({"topic": "Bug"}, None)]
    return [{"type": "reply", "text": json.dumps(text), "times": times, "match": match} for text, times in told]


def survives(server, desk, tasks):
    """Two rate limits and three outages do not cost a task, and the server has nothing to object to."""
    server.begin(*answers(desk))
    tested = desk.test()
    assert tested["ok"], tested
    limits = {"type": "fail", "status": 429, "retry_after": 1, "times": 2}
    outages = {"type": "fail", "status": 503, "times": 3}
    server.begin(limits, outages, *answers(desk)[-1:])
    run = desk.run()
    assert (run["done"], run["failed"], run["retries"]) == (tasks, 0, 5), run
    verdict = server.verdict()
    assert (verdict["calls"], verdict["attempts"], verdict["faults_injected"]) == (tasks, tasks + 5, 5), verdict


def refuses(server, desk):
    """What no repetition mends is asked once, and said in the vendor's words."""
    for status, faults in REFUSALS.items():
        said = f"Refused for the reason {status}"
        server.begin({"type": "fail", "status": status, "message": said, "times": None})
        tested = desk.test(ok=False)
        assert tested["fault"] in faults and said in tested["message"], f"{desk.vendor}, {status}: {tested}"
        server.verdict()


def main():
    program, tools = sys.argv[1], Path(sys.argv[2])
    llmock = program_of_server(tools)
    with tempfile.TemporaryDirectory(prefix="touchstone-resilience-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        with Server(llmock, folder / "server.log") as server:
            for vendor in VENDORS:
                desk = Desk(program, server, folder, vendor, tasks=8)
                survives(server, desk, tasks=8)
                refuses(server, desk)
                print(f"{vendor}: waits as it is told, backs off, and asks in vain once")


if __name__ == "__main__":
    main()
