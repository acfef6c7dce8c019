// What the journeys import: short news of a town, with ground truth on all of them.

const SUBJECTS = {
  Weather: ["Heavy rain is expected", "A storm passed", "Fog covered the valley", "The first snow fell"],
  Sport: ["The home team won the match", "A new record was run", "The coach resigned", "The league begins"],
  Music: ["The choir sang", "A new organ was played", "The festival opened", "The band recorded a song"],
};

export const CONFIG = `<View>
  <Header value="What is this about?"/>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single">
    <Choice value="Weather"/><Choice value="Sport"/><Choice value="Music"/>
  </Choices>
</View>`;

/** `count` tasks in the form of a Label Studio export. Every fifth text names its topic at its end, so that the model
 *  server, which believes the last topic that it reads, is right about it; the others name none. */
export function news(count) {
  const topics = Object.keys(SUBJECTS);
  return JSON.stringify(
    Array.from({ length: count }, (_, index) => {
      const topic = topics[index % topics.length];
      const lines = SUBJECTS[topic];
      const named = index % 5 === 0 ? `. More in ${topic}` : "";
      return {
        id: index + 1,
        data: { text: `${lines[index % lines.length]} on day ${index + 1}${named}.` },
        annotations: [
          {
            ground_truth: true,
            result: [
              { id: `r${index}`, from_name: "topic", to_name: "text", type: "choices", value: { choices: [topic] } },
            ],
          },
        ],
      };
    }),
  );
}

/** Imports `count` news as the project `name`, from the files that the program was opened with. */
export async function importNews(desk, name) {
  await desk.find("dialog", "Import project");
  await desk.fill("textbox", "Name", name);
  await desk.click("button", "Import project");
  await desk.sees(`“${name}” is imported`);
}

/** Adds a Custom LLM connection in the API Keys window and waits for its test to say that it works. */
export async function addConnection(desk, { name, endpoint, apiKey }) {
  await desk.browser.keys(["Control", "Shift", "m"]);
  await desk.find("dialog", "API Keys");
  await desk.click("button", "Add Custom LLM", { within: desk.find("navigation", "Connections") });
  await desk.fill("textbox", "Name", name);
  await desk.fill("textbox", "Endpoint", endpoint);
  if (apiKey !== undefined) {
    const key = await desk.labelled("API key");
    await key.click();
    await key.addValue(apiKey);
  }
  await desk.click("button", "Save and test");
  await desk.sees(/Works, answered in/);
}

/** Creates a prompt at a project and opens it. */
export async function createPrompt(desk, { name, project }) {
  await desk.browser.keys(["Control", "n"]);
  await desk.find("dialog", "Create Prompt");
  await desk.fill("textbox", "Name", name);
  await desk.fill("combobox", "Target project", project);
  await desk.click("option", new RegExp(`^${project}`));
  await desk.click("tab", "Interface");
  await desk.sees("What is this about?");
}

/** Chooses the base model and writes the user message, ending with the variable of the text. */
export async function draft(desk, { model, message }) {
  await desk.click("combobox", "Base model");
  await desk.click("option", new RegExp(`^${model}`));
  const user = await desk.click("textbox", "User message");
  await user.addValue(message);
  await desk.click("button", /^Insert \{text\}/);
}

/** Waits until the draft is kept. A narrow window has no room for the words; they are in the page all the same. */
export async function draftIsKept(desk) {
  const mark = await desk.find("status", "Draft");
  await desk.until("the draft to be kept", async () =>
    (await desk.browser.execute((element) => element.textContent, await mark)).includes("Draft kept"),
  );
}

/** Opens the program on `count` news and drafts “News by topic”, which asks the model server about them in these words. */
export async function draftOnNews(desk, { count, model, endpoint, message }) {
  await desk.open([desk.file("config.xml", CONFIG), desk.file("news.json", news(count))]);
  await importNews(desk, "Town news");
  await desk.click("button", "Open project");
  await addConnection(desk, { name: model, endpoint });
  await desk.closeDialog();
  await createPrompt(desk, { name: "News by topic", project: "Town news" });
  await desk.click("button", "Create Prompt");
  await draft(desk, { model, message });
  await draftIsKept(desk);
}
