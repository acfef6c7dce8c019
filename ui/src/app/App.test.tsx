/** What a user gets from the whole window, over the scripted boundary. */
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Opening, Preferences } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake, type Fake, type Scene } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { PRACTICE_MODEL } from "@/lib/models";
// Fetched when somebody asks for it; how long that takes here is no matter of these tests.
import "@/features/connections/ConnectionsDialog";
import "@/features/imports/ImportDialog";
import "@/features/prompts/CreatePromptDialog";
import "@/features/prompts/EditPromptDialog";
import { App } from "./App";
import { createAppRouter } from "./router";

// The editor has tests of its own, and a weight that these need not carry.
vi.mock("./PromptScreen", () => ({ PromptScreen: () => <h1>The prompt is open</h1> }));

function open(at: string, scene: Scene = "lived", preferences: Partial<Preferences> = {}): Fake {
  window.location.hash = at;
  const fake = createFake(scene, preferences);
  connect(fake);
  const client = createQueryClient();
  render(<App client={client} router={createAppRouter(client)} />);
  return fake;
}

const user = userEvent.setup();

beforeEach(() => {
  delete document.documentElement.dataset.colorScheme;
});

describe("Prompts", () => {
  it("names the practice model as what it is", async () => {
    open("/prompts", "first-run");
    expect((await screen.findAllByText(PRACTICE_MODEL, { exact: false })).length).toBeGreaterThan(0);
  });

  it("deletes at once and brings back on Undo", async () => {
    open("/prompts");
    await user.click(await screen.findByRole("button", { name: "Actions for Ticket urgency" }));
    await user.click(await screen.findByRole("menuitem", { name: /Delete/ }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "Ticket urgency" })).toBeNull());
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("link", { name: "Ticket urgency" })).toBeTruthy();
  });

  it("says in words what cannot be read, and tries again", async () => {
    const fake = open("/prompts", "failing");
    expect((await screen.findByRole("alert")).textContent).toContain("locked by another program");
    fake.commands.listPrompts = createFake("first-run").commands.listPrompts;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Sort support tickets" })).toBeTruthy();
  });

  it("finds by project, and clears what finds nothing", async () => {
    open("/prompts");
    const search = await screen.findByRole("searchbox", { name: "Search prompts" });
    await user.type(search, "answer pairs");
    await waitFor(() => expect(screen.getAllByRole("row")).toHaveLength(2));
    await user.type(search, "zzz");
    await user.click(await screen.findByRole("button", { name: "Show all" }));
    await waitFor(() => expect(screen.getAllByRole("row")).toHaveLength(7));
  });
});

describe("A project", () => {
  it("is renamed from its row and on its screen, unless the name is taken", async () => {
    const fake = open("/projects");
    const names = () => fake.world.projects.map(({ summary }) => summary.name);
    const [first, taken] = names();
    (await screen.findByRole("link", { name: first })).focus();
    await user.keyboard("{F2}");
    const input = await screen.findByRole("textbox", { name: "Name" });
    await user.clear(input);
    await user.type(input, `${taken}{Enter}`);
    expect(await screen.findByText(/exists already/)).toBeTruthy();
    expect(names()[0]).toBe(first);
    await user.clear(input);
    await user.type(input, " Tickets of May {Enter}");
    await user.click(await screen.findByRole("link", { name: "Tickets of May" }));
    await screen.findByRole("heading", { name: "Tickets of May" });
    await user.click(screen.getByRole("button", { name: "Rename the project" }));
    await user.type(await screen.findByRole("textbox", { name: "Name" }), " and June{Enter}");
    expect(await screen.findByRole("heading", { name: "Tickets of May and June" })).toBeTruthy();
  });
});

