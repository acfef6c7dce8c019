"""A project is brought from Label Studio, run, and its predictions are given back, with everything that may go wrong between.

    python3 both_ways.py PROGRAM FOLDER [--long]

PROGRAM is the built `touchstone`. FOLDER keeps Label Studio's own environment; it is made, from PyPI, if it is not there.
The server is started on loopback with data of its own, and ends with this script. With --long, 100,000 tasks are pulled too, and the
rate is told beside the time that the server's own export takes.
"""

import base64
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from environment import environment
from server import EMAIL, PASSWORD, TOKEN, Server

TASKS = 5_000

# Every control that a prompt can fill, over texts.
CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Praise"/><Choice value="Question"/></Choices>
  <Choices name="tone" toName="text" choice="multiple"><Choice value="angry"/><Choice value="calm"/></Choices>
  <Labels name="span" toName="text"><Label value="Name"/><Label value="Place"/></Labels>
  <TextArea name="summary" toName="text"/>
  <Number name="count" toName="text" min="0" max="99"/>
  <Rating name="stars" toName="text" maxRating="5"/>
  <DateTime name="day" toName="text" only="date" format="%Y-%m-%d"/>
  <Taxonomy name="kind" toName="text"><Choice value="Product"><Choice value="App"/></Choice><Choice value="Service"/></Taxonomy>
</View>"""

PAIRS = """<View>
  <Text name="left" value="$one"/><Text name="right" value="$two"/>
  <Pairwise name="better" toName="left,right"/>
</View>"""

BOXES = """<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Tree"/></RectangleLabels>
</View>"""

PICTURES = """<View>
  <Image name="image" value="$image"/>
  <Choices name="colour" toName="image"><Choice value="red"/><Choice value="blue"/></Choices>
</View>"""

# Of one pixel each.
RED = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
BLUE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/5ncLrgAAAABJRU5ErkJggg=="

WORDS = [("It crashed on page", "Bug"), ("I love page", "Praise"), ("How do I print page", "Question")]


def topic(value):
    return {"id": "r1", "from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": [value]}}


def task(number):
    words, label = WORDS[number % len(WORDS)]
    made = {"data": {"text": f"{words} {number} with Anna in Rome."}}
    if number % 2 == 0:
        made["annotations"] = [{"result": [topic(label)], "ground_truth": number % 4 == 0}]
    return made


def check(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found}, and not {wanted}")
    print(f"{what}: {json.dumps(found)[:120]}", flush=True)


class Touchstone:
    """The built program, on a workspace of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def command(self, *arguments):
        return [self.program, "--workspace", self.folder / "workspace.touchstone", "--json", *map(str, arguments)]

    def run(self, *arguments, token=TOKEN):
        """What a command says, whether or not it did all; its errors as they are."""
        done = subprocess.run(self.command(*arguments), stdout=subprocess.PIPE, env={**os.environ, "THE_TOKEN": token})
        if token.encode() in done.stdout:
            raise SystemExit(f"{arguments} said the token")
        said = json.loads(done.stdout.splitlines()[-1])
        return said, done.returncode

    def get(self, *arguments, token=TOKEN):
        said, status = self.run(*arguments, token=token)
        if status != 0:
            raise SystemExit(f"{arguments}: {said}")
        return said

    def refused(self, *arguments, token=TOKEN):
        said, status = self.run(*arguments, token=token)
        if status == 0 or "error" not in said:
            raise SystemExit(f"{arguments} was not refused: {said}")
        return said["error"]["code"]

    def server(self, verb, *arguments, **others):
        return self.get("labelstudio", verb, "Here", *arguments, "--token-env", "THE_TOKEN", **others)

    def run_over(self, project, prompt, said):
        self.get("prompt", "create", "--name", prompt, "--project", project, "--connection", "practice", "--user", said)
        return self.get("run", "start", "--prompt", prompt, "--subset", "all")["run_id"]


def predicted(touchstone, run):
    """What a run predicted, by the ids of the server."""
    out = touchstone.folder / "predictions.json"
    touchstone.get("export", "predictions", "--run", run, "--format", "label-studio", "--out", out)
    exported = json.loads(out.read_text(encoding="utf-8"))
    return {task["id"]: task["predictions"][0] for task in exported if task["predictions"]}


def given(server, project, version):
    found = {}
    for prediction in server.predictions(project):
        if prediction["model_version"] == version:
            if prediction["task"] in found:
                raise SystemExit(f"task {prediction['task']} has two predictions of {version}")
            found[prediction["task"]] = prediction
    return found


