// A table whose columns are named after another fashion: they are mapped, a bad row is told with its line, and what is
// exported is there again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";
import { CONFIG } from "./news.mjs";

const TABLE = 'Nr;Article\n007;"Heavy rain; then fog"\n8;The choir sang\n9;one;cell too many\n10;The choir sang\n';

test("a table with other names is imported by mapping its columns", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  await desk.open([desk.file("config.xml", CONFIG), desk.file("articles.csv", TABLE)]);
  const dialog = desk.find("dialog", "Import project");
  await desk.sees("Which column is which");
  await desk.picture("import-columns");
  if (/Choose a column/.test(await desk.text())) {
    await desk.click("combobox", "Column for text", { within: dialog });
    await desk.click("option", /Article/);
  }
  await desk.sees("Heavy rain; then fog");
  await desk.fill("textbox", "Name", "Articles");
  await desk.click("button", "Import project", { within: dialog });
  await desk.sees("“Articles” is imported");
  await desk.sees(/3 cells, but there are 2 headings/);
  const report = await desk.text();
  assert.match(report, /Refused/);
  assert.match(report, /Duplicate/);
  await desk.picture("import-columns-report");
  await desk.click("button", "Open project");
  await desk.sees("3 tasks");
  await desk.sees("Heavy rain; then fog");
  await desk.picture("import-columns-project");
});
