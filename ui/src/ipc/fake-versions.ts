/** Versions of the scripted world, their labels and their code. */
import { Refused } from "./fake-refused";
import { versionCode } from "./fake-snippets";
import type { FakeState } from "./fake-state";
import { NOW, type Prompt, type Version } from "./fake-world";

export function versionCommands({
  world,
  send,
  nextId,
  prompt,
  ofVersion,
  versionSummary,
  labelsOf,
  draftOf,
  checkName,
}: FakeState) {
  function moveLabel(owner: Prompt, name: string, to: Version | null): void {
    const from = labelsOf(owner).find((label) => label.name === name)?.number ?? null;
    const { [name]: _, ...others } = owner.labels ?? {};
    owner.labels = to === null ? others : { ...others, [name]: to.id };
    const made = { name, from, to: to?.number ?? null, author: "ann", moved_at: NOW.toISOString() };
    owner.moves = [made, ...(owner.moves ?? [])];
    send.changed({ kind: "prompt", prompt_id: owner.id });
  }
  return {
    saveVersion: (promptId: string, message: string) => {
      const owner = prompt(promptId);
      const latest = owner.versions[0];
      owner.basedOn = undefined;
      if (latest !== undefined && !draftOf(owner).changed)
        return { version: versionSummary(owner, latest), unchanged: true };
      const number = (latest?.number ?? 0) + 1;
      const made: Version = {
        id: nextId("version"),
        number,
        hash: `${"c0ffee12ab34".repeat(5)}${String(number).padStart(4, "0")}`,
        message: message.trim() === "" ? `Version ${number}` : message.trim(),
        createdAt: NOW.toISOString(),
        content: owner.draft,
      };
      owner.versions.unshift(made);
      send.changed({ kind: "prompt", prompt_id: promptId });
      return { version: versionSummary(owner, made), unchanged: false };
    },
    listVersions: (promptId: string, search: string, offset: number, limit: number) => {
      const owner = prompt(promptId);
      const wanted = search.toLowerCase();
      // What is not searched is not read: the measurements look at the page, and not at this.
      const found =
        wanted === ""
          ? owner.versions
          : owner.versions.filter(({ message, content }) =>
              (message + JSON.stringify(content)).toLowerCase().includes(wanted),
            );
      const rows = found.slice(offset, offset + limit).map((version) => versionSummary(owner, version));
      return { total: found.length, rows };
    },
    moveLabel: (versionId: string, name: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      moveLabel(owner, name, version);
      return null;
    },
    removeLabel: (versionId: string, name: string) => {
      moveLabel(ofVersion(versionId).prompt, name, null);
      return null;
    },
    listLabelMoves: (promptId: string) => prompt(promptId).moves ?? [],
    duplicateVersion: (versionId: string, name: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      const id = nextId("prompt");
      const first = { ...version, id: nextId("version"), number: 1 };
      const copy = { ...owner, id, name: checkName(name, null), isSample: false, labels: {}, moves: [], runs: [] };
      world.prompts.unshift({ ...copy, draft: version.content, versions: [first] });
      send.changed({ kind: "prompts" });
      return id;
    },
    getVersion: (versionId: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      return { summary: versionSummary(owner, version), content: version.content };
    },
    versionCode: (versionId: string, _: number | null) => {
      const { prompt: owner, version } = ofVersion(versionId);
      if (version.content.provider === "practice") {
        throw new Refused(
          "invalid",
          "the practice model is part of Touchstone and no server, so there is no code that would ask it; choose another model",
        );
      }
      return versionCode(version.number, owner.name, version.content);
    },
    restoreVersion: (versionId: string) => {
      const { prompt: owner, version } = ofVersion(versionId);
      owner.draft = version.content;
      owner.basedOn = version.number;
      send.changed({ kind: "prompt", prompt_id: owner.id });
      return draftOf(owner);
    },
  };
}