describe("What comes from outside", () => {
  const asked = (fake: Fake, ...openings: Opening[]) => {
    fake.commands.takeOpenings = async () => ({ status: "ok", data: openings.splice(0) });
    fake.send.opened(undefined);
  };

  it("leads a link to its place, and says so where it leads nowhere", async () => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    asked(fake, { kind: "unknown", link: "touchstone://delete/1" });
    expect((await screen.findAllByText("touchstone://delete/1")).length).toBeGreaterThan(0);
    asked(fake, { kind: "no_workspace", reason: "/data/notes.touchstone is not a Touchstone workspace" });
    const refused = "/data/notes.touchstone is not a Touchstone workspace.";
    expect((await screen.findAllByText(refused)).length).toBeGreaterThan(0);
    asked(fake, { kind: "run", id: "no-run" });
    expect((await screen.findAllByText("The run could not be opened")).length).toBeGreaterThan(0);
    asked(fake, { kind: "prompt", id: fake.world.prompts[0]?.id ?? "" });
    expect(await screen.findByRole("heading", { name: "The prompt is open" })).toBeTruthy();
  });

  const TEAM: Opening = { kind: "workspace", path: "/home/ann/Team.touchstone" };
  const CONFIG: Opening = { kind: "import", paths: ["/home/ann/config.xml"] };

  it("keeps a form that is open, and asks about what came once it is closed, one after the other", async () => {
    const fake = open("/prompts?dialog=create&project=project-sample");
    const name = await screen.findByRole<HTMLInputElement>("textbox", { name: "Name" });
    await user.type(name, "Half a thought");
    asked(fake, TEAM, CONFIG);
    const [notice] = await screen.findAllByText("“Team.touchstone” waits");
    expect(notice?.closest("[data-notice]")?.getAttribute("data-type"), "nothing is done yet").toBe("waiting");
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect(name.value).toBe("Half a thought");
    await user.keyboard("{Escape}");
    await user.click(await screen.findByRole("button", { name: "Discard what I typed" }));
    const question = await screen.findByRole("alertdialog", { name: "Open this workspace?" });
    expect(within(question).getByText("/home/ann/Team.touchstone")).toBeTruthy();
    expect(screen.queryByRole("dialog", { name: "Import project" })).toBeNull();
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("dialog", { name: "Import project" })).toBeTruthy();
  });

  it.each(["opened", "dropped"])("asks about one after the other where nothing is open either: %s", async (how) => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    const openings = [TEAM, CONFIG, { kind: "workspace", path: "/home/ann/Other.touchstone" } as const];
    if (how === "opened") asked(fake, ...openings);
    else {
      fake.commands.openingsOf = async () => ({ status: "ok", data: openings });
      fake.send.fileDrop({ kind: "dropped", paths: ["/home/ann/all"] });
    }
    const question = () => screen.findByRole("alertdialog", { name: "Open this workspace?" });
    expect(within(await question()).getByText("/home/ann/Team.touchstone")).toBeTruthy();
    expect(window.location.hash, "the import waits").not.toContain("dialog=import");
    await user.keyboard("{Escape}");
    await screen.findByRole("dialog", { name: "Import project" });
    expect(screen.queryByRole("alertdialog")).toBeNull();
    await user.keyboard("{Escape}");
    expect(within(await question()).getByText("/home/ann/Other.touchstone")).toBeTruthy();
  });

  it("goes to a run before it asks about the import that came with it", async () => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    const [run] = fake.world.prompts.flatMap(({ runs }) => runs);
    if (run === undefined) throw new Error("there are runs");
    const { getRun } = fake.commands;
    fake.commands.getRun = async (id) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return getRun(id);
    };
    asked(fake, { kind: "run", id: run.id }, CONFIG);
    await waitFor(() => expect(window.location.hash).toContain(`run=${run.id}`));
    await waitFor(() => expect(window.location.hash).toContain("dialog=import"));
    expect(await screen.findByRole("dialog", { name: "Import project" })).toBeTruthy();
  });

  it("leaves the search open for a link that comes meanwhile", async () => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    await user.keyboard("{Control>}k{/Control}");
    await screen.findByRole("combobox", { name: "Search commands, prompts and projects" });
    asked(fake, { kind: "project", id: "project-sample" });
    await screen.findAllByText("A link to a project waits");
    expect(window.location.hash).toBe("#/prompts");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(window.location.hash).toBe("#/projects/project-sample"));
  });

  it("opens what was chosen in the search before the link that waited for it", async () => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    await user.keyboard("{Control>}k{/Control}");
    await screen.findByRole("combobox", { name: "Search commands, prompts and projects" });
    asked(fake, { kind: "project", id: "project-sample" });
    await screen.findAllByText("A link to a project waits");
    await user.click(await screen.findByRole("option", { name: /^Create Prompt/ }));
    await screen.findByRole("textbox", { name: "Name" });
    expect(window.location.hash).toContain("dialog=create");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(window.location.hash).toBe("#/projects/project-sample"));
  });

  it("asks before it works with another workspace, and shows why that cannot be", async () => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    fake.commands.switchWorkspace = async () => ({
      status: "error",
      error: { code: "invalid", message: "/home/ann/Team.touchstone is not a Touchstone workspace", field: null },
    });
    fake.send.fileDrop({ kind: "dropped", paths: ["/home/ann/Team.touchstone"] });
    const question = await screen.findByRole("alertdialog", { name: "Open this workspace?" });
    await user.click(within(question).getByRole("button", { name: "Open workspace" }));
    expect((await within(question).findByRole("alert")).textContent).toContain("is not a Touchstone workspace");
  });

  it("opens another workspace from the settings too", async () => {
    const fake = open("/prompts?dialog=data");
    fake.commands.chooseWorkspace = async () => ({ status: "ok", data: "/home/ann/Team.touchstone" });
    const switched = vi.spyOn(fake.commands, "switchWorkspace");
    await user.click(await screen.findByRole("button", { name: "Open another workspace…" }));
    const question = await screen.findByRole("alertdialog", { name: "Open this workspace?" });
    await user.click(within(question).getByRole("button", { name: "Open workspace" }));
    await waitFor(() => expect(switched).toHaveBeenCalledWith("/home/ann/Team.touchstone"));
  });

  it("asks before it closes over runs, and stays where the answer is no", async () => {
    const fake = open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    const stayOpen = vi.spyOn(fake.commands, "stayOpen");
    const quit = vi.spyOn(fake.commands, "quit");
    fake.send.closeAsked({ runs: 2 });
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(stayOpen).toHaveBeenCalledOnce());
    expect(quit).not.toHaveBeenCalled();
    fake.send.closeAsked({ runs: 2 });
    await user.click(await screen.findByRole("button", { name: "Pause and close" }));
    await waitFor(() => expect(quit).toHaveBeenCalledWith(true));
  });

  it("opens the menu with F10 and with Alt alone, by groups", async () => {
    open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    await user.keyboard("{F10}");
    expect(await screen.findByRole("menuitem", { name: "File" })).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menuitem", { name: "File" })).toBeNull());
    await user.keyboard("{Alt>}x{/Alt}");
    expect(screen.queryByRole("menuitem", { name: "File" }), "Alt was held for another key").toBeNull();
    await user.keyboard("{Alt}");
    expect(await screen.findByRole("menuitem", { name: "Help" })).toBeTruthy();
  });
});

