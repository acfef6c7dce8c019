import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Fake, type Scene } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { ConnectionsDialog } from "./ConnectionsDialog";

function opened(scene: Scene | Fake) {
  connect(typeof scene === "string" ? createFake(scene) : scene);
  const client = createQueryClient();
  followEvents(client);
  render(
    <QueryClientProvider client={client}>
      <ConnectionsDialog onClose={() => {}} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const row = (name: string | RegExp) =>
  within(screen.getByRole("navigation", { name: "Connections" })).getByRole("button", { name });

it("goes on in the list when what was pressed goes with its panel", async () => {
  const user = opened("first-run");
  await user.click(await screen.findByRole("button", { name: "Find local models" }));
  await screen.findByRole("heading", { name: "Models on this computer" });
  expect(document.activeElement).toBe(row(/^Find local models/));
});

it("goes on in the list at the connection that is shown", async () => {
  const user = opened("lived");
  await user.click(await screen.findByRole("button", { name: /^Find local models/ }));
  await user.click(await screen.findByRole("button", { name: "Show qwen3:8b" }));
  await waitFor(() => expect(document.activeElement).toBe(row(/^qwen3:8b/)));
});

it("says what would be kept until the end of the program, before it is sent", async () => {
  const user = opened("no-keychain");
  await user.click(await screen.findByRole("button", { name: "Add Vertex AI" }));
  await user.click(await screen.findByRole("textbox", { name: "JSON credentials" }));
  await user.paste('{"client_email": "labeling@team.example"}');
  expect(await screen.findByRole("checkbox", { name: "Keep these credentials only until I quit" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Advanced" }));
  await user.click(screen.getByRole("button", { name: "Add a header" }));
  await user.type(screen.getByLabelText("Value of header 1"), "blue");
  expect(screen.getByRole("checkbox", { name: "Keep these values only until I quit" })).toBeTruthy();
});

it("warns of another vendor's key while it is entered, and after it was saved until that is read", async () => {
  const user = opened("lived");
  const key = () => screen.getByLabelText(/API key/, { selector: "input" });
  const words = "This looks like a key of Anthropic, and the connection is for OpenAI.";
  await user.click(await screen.findByRole("button", { name: "Add OpenAI" }));
  await user.type(key(), "sk-ant-1234567890");
  expect(screen.getByText(words)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Advanced" }));
  await user.type(screen.getByLabelText(/Base URL/), "https://gateway.example.com");
  expect(screen.queryByText(words), "a gateway gives out keys of any shape").toBeNull();
  await user.clear(screen.getByLabelText(/Base URL/));
  await user.click(screen.getByRole("button", { name: "Save and test" }));

  const banner = () => screen.queryByText(/^This looks like a key of Anthropic.+It is saved as you entered it\.$/);
  await screen.findByText(/^Works, answered in/);
  expect(banner()).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Advanced" }));
  await user.type(screen.getByLabelText(/Requests at once/), "4");
  await user.click(screen.getByRole("button", { name: "Save and test" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Save and test" })).toBeNull());
  expect(banner(), "the key is still the same").toBeTruthy();
  await user.click(row("Add Gemini"));
  await user.type(key(), "AIza1234567890");
  await user.click(screen.getByRole("button", { name: "Save and test" }));
  await screen.findByRole("heading", { name: "Gemini" });
  expect(banner()).toBeNull();
  await user.click(row(/^OpenAI/));
  expect(banner(), "it was not read yet").toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(banner()).toBeNull();

  await user.click(screen.getByRole("button", { name: "Replace key" }));
  await user.click(key());
  await user.paste("ANTHROPIC_API_KEY=“sk-ant-0987654321”,");
  expect(screen.getByText(words)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(banner()).toBeTruthy());
  await user.click(screen.getByRole("button", { name: "Replace key" }));
  await user.type(key(), "sk-proj-1234567890");
  await user.click(screen.getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(banner()).toBeNull());
});

it("marks all that is missing at once, and each only for as long as it is", async () => {
  const user = opened("lived");
  await user.click(await screen.findByRole("button", { name: "Add Custom LLM" }));
  await user.click(screen.getByRole("button", { name: "Save and test" }));
  const field = (name: string) => screen.getByLabelText(name, { selector: "input" });
  expect(screen.getByText("Enter the name, for example qwen3:8b.")).toBeTruthy();
  expect(screen.getByText("Enter the endpoint, for example http://127.0.0.1:11434/v1.")).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(field("Name")));
  await user.click(screen.getByRole("button", { name: "Ollama" }));
  expect(screen.queryByText(/^Enter the endpoint/)).toBeNull();
  expect(screen.getByText(/^Enter the name/)).toBeTruthy();

  await user.type(field("Name"), "qwen3:8b");
  await user.click(screen.getByRole("button", { name: "Save and test" }));
  await screen.findByText('A connection named "qwen3:8b" exists already.');
  await user.type(field("Name"), "-2");
  expect(screen.queryByText(/exists already/)).toBeNull();
  expect(screen.queryByRole("alert"), "nor is it told elsewhere").toBeNull();
});

it("lets a custom model be named by its id", async () => {
  const user = opened("lived");
  await user.click(await screen.findByRole("button", { name: "Add Custom LLM" }));
  await user.click(screen.getByRole("button", { name: "vLLM" }));
  await user.click(screen.getByRole("button", { name: "Advanced" }));
  await user.type(screen.getByLabelText(/^Model/, { selector: "input" }), "mistral-large");
  await user.click(screen.getByRole("button", { name: "Save and test" }));
  expect(await screen.findByRole("heading", { name: "mistral-large" })).toBeTruthy();
});

it("brings what came out of a save into sight, and leaves the focus", async () => {
  const shown: string[] = [];
  const scrollIntoView = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
    shown.push(this.textContent ?? "");
  });
  const told = () => shown.filter((words) => /^(Works|Does not work)/.test(words)).length;
  const user = opened("providers");
  await user.click(await screen.findByRole("button", { name: /^mini-us/ }));
  const name = await screen.findByLabelText(/^Requests at once/);
  await user.type(name, "{Backspace}8{Enter}");
  await screen.findByText(/^Works, answered in/);
  await waitFor(() => expect(told()).toBe(1));
  expect(document.activeElement).toBe(name);
  expect(screen.getByText("Works: mini-us answered in 0.4 s, in the form that was asked for.").role).toBe("status");
  await user.click(screen.getByRole("button", { name: "Test" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Test" })).toBeTruthy());
  expect(told(), "beside the button it is seen anyway").toBe(1);
  scrollIntoView.mockRestore();
});

it("takes the deployment out of the target URI of Azure", async () => {
  const user = opened("lived");
  await user.click(await screen.findByRole("button", { name: "Add Azure OpenAI" }));
  const deployment = screen.getByLabelText("Deployment", { selector: "input" }) as HTMLInputElement;
  const endpoint = screen.getByLabelText("Endpoint", { selector: "input" });
  const uri = "https://res.openai.azure.com/openai/deployments/gpt6/chat/completions?api-version=2025-01-01-preview";
  await user.click(endpoint);
  await user.paste(uri);
  expect(deployment.value, "not before the field is left").toBe("");
  expect(screen.getByText(uri), "where it will be asked").toBeTruthy();
  await user.tab();
  expect(deployment.value).toBe("gpt6");
  await user.clear(deployment);
  await user.type(deployment, "mine");
  await user.click(endpoint);
  await user.tab();
  expect(deployment.value, "what was entered stays").toBe("mine");
  await user.clear(deployment);
  await user.type(screen.getByLabelText("API key", { selector: "input" }), "0123456789abcdef{Enter}");
  expect(await screen.findByRole("heading", { name: "gpt6" })).toBeTruthy();
});

it("asks which models a key may use as soon as it works, and never without one", async () => {
  const fake = createFake("lived");
  const asked = { tests: 0, lists: 0 };
  const { testConnection, refreshModels } = fake.commands;
  fake.commands.testConnection = (...args) => {
    asked.tests++;
    return testConnection(...args);
  };
  fake.commands.refreshModels = (...args) => {
    asked.lists++;
    return refreshModels(...args);
  };
  const user = opened(fake);
  await user.click(await screen.findByRole("button", { name: "Add OpenAI" }));
  await user.type(screen.getByLabelText(/API key/, { selector: "input" }), "sk-1234567890ab{Enter}");
  expect(await screen.findByText(/, one of 5 models$/)).toBeTruthy();
  expect(asked).toEqual({ tests: 1, lists: 1 });
  await user.click(screen.getByRole("button", { name: "Test" }));
  await waitFor(() => expect(asked.tests).toBe(2));
  expect(asked.lists, "it is asked once").toBe(1);
  await user.click(screen.getByRole("button", { name: "Remove key" }));
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Remove key" }));
  expect(await screen.findByText("A key must be added")).toBeTruthy();
  expect(row(/^OpenAI Has no key/)).toBeTruthy();
  expect(asked.tests, "what has no key is not tested").toBe(2);
});

it("asks nobody but this computer while Offline is on, and says so", async () => {
  const fake = createFake("providers");
  const now = await fake.commands.settings();
  if (now.status === "ok") await fake.commands.setSettings({ ...now.data, offline: true });
  const testConnection = vi.spyOn(fake.commands, "testConnection");
  const user = opened(fake);
  const test = () => screen.getByRole("button", { name: "Test" });
  await screen.findByText("Offline is on");
  expect(row(/^OpenAI/).textContent).toContain("Offline");
  await user.click(test());
  await user.click(row("Add Gemini"));
  await user.type(screen.getByLabelText(/API key/, { selector: "input" }), "AIza1234567890");
  await user.click(screen.getByRole("button", { name: "Save and test" }));
  await screen.findByRole("heading", { name: "Gemini" });
  expect(testConnection, "a key is saved and not tried").not.toHaveBeenCalled();

  await user.click(row(/^qwen3:8b/));
  expect(screen.queryByText("Offline is on")).toBeNull();
  await user.click(test());
  expect(testConnection).toHaveBeenCalledTimes(1);
});
