"""Two prompts on texts that people rated, from import to report: tweets, or snippets of reviews and editorials, of the data set
that the PyPI source package vaderSentiment 2.5 carries (Hutto and Gilbert, ICWSM 2014).

Usage: sentiment.py TOUCHSTONE FOLDER [--snippets tweets|movies|products|editorials] [--without-local-model] [--out DIR]

A mean rating above 0.5 is positive, below -0.5 negative, any other neutral. Each prompt runs on the practice model over
everything, and, unless that is left out, on a small local model over a seeded sample of 100; what the program says of the runs is
held to what the exported predictions give here. The package, server and model are installed into FOLDER. DIR gets the workspace,
the exports and the reports of each pair as HTML and Markdown.
"""

import argparse
import collections
import hashlib
import html
import io
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "providers"))

from small_model import MODEL, Desk, served  # noqa: E402

PACKAGE = "vaderSentiment==2.5"
SHA256 = "b960c954831f5ca58afee61780cc04ed48e551b91e783bfcbfb2c18bb8081a84"
SNIPPETS = {
    "tweets": "tweets_GroundTruth.txt",
    "movies": "movieReviewSnippets_GroundTruth.txt",
    "products": "amazonReviewSnippets_GroundTruth.txt",
    "editorials": "nytEditorialSnippets_GroundTruth.txt",
}
SURE = 0.5
"""A mean rating, of -4 to 4, beyond which a text is not neutral."""

SAMPLE = "sample:100@2014"

CLASSES = ("positive", "neutral", "negative")
CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text">
    <Choice value="positive"/><Choice value="neutral"/><Choice value="negative"/>
  </Choices>
</View>"""
PROMPTS = {
    "Plain": "Is this text positive, neutral or negative?\n\n{text}",
    "With definitions": """Say what feeling the text expresses.

