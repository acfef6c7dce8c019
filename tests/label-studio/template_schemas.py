"""Every annotation template that Label Studio brings gives the answer schema that its own SDK makes of it.

    python3 template_schemas.py PROGRAM FOLDER

PROGRAM is the built `touchstone`. FOLDER keeps Label Studio's own environment; it is made, from PyPI, if it is not there.
Both schemas are computed here; none is stored.
"""

import json
import subprocess
import sys
from pathlib import Path

from environment import environment

# Fewer would mean that the templates are somewhere else by now.
TEMPLATES_MIN = 60


def main():
    program, folder = (Path(argument).absolute() for argument in sys.argv[1:])
    programs = environment(folder)
    subprocess.run([programs / "python", __file__, "--compare", program], check=True)


def compare(program):
    """Runs where the SDK is installed."""
    templates = dict(sorted(configs()))
    if len(templates) < TEMPLATES_MIN:
        raise SystemExit(f"only {len(templates)} templates were found")
    ours, theirs = answered(program, templates), {name: of_sdk(config) for name, config in templates.items()}
    wrong = [name for name in templates if comparable(ours[name]) != comparable(theirs[name])]
    for name in wrong:
        print(f"{name}:\n  ours:   {json.dumps(ours[name])}\n  theirs: {json.dumps(theirs[name])}")
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(templates)} templates have another schema")
    asking = sum(bool(schema and schema.get("properties")) for schema in theirs.values())
    print(f"schemas of {len(templates)} templates: the same; {asking} of them ask for something")


def configs():
    """The name and the config of each template."""
    import label_studio
    import yaml

    root = Path(label_studio.__file__).parent / "annotation_templates"
    for path in root.rglob("*"):
        if path.suffix == ".xml":
            yield str(path.relative_to(root)), path.read_text(encoding="utf-8")
        elif path.suffix in (".yml", ".yaml"):
            template = yaml.safe_load(path.read_text(encoding="utf-8"))
            if isinstance(template, dict) and isinstance(template.get("config"), str):
                yield str(path.relative_to(root)), template["config"]


def of_sdk(config):
    """The schema that the SDK makes, `None` where it makes none."""
    from label_studio_sdk.label_interface import LabelInterface

    try:
        return LabelInterface(config).to_json_schema()
    except Exception as error:
        print(f"the SDK refuses a template: {error}")
        return None


def answered(program, templates):
    """The schemas that the program makes, all in one run of it."""
    asked = [{"id": name, "kind": "config", "config": config} for name, config in templates.items()]
    lines = "".join(json.dumps(line) + "\n" for line in asked)
    done = subprocess.run([program, "labeling-vectors"], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer["id"]: answer.get("json_schema") for answer in answers}


def comparable(schema):
    """Without what means nothing in a schema: the order of members, and that of `required`."""
    if isinstance(schema, dict):
        return {
            name: sorted(value) if name == "required" and isinstance(value, list) else comparable(value)
            for name, value in schema.items()
        }
    return [comparable(one) for one in schema] if isinstance(schema, list) else schema


if sys.argv[1] == "--compare":
    compare(Path(sys.argv[2]))
else:
    main()