describe("Create Prompt", () => {
  it("keeps what was typed when the name is taken, and says so at the field", async () => {
    open("/prompts?dialog=create&project=project-sample");
    const name = await screen.findByRole("textbox", { name: "Name" });
    await user.type(name, "Ticket urgency");
    await user.click(screen.getByRole("button", { name: "Create Prompt" }));
    expect(await screen.findByText(/exists already/)).toBeTruthy();
    expect((name as HTMLInputElement).value).toBe("Ticket urgency");
    await user.type(name, " 2");
    await user.click(screen.getByRole("button", { name: "Create Prompt" }));
    expect(await screen.findByRole("heading", { name: "The prompt is open" })).toBeTruthy();
  });

  it("asks before it throws away what was typed", async () => {
    open("/prompts?dialog=create&project=project-sample");
    await user.type(await screen.findByRole("textbox", { name: "Name" }), "Half a thought");
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("button", { name: "Discard what I typed" })).toBeTruthy();
  });

  it("shows the way out when no project can be used", async () => {
    open("/prompts?dialog=create", "ineligible-only");
    expect(await screen.findByText("You have no project a prompt can use")).toBeTruthy();
    expect(screen.getByText(/which prompts cannot read yet/)).toBeTruthy();
    const dialog = screen.getByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: "Open the sample" }));
    expect(await screen.findByRole("heading", { name: "The prompt is open" })).toBeTruthy();
  });
});

