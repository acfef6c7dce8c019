"""Every prompt call of one version of the Python client. Run by clients.py in an environment that has that version."""

import importlib
import logging
import sys
import warnings

# Every call of a beta warns.
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
version, port, token = sys.argv[1:]
major_minor = tuple(int(part) for part in version.split(".")[:2])

from arize import ArizeClient  # noqa: E402

models = importlib.import_module("arize._generated.api_client.models")


def model(name):
    """A class for requests; they have a name of their own since 8.4x."""
    return getattr(models, f"{name}Request", None) or getattr(models, name)


Message, Params, ProviderParams = model("LLMMessage"), model("InvocationParams"), model("ProviderParams")
Format, Provider, Role = models.InputVariableFormat, models.LlmProvider, models.MessageRole
OPEN_AI = getattr(Provider, "OPEN_AI", None) or Provider.OPENAI

address = {"api_scheme": "http", "api_host": "127.0.0.1", "api_port": int(port)}
if major_minor < (8, 40):
    address = {"api_scheme": "http", "api_host": f"127.0.0.1:{port}"}
prompts = ArizeClient(api_key=token, **address).prompts


def raises(status, call, **arguments):
    try:
        call(**arguments)
    except Exception as error:  # noqa: BLE001: the classes differ from version to version, their status does not
        assert getattr(error, "status", None) == status, (status, error)
    else:
        raise AssertionError(f"{call} was not refused")


text = "Topic of {text}? \n Ünïcode 🙂 {\"a\": 1}"
content = {
    "commit_message": "First",
    "input_variable_format": Format.F_STRING,
    "provider": OPEN_AI,
    "model": "gpt",
    "messages": [Message(role=Role.SYSTEM, content="You label."), Message(role=Role.USER, content=text)],
    "invocation_params": Params(temperature=0, max_tokens=5, stop=["\n"]),
    "provider_params": ProviderParams(region="eu"),
}
made = prompts.create(space="Default", name="Ticket topics", description="What it is about", **content)
assert (made.name, made.description, made.version.commit_message) == ("Ticket topics", "What it is about", "First")
assert [message.content for message in made.version.messages] == ["You label.", text]
assert made.version.invocation_params.max_tokens == 5 and made.version.provider == OPEN_AI
assert len(made.version.commit_hash) == 64
raises(409, prompts.create, space="Default", name="Ticket topics", **content)

second = prompts.create_version(
    prompt="Ticket topics",
    space="Default",
    **{**content, "commit_message": "Second", "input_variable_format": Format.MUSTACHE, "model": "gpt-2"},
)
assert second.input_variable_format == Format.MUSTACHE and second.prompt_id == made.id
bedrock = prompts.create_version(prompt=made.id, **{**content, "provider": Provider.AWS_BEDROCK
                                                    if hasattr(Provider, "AWS_BEDROCK") else Provider.AWSBEDROCK})
assert bedrock.provider.value.lower().replace("_", "") == "awsbedrock"

listed = prompts.list(space="Default", name="TICKET", limit=10)
assert [prompt.id for prompt in listed.prompts] == [made.id] and listed.pagination.has_more is False
assert prompts.list(name="nothing like it").prompts == []
first_page = prompts.list_versions(prompt=made.id, limit=2)
assert first_page.pagination.has_more and first_page.pagination.next_cursor
rest = prompts.list_versions(prompt=made.id, limit=2, cursor=first_page.pagination.next_cursor)
assert [one.id for one in [*first_page.prompt_versions, *rest.prompt_versions]] == [
    bedrock.id, second.id, made.version.id]

labels = prompts.set_labels(version_id=made.version.id, labels=["production", "Production"])
assert sorted(labels.labels) == ["Production", "production"]
prompts.set_labels(version_id=second.id, labels=["production"])
by_label = getattr(prompts, "get_version_by_label", None) or prompts.get_label
assert by_label(prompt=made.id, label_name="production").id == second.id, "a label moves"
assert prompts.get(prompt=made.id, label="Production").version.id == made.version.id
assert prompts.get(prompt="Ticket topics", space="Default").version.id == bedrock.id
assert prompts.get(prompt=made.id, version_id=second.id).version.model == "gpt-2"
if hasattr(prompts, "get_version"):
    assert prompts.get_version(version_id=second.id).labels == ["production"]
prompts.delete_label(version_id=second.id, label_name="production")
raises(404, prompts.delete_label, version_id=second.id, label_name="production")
raises(404, by_label, prompt=made.id, label_name="production")

assert prompts.update(prompt=made.id, description="Else").description == "Else"
prompts.delete(prompt=made.id)
raises(404, prompts.get, prompt=made.id)
assert prompts.list().prompts == []
again = prompts.create(space="Default", name="Ticket topics", **content)
assert again.id != made.id, "what is in the bin does not hold its name"
assert again.version.commit_hash == made.version.commit_hash, "a version is its content"
print(f"arize {version}: every call")