def plain(regions):
    """What is compared of regions: the server takes a pairwise one as of an object, and the editor's own has the control."""
    return [{**region, "to_name": ""} if region["type"] == "pairwise" else region for region in regions]


def same_regions(what, ours, theirs):
    check(f"{what}, tasks", len(theirs), len(ours))
    for task_id, prediction in ours.items():
        other = theirs[task_id]
        if plain(other["result"]) != plain(prediction["result"]):
            raise SystemExit(f"{what}: regions of task {task_id} differ:\n{other['result']}\n{prediction['result']}")
        if prediction["score"] is not None and abs(other["score"] - prediction["score"]) > 1e-6:
            raise SystemExit(f"{what}: the score of task {task_id} is {other['score']}, and not {prediction['score']}")
    print(f"{what}: the same, region by region", flush=True)


def big_project(touchstone, server):
    tasks = [task(number) for number in range(TASKS)]
    project = server.project("Feedback", CONFIG, tasks)
    empty = server.project("Empty", "<View></View>")

    connected = touchstone.get("labelstudio", "connect", "--name", "Here", "--url", server.url, "--token-env", "THE_TOKEN", "--no-key")
    check("edition", connected["edition"], "community")
    check("user", connected["user"] is not None, True)
    check("a name is taken", touchstone.refused("labelstudio", "connect", "--name", "Here", "--url", server.url, "--token-env", "THE_TOKEN", "--no-key"), "name_taken")
    check("a wrong token", touchstone.refused("labelstudio", "projects", "Here", "--token-env", "THE_TOKEN", token="0" * 40), "server_sign_in")

    listed = {row["title"]: row for row in touchstone.server("projects")["projects"]}
    check("tasks listed", listed["Feedback"]["tasks"], TASKS)
    check("annotations listed", listed["Feedback"]["annotations"], TASKS // 2)
    check("ground truth listed", listed["Feedback"]["ground_truths"], TASKS // 4)
    check("one that is of no use says why", "no control" in listed["Empty"]["ineligible"], True)
    check("it is refused", touchstone.refused("labelstudio", "pull", "Here", empty, "--token-env", "THE_TOKEN"), "invalid")
    check("searched", [row["title"] for row in touchstone.server("projects", "--search", "feed")["projects"]], ["Feedback"])

    start = time.monotonic()
    pulled = touchstone.server("pull", project)
    print(f"pulled {TASKS} tasks in {time.monotonic() - start:.1f} s", flush=True)
    check("pulled", [pulled[name] for name in ("new", "tasks", "annotations", "ground_truth", "refused")], [TASKS, TASKS, TASKS // 2, TASKS // 4, 0])
    check("the project is linked", [row["project_id"] for row in touchstone.server("projects", "--search", "feed")["projects"]], [pulled["project_id"]])
    again = touchstone.server("pull", project)
    check("pulled again", [again[name] for name in ("new", "changed", "gone", "tasks")], [0, 0, 0, TASKS])

    run = touchstone.run_over(pulled["project_id"], "Tone", "What is said in {text}?")
    plan = touchstone.server("push", "--run", run, "--dry-run")
    check("planned", [plan[name] for name in ("predictions", "unchanged", "replaced", "not_there")], [TASKS - plan["failed_tasks"], 0, 0, 0])
    start = time.monotonic()
    pushed = touchstone.server("push", "--run", run)
    print(f"pushed {pushed['written']} predictions in {time.monotonic() - start:.1f} s", flush=True)
    check("written", [pushed["written"], pushed["failed"]], [plan["predictions"], 0])
    check("model version", pushed["model_version"].startswith("Tone @"), True)
    ours = predicted(touchstone, run)
    same_regions("given back", ours, given(server, project, pushed["model_version"]))
    # One that nobody annotated, so that its class is chosen by the prediction alone.
    annotated = {task["id"] for task in server.tasks(project) if task["annotations"]}
    first = min(task_id for task_id in ours if task_id not in annotated)
    [chosen] = [region["value"]["choices"][0] for region in ours[first]["result"] if region["from_name"] == "topic"]
    prelabeled = touchstone.server("push", "--run", run, "--prelabel")
    check("tasks begin with it", [prelabeled["written"], prelabeled["prelabels"]], [0, True])
    view = [server.url, EMAIL, PASSWORD, str(project), str(first), pushed["model_version"], chosen]
    subprocess.run(["node", Path(__file__).with_name("labeling_view.mjs"), *view], check=True)
    again = touchstone.server("push", "--run", run)
    check("pushed again", [again["written"], again["unchanged"]], [0, plan["predictions"]])

    deleted = changes(touchstone, server, project)
    other_version(touchstone, server, project, pushed, len([task_id for task_id in deleted if task_id in ours]))
    return project, run


def changes(touchstone, server, project):
    """Tasks that came, changed and went, and a config that is another. Gives back the ids of those that went."""
    tasks = server.tasks(project)
    server.add_tasks(project, [task(TASKS)])
    server.ask("PATCH", f"/api/tasks/{tasks[0]['id']}/", {"data": {"text": "It is another text by now."}})
    server.annotate(tasks[1]["id"], [topic("Bug")], ground_truth=True)
    server.ask("DELETE", f"/api/annotations/{tasks[2]['annotations'][0]['id']}/")
    server.ask("DELETE", f"/api/tasks/{tasks[3]['id']}/")
    wanted = {"new": 1, "changed": 3, "gone": 1}
    plan = touchstone.server("pull", project, "--dry-run")
    check("changes planned", {name: plan[name] for name in wanted}, wanted)
    pulled = touchstone.server("pull", project)
    check("changes pulled", {name: pulled[name] for name in wanted}, wanted)
    check("ground truth by now", pulled["ground_truth"], TASKS // 4 + 2)
    again = touchstone.server("pull", project)
    check("and no more", [again[name] for name in wanted], [0, 0, 1])
    kept = touchstone.server("pull", project, "--keep-gone")
    check("what is gone is kept", [kept["gone"], kept["removed"], kept["tasks"]], [1, 0, TASKS + 1])
    plan = touchstone.server("pull", project, "--dry-run")
    check("and not told of again", [plan["gone"], plan["kept"]], [0, 1])
    server.ask("DELETE", f"/api/tasks/{tasks[4]['id']}/")
    removed = touchstone.server("pull", project, "--remove-gone")
    check("or removed", [removed["gone"], removed["removed"], removed["tasks"]], [0, 2, TASKS - 1])
    server.add_tasks(project, [task(TASKS + 1), task(TASKS + 1)])
    twice = touchstone.server("pull", project)
    ids = [row["id"] for row in server.tasks(project)][-2:]
    issues = [(issue["kind"], issue["remote_id"], issue["message"]) for issue in twice["first_issues"]]
    check("problems name the tasks there", issues, [("duplicate", ids[1], f"its data equals that of task {ids[0]}")])

    other = CONFIG.replace('<Choice value="Question"/>', '<Choice value="Question"/><Choice value="Thanks"/>')
    server.ask("PATCH", f"/api/projects/{project}/", {"label_config": other})
    plan = touchstone.server("pull", project, "--dry-run")
    check("another config is shown", "Thanks" in plan["config"]["after"] and "Thanks" not in plan["config"]["before"], True)
    touchstone.server("pull", project)
    check("and not taken unasked", touchstone.server("pull", project, "--dry-run")["config"] is not None, True)
    touchstone.server("pull", project, "--take-config")
    check("but when it is told to", touchstone.server("pull", project, "--dry-run")["config"], None)
    return [tasks[3]["id"], tasks[4]["id"]]


def other_version(touchstone, server, project, before, deleted):
    touchstone.get("version", "create", "Tone", "--user", "Bug: it crashed. Praise: love.\n{text}")
    run = touchstone.get("run", "start", "--prompt", "Tone", "--subset", "sample:50@7")["run_id"]
    beside = touchstone.server("push", "--run", run)
    check("another version is another", beside["model_version"] != before["model_version"], True)
    # Tasks were deleted since, with their predictions.
    check("it stands beside", len(given(server, project, before["model_version"])), before["written"] - deleted)
    plan = touchstone.server("push", "--run", run, "--replace", "--dry-run")
    check("what would be deleted is said", plan["replaced"], beside["written"])
    replaced = touchstone.server("push", "--run", run, "--replace")
    check("deleted and written", [replaced["replaced"], replaced["written"]], [beside["written"], 0])
    tasks = given(server, project, beside["model_version"])
    check("those are gone", [task for task in given(server, project, before["model_version"]) if task in tasks], [])


def reviewed(touchstone, server, project, run):
    """What is accepted here becomes an annotation there, once."""
    queue = touchstone.get("review", run)["tasks"][:3]
    accepted = touchstone.get("review", run, "--accept", *[row["task_id"] for row in queue], "--ground-truth")
    if accepted["decided"] == 0:
        raise SystemExit("nothing could be accepted")
    plan = touchstone.server("push", "--run", run, "--annotations", "--ground-truth", "--dry-run")
    check("annotations planned", plan["annotations"], accepted["decided"])
    before = {task["id"]: len(task["annotations"]) for task in server.tasks(project)}
    pushed = touchstone.server("push", "--run", run, "--annotations", "--ground-truth")
    check("annotations given", pushed["annotations"], accepted["decided"])
    after = {task["id"]: task for task in server.tasks(project)}
    grown = [task_id for task_id, count in before.items() if len(after[task_id]["annotations"]) == count + 1]
    check("they are there", len(grown), accepted["decided"])
    given_there = [max(after[task_id]["annotations"], key=lambda annotation: annotation["id"]) for task_id in grown]
    check("and ground truth", [annotation["ground_truth"] for annotation in given_there], [True] * len(grown))
    again = touchstone.server("push", "--run", run, "--annotations", "--ground-truth")
    check("once", [again["annotations"], again["ground_truths"]], [0, 0])
    pulled = touchstone.server("pull", project)
    check("none of them comes twice", pulled["new"], 0)
    check("nor once more", [touchstone.server("pull", project)[name] for name in ("new", "changed")], [0, 0])


def small_projects(touchstone, server):
    """Controls over two texts, and boxes on pictures, which the practice model draws none of."""
    pairs = server.project("Pairs", PAIRS, [{"data": {"one": f"a {number}", "two": f"b {number}"}} for number in range(20)])
    pulled = touchstone.server("pull", pairs)
    run = touchstone.run_over(pulled["project_id"], "Pairs", "Which is better, {one} or {two}?")
    pushed = touchstone.server("push", "--run", run)
    same_regions("pairs", predicted(touchstone, run), given(server, pairs, pushed["model_version"]))
    box = {"id": "b1", "from_name": "box", "to_name": "image", "type": "rectanglelabels", "original_width": 100, "original_height": 80,
           "image_rotation": 0, "value": {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["Car"]}}
    boxes = server.project("Boxes", BOXES, [{"data": {"image": "https://example.invalid/car.png"}, "annotations": [{"result": [box], "ground_truth": True}]}])
    pulled = touchstone.server("pull", boxes)
    out = touchstone.folder / "boxes.json"
    touchstone.get("export", "project", "--project", pulled["project_id"], "--format", "label-studio", "--out", out)
    check("boxes came as they are", json.loads(out.read_text())[0]["annotations"][0]["result"], [box])


class Seer(http.server.BaseHTTPRequestHandler):
    """A model that says the colour of the picture which it is shown."""

    shown = []

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = [part for message in asked["messages"] if isinstance(message["content"], list) for part in message["content"]]
        urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        Seer.shown += urls
        colour = {f"data:image/png;base64,{RED}": "red", f"data:image/png;base64,{BLUE}": "blue"}.get(*urls or [""])
        message = {"role": "assistant", "content": json.dumps({"colour": colour})}
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"],
                           "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                           "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def pictures(touchstone, server):
    """Pictures that were uploaded there, which only who signs in can read, are shown to a model."""
    project = server.project("Pictures", PICTURES)
    for name, picture in (("red.png", RED), ("blue.png", BLUE)):
        server.upload(project, name, "image/png", base64.b64decode(picture))
    tasks = {task["id"]: task["data"]["image"] for task in server.tasks(project)}
    check("uploaded", sorted(path.rsplit("-", 1)[-1] for path in tasks.values()), ["blue.png", "red.png"])
    try:
        urllib.request.urlopen(server.url + next(iter(tasks.values())), timeout=30).close()
        raise SystemExit("Label Studio shows its uploads to everybody, so that nothing is tested here")
    except urllib.error.HTTPError as error:
        error.close()
    pulled = touchstone.server("pull", project)
    seer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Seer)
    threading.Thread(target=seer.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{seer.server_port}/v1"
    touchstone.get("connection", "add", "--provider", "custom", "--name", "Seer", "--endpoint", url, "--model", "seer", "--no-key")
    touchstone.get("prompt", "create", "--name", "Colour", "--project", pulled["project_id"], "--connection", "Seer", "--user", "Which colour? {image}")
    run = touchstone.get("run", "start", "--prompt", "Colour", "--subset", "all", "--token-env", "THE_TOKEN")
    check("answered", [run["done"], run["failed"]], [2, 0])
    seer.shutdown()
    seer.server_close()
    pushed = touchstone.server("push", "--run", run["run_id"])
    there = given(server, project, pushed["model_version"])
    seen = {tasks[task_id].rsplit("-", 1)[-1]: prediction["result"][0]["value"]["choices"] for task_id, prediction in there.items()}
    check("seen", seen, {"red.png": ["red"], "blue.png": ["blue"]})


def interrupted(touchstone, programs, server, folder, project):
    """A server that goes away midway, a program that is killed, and nothing lost or doubled."""
    touchstone.get("version", "create", "Tone", "--user", "Tell me of {text}")
    run = touchstone.get("run", "start", "--prompt", "Tone", "--subset", "all")["run_id"]
    pushing = subprocess.Popen(touchstone.command("labelstudio", "push", "Here", "--run", run, "--token-env", "THE_TOKEN"),
                               stdout=subprocess.PIPE, env={**os.environ, "THE_TOKEN": TOKEN})
    before = count = len(server.predictions(project))
    while count == before and pushing.poll() is None:
        time.sleep(0.1)
        count = server.read(f"/api/projects/{project}/?include=total_predictions_number")["total_predictions_number"]
    pushing.kill()
    pushing.wait()
    check("nobody else begins while it may be alive", touchstone.refused("labelstudio", "push", "Here", "--run", run, "--token-env", "THE_TOKEN"), "invalid")
    time.sleep(16)
    more = len(server.predictions(project)) - before
    server.stop()
    said, status = touchstone.run("labelstudio", "push", "Here", "--run", run, "--token-env", "THE_TOKEN")
    check("it waits for a server that is gone", [said["written"], said["waiting"] is not None, status != 0], [0, True, True])
    check("which is listed", [push["state"] for push in touchstone.get("labelstudio", "waiting")["pushes"]][:1], ["waiting"])
    check("nothing to pull from", touchstone.refused("labelstudio", "pull", "Here", project, "--token-env", "THE_TOKEN"), "server_unreachable")
    server = Server(programs, folder, server.port)
    server.wait()
    pushed = touchstone.server("push", "--run", run)
    print(f"{more} predictions were there after the kill; {pushed['written']} written and {pushed['unchanged']} unchanged since", flush=True)
    there = {task["id"] for task in server.tasks(project)}
    ours = {task_id: prediction for task_id, prediction in predicted(touchstone, run).items() if task_id in there}
    same_regions("given back in pieces", ours, given(server, project, pushed["model_version"]))
    return server


def tokens(touchstone, server, folder, project):
    """A personal token signs in, and once it is revoked says so."""
    personal = server.personal_token()
    connect = ["labelstudio", "connect", "--name", "Personal", "--url", server.url, "--token-env", "THE_TOKEN", "--no-key"]
    check("nobody is connected twice", touchstone.refused(*connect, token=personal), "invalid")
    other = Touchstone(touchstone.program, folder)
    said = other.get(*connect, token=personal)
    check("a personal token", [said["edition"], len(said["abilities"])], ["community", 4])
    listed = other.get("labelstudio", "projects", "Personal", "--token-env", "THE_TOKEN", token=personal)["projects"]
    check("reads projects", "Feedback" in [row["title"] for row in listed], True)
    server.revoke(personal)
    check("a revoked one", other.refused("labelstudio", "projects", "Personal", "--token-env", "THE_TOKEN", token=personal), "server_sign_in")
    check("a server that projects came from", touchstone.refused("labelstudio", "remove", "Here"), "invalid")
    other.get("labelstudio", "remove", "Personal")
    server.delete_project(project)
    check("a deleted project", touchstone.refused("labelstudio", "pull", "Here", project, "--token-env", "THE_TOKEN"), "not_found")
    check("is here all the same", [row["name"] for row in touchstone.get("project", "list")["projects"] if row["name"] == "Feedback"], ["Feedback"])


def long(touchstone, server):
    count = 100_000
    project = server.project("Large", CONFIG)
    server.add_tasks(project, [task(number) for number in range(count)], at_once=10_000)
    start = time.monotonic()
    server.export(project, "JSON")
    own = time.monotonic() - start
    start = time.monotonic()
    pulled = touchstone.server("pull", project)
    took = time.monotonic() - start
    check("pulled", pulled["tasks"], count)
    print(f"{count} tasks: pulled in {took:.1f} s, {count / took:.0f} a second; the server's own export takes {own:.1f} s", flush=True)


def main():
    program, tools = (Path(argument).absolute() for argument in sys.argv[1:3])
    programs = environment(tools)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        server = Server(programs, folder)
        try:
            server.wait()
            touchstone = Touchstone(program, folder)
            project, run = big_project(touchstone, server)
            reviewed(touchstone, server, project, run)
            small_projects(touchstone, server)
            pictures(touchstone, server)
            server = interrupted(touchstone, programs, server, folder, project)
            if "--long" in sys.argv:
                long(touchstone, server)
            tokens(touchstone, server, folder / "other", project)
        finally:
            server.stop()


main()