describe("API Keys", () => {
  it("is there once beside the sidebar, and where a model is to be added", async () => {
    open("/prompts", "first-run");
    await screen.findByText("This is sample data");
    const buttons = screen.getAllByRole("button", { name: "API Keys" });
    expect(buttons.map((button) => button.closest("nav, main")?.tagName)).toEqual(["NAV", "MAIN"]);
    for (const button of [...buttons, screen.getByRole("button", { name: "Add a model…" })]) {
      await user.click(button);
      expect(await screen.findByRole("dialog", { name: "API Keys" })).toBeTruthy();
      await user.keyboard("{Escape}");
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    }
  });

  it("mends an endpoint in one click and tests at once", async () => {
    const fake = open("/prompts?dialog=keys", "first-run");
    await user.click((await screen.findAllByRole("button", { name: "Add Custom LLM" }))[0] as HTMLElement);
    await user.type(screen.getByRole("textbox", { name: /Name/ }), "gpt-oss");
    await user.type(screen.getByRole("textbox", { name: /Endpoint/ }), "http://127.0.0.1:8000");
    await user.click(screen.getByRole("button", { name: "Use http://127.0.0.1:8000/v1" }));
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    expect(await screen.findByText(/Works, answered in/)).toBeTruthy();
    expect(fake.world.connections.at(-1)?.endpoint).toBe("http://127.0.0.1:8000/v1");
  });

  it("offers to keep a key until the program ends where there is no keychain", async () => {
    const fake = open("/prompts?dialog=keys", "no-keychain");
    await user.click(await screen.findByRole("button", { name: "Add Custom LLM" }));
    await user.type(screen.getByRole("textbox", { name: /Name/ }), "gpt-oss");
    await user.type(screen.getByRole("textbox", { name: /Endpoint/ }), "http://127.0.0.1:8000/v1");
    await user.type(screen.getByLabelText(/^API key/), "sk-1");
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    expect(await screen.findByText(/nothing was stored/)).toBeTruthy();
    await user.click(screen.getByRole("checkbox", { name: "Keep this key only until I quit" }));
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    expect(await screen.findByText("Kept until you quit")).toBeTruthy();
    expect(fake.world.connections.at(-1)?.key_storage).toBe("until_quit");
  });

  it("asks for what the provider needs, says what is odd about the key, and then offers to replace it", async () => {
    const fake = open("/prompts?dialog=keys");
    await user.click(await screen.findByRole("button", { name: "Add OpenAI" }));
    await user.click(await screen.findByRole("button", { name: "Save and test" }));
    expect(await screen.findByText(/enter the API key/i)).toBeTruthy();
    await user.type(screen.getByLabelText("API key"), "sk-ant-1234567890{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("Anthropic");
    expect(document.activeElement, "the form had the focus").toBe(screen.getByRole("button", { name: /^OpenAI/ }));
    expect(await screen.findByText(/Works, answered in/)).toBeTruthy();
    expect(screen.getByText("The answer had the form", { exact: false })).toBeTruthy();
    expect(screen.getByRole("list", { name: "What the model can do" }).textContent).toContain("Schema: yes");
    await user.click(screen.getByRole("button", { name: /^OpenAI/ }));
    expect(screen.queryByRole("heading", { name: "Add OpenAI" }), "there is one connection already").toBeNull();
    await user.click(screen.getByRole("button", { name: "Replace key" }));
    await user.type(screen.getByLabelText("New API key"), "sk-proj-12345678{Enter}");
    expect(await screen.findByText(/5678/)).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(fake.world.connections.filter(({ provider }) => provider === "open_ai")).toHaveLength(1);
  });

  it("shows whose credentials were pasted, and none of them", async () => {
    open("/prompts?dialog=keys", "first-run");
    await user.click(await screen.findByRole("button", { name: "Add Vertex AI" }));
    const file = { client_email: "labeling@team.example", project_id: "team-4711", private_key: "not a key" };
    await user.click(await screen.findByRole("textbox", { name: "JSON credentials" }));
    await user.paste(JSON.stringify(file));
    expect(await screen.findByText(/Credentials entered/)).toBeTruthy();
    expect(document.body.innerHTML).not.toContain("not a key");
    await user.type(screen.getByRole("textbox", { name: /Location/ }), "europe-west4{Enter}");
    expect(await screen.findByText(/labeling@team.example/)).toBeTruthy();
    expect(screen.getByText("team-4711")).toBeTruthy();
    expect(screen.getByText("europe-west4")).toBeTruthy();
  });

  it("tests the chosen model, and offers one that is added by its id", async () => {
    const fake = open("/prompts?dialog=keys", "providers");
    await user.click(await screen.findByRole("combobox", { name: "Model to test" }));
    await user.click(await screen.findByRole("option", { name: "gpt-6.1-sol" }));
    await user.click(screen.getByRole("button", { name: "Test" }));
    expect(await screen.findByText(/gpt-6.1-sol, tested/)).toBeTruthy();
    await user.type(screen.getByRole("textbox", { name: "Add a model by its id" }), "gpt-7-preview{Enter}");
    const row = await screen.findByRole("row", { name: /gpt-7-preview/ });
    expect(row.textContent).toContain("price unknown");
    await user.click(within(row).getByRole("button", { name: "Remove gpt-7-preview" }));
    await waitFor(() => expect(screen.queryByRole("row", { name: /gpt-7-preview/ })).toBeNull());
    expect(fake.world.connections[0]?.models.some(({ id }) => id === "gpt-7-preview")).toBe(false);
  });

  it("goes from provider to provider with the arrow keys, and sends only what was changed", async () => {
    const fake = open("/prompts?dialog=keys", "providers");
    (await screen.findByRole("button", { name: /^OpenAI/ })).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{Enter}");
    const base = await screen.findByRole("textbox", { name: /Base URL/ });
    const sent = vi.spyOn(fake.commands, "editConnection");
    await user.clear(base);
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    await waitFor(() => expect(fake.world.connections[1]?.base_url).toBeNull());
    expect(sent.mock.calls[0]?.[1]).toMatchObject({ base_url: "", name: null, api_key: null });
  });

  it("takes a dropped credentials file by its path, gives it back, and says what is wrong with it", async () => {
    const fake = open("/prompts?dialog=keys", "first-run");
    const sent = vi.spyOn(fake.commands, "addConnection");
    const drop = (...paths: string[]) => fake.send.fileDrop({ kind: "dropped", paths });
    await user.click(await screen.findByRole("button", { name: "Add Vertex AI" }));
    await user.type(await screen.findByRole("textbox", { name: /Project ID/ }), "team-4711");
    fake.send.fileDrop({ kind: "over" });
    expect(await screen.findByText("Drop the key file here")).toBeTruthy();
    expect(screen.queryByText(/to import them/), "it is not for the import").toBeNull();
    fake.send.fileDrop({ kind: "left" });
    await waitFor(() => expect(screen.queryByText("Drop the key file here")).toBeNull());
    drop("/home/ann/a.json", "/home/ann/b.json");
    await screen.findAllByText(/Drop one file/);

    drop("C:\\Users\\ann\\film.mov");
    expect(await screen.findByText("film.mov, dropped")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    expect(await screen.findByText(/film\.mov” is larger than/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Enter others" }));
    expect(document.activeElement).toBe(await screen.findByRole("textbox", { name: "JSON credentials" }));
    drop("/home/ann/key.json");
    expect(await screen.findByText("key.json, dropped")).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: /Project ID/ }).value).toBe("team-4711");
    await user.click(screen.getByRole("button", { name: "Save and test" }));
    expect(await screen.findByText(/labeling@team.example/)).toBeTruthy();
    expect(sent.mock.lastCall?.[0]).toMatchObject({ credentials: null, credentials_path: "/home/ann/key.json" });

    await user.click(screen.getByRole("button", { name: "Replace credentials" }));
    const replaced = vi.spyOn(fake.commands, "editConnection");
    drop("/home/ann/next.json");
    await screen.findByText("next.json, dropped");
    await user.click(screen.getByRole("button", { name: "Save credentials" }));
    await screen.findByRole("button", { name: "Replace credentials" });
    expect(replaced.mock.lastCall?.[1]).toMatchObject({ credentials: null, credentials_path: "/home/ann/next.json" });
  });

  it("keeps a half filled form when a file is dropped over it that it has no field for", async () => {
    const fake = open("/prompts?dialog=keys", "first-run");
    await user.click((await screen.findAllByRole("button", { name: "Add Custom LLM" }))[0] as HTMLElement);
    await user.type(await screen.findByRole("textbox", { name: /Name/ }), "gpt-oss");
    fake.send.fileDrop({ kind: "dropped", paths: ["/home/ann/key.json"] });
    await screen.findAllByText(/field for JSON credentials takes a file/);
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: /Name/ }).value).toBe("gpt-oss");
  });

  it("removes a key only after a yes", async () => {
    const fake = open("/prompts?dialog=keys");
    await user.click(await screen.findByRole("button", { name: /meta-llama/ }));
    await user.click(await screen.findByRole("button", { name: "Remove key" }));
    const question = await screen.findByRole("alertdialog");
    await user.click(within(question).getByRole("button", { name: "Remove key" }));
    await waitFor(() => expect(fake.world.connections[2]?.has_api_key).toBe(false));
    expect(fake.world.connections[2]?.has_auth_token, "the other secret stays").toBe(true);
    await user.click(screen.getByRole("button", { name: "Remove connection" }));
    const last = await screen.findByRole("alertdialog");
    await user.click(within(last).getByRole("button", { name: "Remove connection" }));
    await waitFor(() => expect(screen.queryByRole("heading", { name: /meta-llama/ })).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: /^qwen3/ })));
  });
});