- positive: joy, thanks, praise or hope; words such as love, good, great, best, nice, happy, thanks, fun, beautiful, enjoy, lol, :)
- negative: anger, sadness, blame or fear; words such as hate, bad, worst, sad, sick, hurt, miss, boring, dull, problem, never, :(
- neutral: facts, questions and news without a feeling

Text: {text}""",
}


def source_package(folder):
    """The package as PyPI has it."""
    path = folder / "vaderSentiment-2.5.tar.gz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", PACKAGE]
        subprocess.run([*command, "--dest", folder], check=True)
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    assert found == SHA256, f"{path} is not what was published: SHA-256 {found}"
    return content


def rated_texts(package, file):
    """(id, mean rating, text) of each line."""
    with tarfile.open(fileobj=io.BytesIO(package)) as outer:
        inner = outer.extractfile("vaderSentiment-2.5/additional_resources/hutto_ICWSM_2014.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(inner)) as data:
        lines = data.extractfile(f"hutto_ICWSM_2014/{file}").read().decode("utf-8-sig").splitlines()
    for line in filter(str.strip, lines):
        name, rating, text = line.split("\t", 2)
        yield name, float(rating), html.unescape(text).strip()


def label_of(rating):
    return "positive" if rating > SURE else "negative" if rating < -SURE else "neutral"


def task_of(name, rating, text):
    """As Label Studio exports it."""
    choice = {"from_name": "sentiment", "to_name": "text", "type": "choices", "value": {"choices": [label_of(rating)]}}
    annotation = {"result": [choice], "ground_truth": True}
    return {"data": {"text": text}, "meta": {"snippet": name, "rating": rating}, "annotations": [annotation]}


def run_of(desk, prompt, subset, *more):
    run = desk.ask("run", "start", "--prompt", prompt, "--subset", subset, *more)
    print(f"  {prompt}, {run['model']}: {run['correct']} of {run['scored']} correct, {run['failed']} failed, {run['wall_s']:.1f} s")
    assert run["status"] == "completed" and run["done"] == run["total"], run
    return run


def outcomes(desk, run, out):
    """What the export of a run says of each task: true and predicted class; failed ones are none."""
    desk.ask("export", "predictions", "--run", run["run_id"], "--format", "jsonl", "--out", out)
    found = {}
    for line in out.read_text().splitlines():
        row = json.loads(line)
        if row["result"] is not None:
            found[row["task_id"]] = row["result"][0]["value"]["choices"][0], row["correct"]
    return found


def near(ours, theirs):
    return ours is not None and math.isclose(ours, theirs, abs_tol=1e-9)


def metrics_hold(desk, run, truth, found):
    """What the program counted of a run is what its export gives."""
    said = desk.ask("run", "metrics", run["run_id"])
    pairs = [(truth[task], guess) for task, (guess, _) in found.items()]
    count = len(pairs)
    right = sum(true == guess for true, guess in pairs)
    assert right == sum(correct for _, correct in found.values()), "each row is as correct as its label"
    assert said["scored"] == count and near(said["accuracy"]["value"], right / count), said["accuracy"]
    assert said["accuracy"]["low"] < right / count < said["accuracy"]["high"]
    true, guessed = (collections.Counter(side) for side in zip(*pairs))
    f1 = {}
    for name in CLASSES:
        hits = sum(pair == (name, name) for pair in pairs)
        f1[name] = 2 * hits / (true[name] + guessed[name])
        [row] = [row for row in said["per_class"] if row["class"] == name]
        assert row["support"] == true[name] and near(row["f1"], f1[name]), row
    assert near(said["macro_f1"], sum(f1.values()) / len(f1))
    assert near(said["weighted_f1"], sum(f1[name] * true[name] for name in CLASSES) / count)
    chance = sum(true[name] * guessed[name] for name in CLASSES) / count**2
    assert near(said["kappa"], (right / count - chance) / (1 - chance))
    labels, counts = said["confusion"]["labels"], said["confusion"]["counts"]
    matrix = {(labels[row], labels[column]): cell for row, line in enumerate(counts) for column, cell in enumerate(line)}
    assert {pair: cell for pair, cell in matrix.items() if cell} == collections.Counter(pairs)


def compared(desk, out, name, runs, found):
    """Compares two runs, holds it to their exports, and reports it."""
    first, second = found
    shared = first.keys() & second.keys()
    fixed = sum(second[task][1] and not first[task][1] for task in shared)
    broken = sum(first[task][1] and not second[task][1] for task in shared)
    discordant = fixed + broken
    tail = sum(math.comb(discordant, k) for k in range(min(fixed, broken) + 1)) / 2**discordant
    said = desk.ask("compare", *(run["run_id"] for run in runs))
    assert (said["shared"], said["fixed"], said["broken"]) == (len(shared), fixed, broken), said
    assert math.isclose(said["mcnemar_p"], min(1.0, 2 * tail), rel_tol=1e-6, abs_tol=1e-12), said
    assert near(said["difference"]["value"], (fixed - broken) / len(shared)), said
    a, b, difference = said["a"], said["b"], said["difference"]
    print(f"  {name}: {a['value']:.3f} against {b['value']:.3f}, {said['verdict']}", end=" ")
    print(f"({difference['value']:+.3f}, {difference['low']:+.3f} to {difference['high']:+.3f}; p {said['mcnemar_p']:.2g})")
    for ending in ("html", "md"):
        report = out / f"{name}.{ending}"
        desk.ask("report", runs[1]["run_id"], "--against", runs[0]["run_id"], "--examples", "5", "--out", report)
        text = report.read_text()
        assert "With definitions" in text and "src=" not in text and "<script" not in text


def pair(desk, out, name, truth, subset, *more):
    runs = [run_of(desk, prompt, subset, *more) for prompt in PROMPTS]
    found = [outcomes(desk, run, out / f"{name} {number}.jsonl") for number, run in enumerate(runs)]
    for run, answers in zip(runs, found):
        metrics_hold(desk, run, truth, answers)
    compared(desk, out, name, runs, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("touchstone")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--snippets", choices=SNIPPETS, default="tweets")
    parser.add_argument("--without-local-model", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="touchstone-data-set-", ignore_cleanup_errors=True) as temporary:
        out = options.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        texts = list(rated_texts(source_package(options.folder), SNIPPETS[options.snippets]))
        tasks = [{"id": number, **task_of(*text)} for number, text in enumerate(texts, 1)]
        truth = {task["id"]: label_of(task["meta"]["rating"]) for task in tasks}
        (out / "tasks.json").write_text(json.dumps(tasks))
        (out / "config.xml").write_text(CONFIG)

        desk, project = Desk(options.touchstone, out / f"{options.snippets}.touchstone"), options.snippets
        imported = desk.ask("project", "import", out / "tasks.json", "--config", out / "config.xml", "--name", project)
        assert (imported["tasks"], imported["ground_truth"]) == (len(tasks), len(tasks)), imported
        print(f"{len(tasks)} {project}: {dict(collections.Counter(truth.values()))}")
        for name, user in PROMPTS.items():
            aimed = ("--name", name, "--project", project, "--connection", "practice")
            desk.ask("prompt", "create", *aimed, "--user", user)
        pair(desk, out, "Practice model", truth, "all")
        if not options.without_local_model:
            with served(options.folder / "model", out / "server.log") as port:
                [added] = desk.ask("connection", "discover", "--port", str(port), "--add")["added"]
                for name in PROMPTS:
                    # Both versions of a prompt are kept; the run below asks with the newest.
                    desk.ask("version", "create", name, "--connection", added["name"], "--model", MODEL)
                pair(desk, out, "Small local model", truth, SAMPLE)


if __name__ == "__main__":
    main()