describe("Import project", () => {
  it("takes dropped files, says what stands in the way, and imports nothing until it is gone", async () => {
    const fake = open("/projects");
    await screen.findByRole("link", { name: "Answer pairs" });
    fake.send.fileDrop({ kind: "dropped", paths: ["/tmp/reviews.json"] });
    expect(await screen.findByText(/Add the labeling config/)).toBeTruthy();
    const dialog = screen.getByRole("dialog");
    expect(within(dialog).getByRole("button", { name: "Import project" }).getAttribute("aria-disabled")).toBe("true");
  });

  it("reports each item that was refused by its number", async () => {
    open("/projects?dialog=import");
    await user.click(await screen.findByRole("button", { name: "Choose files" }));
    const dialog = await screen.findByRole("dialog");
    const name = await within(dialog).findByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Reviews of autumn");
    await user.click(within(dialog).getByRole("button", { name: "Import project" }));
    expect(await screen.findByText("Items that were not taken as they were")).toBeTruthy();
    expect(screen.getByRole("cell", { name: "1,311" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Open project" }));
    expect(await screen.findByRole("heading", { name: "Reviews of autumn" })).toBeTruthy();
  });

  it("says in the address whether a template is being chosen", async () => {
    open("/projects?dialog=templates");
    const picker = await screen.findByRole("dialog", { name: "Start from a template" });
    await user.click(within(picker).getByRole("button", { name: "Back" }));
    await user.click(await screen.findByRole("button", { name: "Start from a template" }));
    expect(window.location.hash).toContain("dialog=templates");
    await user.keyboard("{Escape}");
    await screen.findByRole("dialog", { name: "Import project" });
    await waitFor(() => expect(window.location.hash).toContain("dialog=import"));
  });

  it("keeps nothing of a canceled import", async () => {
    const fake = open("/projects?dialog=import");
    await user.click(await screen.findByRole("button", { name: "Choose files" }));
    const dialog = await screen.findByRole("dialog");
    await within(dialog).findByRole("textbox", { name: "Name" });
    await user.click(within(dialog).getByRole("button", { name: "Import project" }));
    await user.click(await screen.findByRole("button", { name: "Cancel import" }));
    expect(await screen.findByText(/nothing was kept/)).toBeTruthy();
    expect(fake.world.projects).toHaveLength(6);
  });
});

describe("the window", () => {
  it("goes back to the screen before, whatever dialogs were open on this one", async () => {
    open("/prompts");
    await user.click(await screen.findByRole("link", { name: "Projects" }));
    await waitFor(() => expect(window.location.hash).toBe("#/projects"));
    for (const [keys, name] of [
      ["{F1}", "Ten minutes with Touchstone"],
      ["{Control>},{/Control}", "Settings"],
    ] as const) {
      await user.keyboard(keys);
      await screen.findByRole("dialog", { name });
      await user.keyboard("{Escape}");
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    }
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    await waitFor(() => expect(window.location.hash).toBe("#/prompts"));
    await user.keyboard("{Alt>}{ArrowRight}{/Alt}");
    await waitFor(() => expect(window.location.hash).toBe("#/projects"));
  });

  it("opens a dialog by its keys, and under it the keys of the page rest", async () => {
    open("/prompts");
    await screen.findByRole("link", { name: "Ticket urgency" });
    await user.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    expect(await screen.findByRole("dialog", { name: "API Keys" })).toBeTruthy();
    await user.keyboard("{Control>}n{/Control}");
    expect(screen.queryByRole("dialog", { name: "Create Prompt" })).toBeNull();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.keyboard("{Control>}n{/Control}");
    expect(await screen.findByRole("dialog", { name: "Create Prompt" })).toBeTruthy();
  });

  it("creates a prompt for the project that is open, if prompts can use it", async () => {
    const { world } = open("/projects/project-sample");
    const other = world.projects.find(({ summary }) => summary.id === "project-pairs");
    if (other !== undefined) other.summary = { ...other.summary, ineligible: "Uses Video." };
    await screen.findByRole("heading", { name: "Support tickets (sample)" });
    await user.keyboard("{Control>}n{/Control}");
    const dialog = await screen.findByRole("dialog", { name: "Create Prompt" });
    const target = await within(dialog).findByRole<HTMLInputElement>("combobox", { name: /^Target project/ });
    await waitFor(() => expect(target.value).toBe("Support tickets (sample)"));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.click(within(screen.getByRole("navigation", { name: "Main" })).getByRole("link", { name: "Projects" }));
    await user.click(await screen.findByRole("link", { name: "Answer pairs" }));
    await screen.findByText("Prompts cannot use this project");
    await user.keyboard("{Control>}n{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /^Name/ }), "Scenes");
    const create = within(screen.getByRole("dialog")).getByRole("button", { name: "Create Prompt" });
    await waitFor(() => expect(create.getAttribute("aria-disabled")).toBe("true"));
  });

  it("wears the chosen theme and saves the choice", async () => {
    const fake = open("/prompts", "lived", { theme: "light" });
    await user.click(await screen.findByRole("button", { name: "Theme: Light" }));
    await user.click(await screen.findByRole("menuitemradio", { name: "Dark" }));
    await waitFor(() => expect(document.documentElement.dataset.colorScheme).toBe("dark"));
    const saved = await fake.commands.preferences();
    expect(saved).toMatchObject({ status: "ok", data: { theme: "dark" } });
  });

  it("has a title for each screen", async () => {
    open("/projects/project-sample");
    await waitFor(() => expect(document.title).toBe("Support tickets (sample) - Touchstone"));
  });

  it("leads on from a project that is not there", async () => {
    open("/projects/project-gone");
    await screen.findByRole("heading", { name: "This project does not exist" });
    await user.click(screen.getByText("Go to Projects"));
    expect(await screen.findByRole("heading", { name: "Projects" })).toBeTruthy();
  });

  it("says when an address names nothing", async () => {
    open("/nowhere");
    expect(await screen.findByRole("heading", { name: "This screen does not exist" })).toBeTruthy();
  });
});

describe("Labeling", () => {
  const refused = (message: string) => async () =>
    ({ status: "error", error: { code: "internal", message, field: null } }) as const;
  const named = (name: string) => screen.findByRole("button", { name });

  it("says why a deleted annotation was not brought back", async () => {
    const fake = open("/projects/project-sample/label?task=2");
    await user.click(await screen.findByRole("button", { name: /^Delete the annotation of/ }));
    fake.commands.restoreAnnotation = refused("the disk is full");
    const told = await screen.findByRole("dialog", { name: "The annotation is deleted" });
    await user.click(within(told).getByRole("button", { name: "Undo" }));
    expect(await screen.findAllByText("The annotation was not brought back")).not.toHaveLength(0);
  });

  it("says of a task that cannot be read that, and not that there is none", async () => {
    const fake = open("/projects/project-sample/label?task=2");
    const next = await named("Next task");
    fake.commands.taskRows = refused("the disk is gone");
    await user.click(next);
    expect(await screen.findAllByText("The next task could not be read")).not.toHaveLength(0);
    expect(screen.queryByText("That was the last task")).toBeNull();
  });

  it("leaves an annotation alone that was taken while another is deleted", async () => {
    const fake = open("/projects/project-sample/label?task=2");
    const { deleteAnnotation } = fake.commands;
    let goOn = () => {};
    fake.commands.deleteAnnotation = async (id) => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return deleteAnnotation(id);
    };
    await named("New");
    await fake.commands.saveAnnotation(2, { id: null, result: [], ground_truth: false });
    const deleters = () => screen.getAllByRole("button", { name: /^Delete the annotation of/ });
    await waitFor(() => expect(deleters()).toHaveLength(2));
    await user.click(deleters()[0] as HTMLElement);
    await user.click(await named("New"));
    await screen.findByText("A new annotation");
    goOn();
    await screen.findAllByText("The annotation is deleted");
    expect(screen.getByText("A new annotation")).toBeTruthy();
  });
});
