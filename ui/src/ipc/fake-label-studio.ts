/** Label Studio servers of the scripted world: what they have, what changed there, and what is given back to them. */
import type {
  ImportReport,
  LabelStudioServer,
  NewServer,
  ProjectLink,
  PullOptions,
  PullPlan,
  PullReport,
  Push,
  PushOptions,
  PushPlan,
  PushReport,
  ServerProject,
  ServerProjectPage,
  ServerReport,
} from "./bindings";
import { Refused } from "./fake-refused";
import type { FakeState } from "./fake-state";
import { ago, chance, type LabelStudio, NOW, type Project } from "./fake-world";
import { arabicReviews, contracts } from "./fake-world-projects";

const DAY = 60 * 24;

/** As the server that most tests are about calls itself. */
const TEAM = "server-team";
const RESEARCH = "server-research";

const NONE = { predictions: 0, reason: "" };

export function noServers(): LabelStudio {
  return { servers: [], projects: {}, pushes: [], gone: null, refused: NONE, otherData: 0, changes: {} };
}

const CONTRACTS_TITLE = "Framework agreements 2019-2026";

/** Where the project of contracts came from. */
export function linkedContracts(): ProjectLink {
  return {
    server_id: TEAM,
    server_name: "Annotation team",
    remote_id: 12,
    title: CONTRACTS_TITLE,
    url: "https://label.team.example/projects/12/data",
    pulled_at: ago(122),
  };
}

/** One of the community edition, from which a project came, and one of an enterprise with many more. */
export function twoServers(): LabelStudio {
  return {
    servers: [
      {
        id: TEAM,
        name: "Annotation team",
        address: "https://label.team.example",
        key_storage: "keychain",
        version: "1.23.2",
        edition: "community",
        user: "ann@team.example",
        role: null,
        proxy: null,
        custom_ca: null,
        checked_at: ago(26 * 60),
      },
      {
        id: RESEARCH,
        name: "Research, shared with the universities of the consortium",
        address: "https://label-studio.research.intern.example:8443/label",
        key_storage: "until_quit",
        version: "2.36.0",
        edition: "enterprise",
        user: "Ann Verhoeven",
        role: "Manager",
        proxy: "http://proxy.example.com:3128",
        custom_ca: null,
        checked_at: ago(4),
      },
    ],
    projects: { [TEAM]: fewProjects(), [RESEARCH]: manyProjects() },
    pushes: [
      push({
        id: 7,
        state: "waiting",
        reason: "nothing listens at label.team.example:443; it goes on once the server is back",
        written: 1_204,
        unchanged: 300,
        created_at: ago(95),
      }),
      push({
        id: 5,
        run_id: "run-contracts-1",
        version: 3,
        state: "failed",
        reason: "the project “Framework agreements 2019-2026” is no longer there",
        failed: 310,
        created_at: ago(DAY),
        finished_at: ago(DAY - 2),
      }),
      push({
        id: 4,
        run_id: "run-contracts-0",
        version: 2,
        state: "done",
        written: 310,
        created_at: ago(2 * DAY),
        finished_at: ago(2 * DAY),
      }),
    ],
    gone: null,
    otherData: 0,
    refused: NONE,
    changes: {
      "project-contracts": {
        is_new: false,
        title: CONTRACTS_TITLE,
        tasks: 12_620,
        changed: 48,
        new: 160,
        gone: 20,
        kept: 0,
        edited_here: 7,
        config: {
          before: contracts().xml,
          after: contracts()
            .xml.replace('<Label value="Penalty"/>', '<Label value="Penalty"/>\n    <Label value="Bonus"/>')
            .replace('placeholder="Anything unusual?"', 'placeholder="What would you ask a colleague?"'),
          faults: [],
          ineligible: null,
        },
      },
    },
  };
}

function push(part: Partial<Push> & Pick<Push, "id" | "state">): Push {
  return {
    run_id: "run-contracts-2",
    prompt_name: "Find parties, dates, notice periods and every obligation that survives termination",
    version: 4,
    server_name: "Annotation team",
    title: CONTRACTS_TITLE,
    written: 0,
    unchanged: 0,
    failed: 0,
    reason: null,
    created_at: ago(0),
    finished_at: null,
    ...part,
  };
}

type Offered = Omit<ServerProject, "project_id">;

function offered(part: Partial<Offered> & Pick<Offered, "id" | "title">): Offered {
  return {
    description: "",
    tasks: 0,
    annotations: 0,
    ground_truths: 0,
    updated_at: ago(DAY),
    workspace: null,
    ineligible: null,
    warning: null,
    ...part,
  };
}

function fewProjects(): Offered[] {
  return [
    offered({
      id: 31,
      title: "Product reviews, third quarter",
      description: "Sentiment and stars, by two annotators each",
      tasks: 1_850,
      annotations: 240,
      ground_truths: 120,
      updated_at: ago(38),
    }),
    offered({
      id: 12,
      title: CONTRACTS_TITLE,
      description: "Second review round",
      tasks: 12_620,
      annotations: 703,
      ground_truths: 310,
      updated_at: ago(51),
    }),
    offered({
      id: 28,
      title: "Support tickets by topic",
      tasks: 24_318,
      annotations: 9_120,
      ground_truths: null,
      updated_at: ago(6 * 60),
      warning:
        "an ML backend is connected: its predictions stand beside those of prompts there, and annotators may have followed them, which makes an accuracy look better than it is",
    }),
    offered({
      id: 19,
      title: "Street scenes",
      tasks: 84,
      annotations: 84,
      updated_at: ago(9 * DAY),
      ineligible: "Uses Video, which prompts cannot read yet.",
    }),
    offered({
      id: 17,
      title: "Salaries (HR only)",
      updated_at: null,
      ineligible: "you have no access to this project; ask for it to be shared with you",
    }),
    offered({ id: 9, title: "مراجعات المنتجات", description: "نص", tasks: 640, annotations: 12, ground_truths: 12 }),
  ];
}

function manyProjects(): Offered[] {
  const topics = ["Pathology reports", "Court rulings", "Parliament speeches", "Field notes", "Interview transcripts"];
  const sandbox = offered({
    id: 1,
    title: "Scratch",
    workspace: "Personal Sandbox",
    tasks: 12,
    ineligible: "it is in your Personal Sandbox; move it to a workspace first",
  });
  const others = Array.from({ length: 1_239 }, (_, index) =>
    offered({
      id: index + 2,
      title: `${topics[index % topics.length]} ${2026 - (index % 17)}, batch ${index + 1}`,
      workspace: ["Medicine", "Law", "History"][index % 3] ?? null,
      tasks: Math.round(chance(index, 4) * 50_000),
      annotations: Math.round(chance(index, 5) * 9_000),
      ground_truths: Math.round(chance(index, 6) * 400),
      updated_at: ago(30 + index * 97),
    }),
  );
  return [sandbox, ...others];
}

const PAGE = 100;
const ABILITIES = ["read projects, tasks and annotations", "write predictions", "write annotations and their marks"];

/** The commands of what is linked with Label Studio. */
export function labelStudioCommands(state: FakeState, hasKeychain: boolean) {
  const { world, send, nextId, ofRun, project } = state;
  const { labelStudio } = world;
  let canceledPull = false;
  let canceledPush = false;

  function server(id: string): Omit<LabelStudioServer, "linked"> {
    const found = labelStudio.servers.find((server) => server.id === id);
    if (found === undefined) throw new Refused("not_found", "This server is gone.");
    return found;
  }
  const linksOf = (id: string) => world.projects.filter(({ summary }) => summary.link?.server_id === id);
  const whole = (one: Omit<LabelStudioServer, "linked">): LabelStudioServer => ({
    ...one,
    linked: linksOf(one.id).length,
  });
  function reached(): void {
    if (labelStudio.gone !== null) throw new Refused("internal", labelStudio.gone);
  }
  function looked({ address, token }: NewServer): ServerReport {
    if (!/^https?:\/\/[^/]+/.test(address))
      throw new Refused("invalid", "an address begins with http:// or https://", "address");
    if (address.includes("example.org"))
      throw new Refused("invalid", "what answers at example.org is no Label Studio: it sent a web page", "address");
    if (token === "revoked") throw new Refused("invalid", "the server does not know this token", "token");
    const isEnterprise = address.includes("enterprise");
    return {
      address: address.replace(/\/+$/, ""),
      version: isEnterprise ? "2.36.0" : "1.23.2",
      edition: isEnterprise ? "enterprise" : "community",
      user: "ann@team.example",
      role: isEnterprise ? "Manager" : null,
      abilities: ABILITIES,
      token_kind: token?.startsWith("ey") === true ? "personal" : "legacy",
    };
  }
  function keep(entered: NewServer, id: string): void {
    if (entered.name === "") throw new Refused("invalid", "give the server a name", "name");
    if (labelStudio.servers.some((other) => other.name === entered.name && other.id !== id))
      throw new Refused("name_taken", `the name “${entered.name}” is already taken`, "name");
    if (!hasKeychain && entered.token !== null && !entered.until_quit)
      throw new Refused("keychain_unavailable", "This computer has no password store; nothing was stored.");
  }
  const known = ({ version, edition, user, role, address }: ServerReport) => ({
    version,
    edition,
    user,
    role,
    address,
    checked_at: NOW.toISOString(),
  });
  function offeredOf(serverId: string): ServerProject[] {
    return (labelStudio.projects[serverId] ?? []).map((one) => ({
      ...one,
      project_id: linksOf(serverId).find(({ summary }) => summary.link?.remote_id === one.id)?.summary.id ?? null,
    }));
  }
  function targetOf(runId: string): { target: Project; link: ProjectLink; version: number; name: string } {
    const { prompt, run } = ofRun(runId);
    const target = project(prompt.projectId);
    const { link } = target.summary;
    if (link === null) throw new Refused("invalid", "the project of this run is not linked with a server");
    const version = prompt.versions.find(({ id }) => id === run.versionId)?.number ?? 0;
    return { target, link, version, name: prompt.name };
  }
  function plan(runId: string, options: PushOptions): PushPlan {
    const { link, name } = targetOf(runId);
    const { run } = ofRun(runId);
    const isGone = labelStudio.gone !== null;
    const failed = Math.round(run.done * 0.02);
    const before = labelStudio.pushes.find(({ run_id, state }) => run_id === runId && state === "done");
    const given = run.done - failed;
    const modelVersion = `${name.slice(0, 24)}@9f3a1c7e`;
    const unchanged = isGone ? 0 : before === undefined ? Math.round(given / 10) : given - 4 - before.failed;
    return {
      model_version: modelVersion,
      server_name: link.server_name,
      title: link.title,
      url: link.url,
      predictions: given - unchanged - (isGone ? 0 : 4),
      of_other_data: isGone || before !== undefined ? 0 : labelStudio.otherData,
      unchanged,
      replaced: isGone || options.other_versions === "beside" ? 0 : 412,
      failed_tasks: failed,
      not_there: isGone ? 0 : 4,
      annotations: options.annotations ? 37 : 0,
      ground_truths: options.ground_truth ? 21 : 0,
      prelabels_with: before === undefined || isGone ? null : modelVersion,
      prelabels_replaced: 0,
      covers_all: false,
      waiting: labelStudio.gone,
    };
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 60));

  return {
    labelStudioServers: () => labelStudio.servers.map(whole),
    lookAtServer: looked,
    connectServer: (entered: NewServer): LabelStudioServer => {
      const report = looked(entered);
      const id = nextId("server");
      keep(entered, id);
      const made = {
        id,
        name: entered.name,
        key_storage: entered.until_quit ? ("until_quit" as const) : ("keychain" as const),
        proxy: entered.proxy,
        custom_ca: entered.custom_ca,
        ...known(report),
      };
      labelStudio.servers.push(made);
      labelStudio.projects[id] = fewProjects();
      send.changed({ kind: "label_studio" });
      return whole(made);
    },
    editServer: (serverId: string, entered: NewServer): LabelStudioServer => {
      const target = server(serverId);
      keep(entered, serverId);
      const { name, proxy, custom_ca } = entered;
      Object.assign(target, known(looked(entered)), { name, proxy, custom_ca });
      if (entered.token !== null) target.key_storage = entered.until_quit ? "until_quit" : "keychain";
      send.changed({ kind: "label_studio" });
      return whole(target);
    },
    checkServer: (serverId: string): ServerReport => {
      reached();
      const target = server(serverId);
      target.checked_at = NOW.toISOString();
      send.changed({ kind: "label_studio" });
      const { address, version, edition, user, role } = target;
      return {
        address,
        version: version ?? "1.23.2",
        edition: edition ?? "community",
        user: user ?? "",
        role,
        abilities: ABILITIES,
        token_kind: "personal",
      };
    },
    removeServer: (serverId: string) => {
      const target = server(serverId);
      for (const { summary } of linksOf(serverId)) summary.link = null;
      labelStudio.servers.splice(labelStudio.servers.indexOf(target), 1);
      labelStudio.pushes = labelStudio.pushes.filter(({ server_name }) => server_name !== target.name);
      send.changed({ kind: "label_studio" });
      send.changed({ kind: "projects" });
      return null;
    },
    serverProjects: (serverId: string, search: string, page: number): ServerProjectPage => {
      server(serverId);
      reached();
      const wanted = search.toLocaleLowerCase();
      const found = offeredOf(serverId).filter(({ title }) => title.toLocaleLowerCase().includes(wanted));
      // Neither is in a list of the real one.
      const listed = found.map((one) => ({ ...one, updated_at: null, warning: null }));
      return { total: found.length, projects: listed.slice((page - 1) * PAGE, page * PAGE) };
    },
    serverProject: (serverId: string, remoteId: number): ServerProject => {
      reached();
      const found = offeredOf(serverId).find(({ id }) => id === remoteId);
      if (found === undefined) throw new Refused("not_found", "the project is no longer there");
      return found;
    },
    planPull: (serverId: string, remoteId: number): PullPlan => {
      reached();
      const here = linksOf(serverId).find(({ summary }) => summary.link?.remote_id === remoteId)?.summary;
      const change = here === undefined ? undefined : labelStudio.changes[here.id];
      if (change !== undefined) return change;
      const there = offeredOf(serverId).find(({ id }) => id === remoteId);
      return {
        is_new: here === undefined,
        title: there?.title ?? "",
        tasks: there?.tasks ?? 0,
        changed: 0,
        new: here === undefined ? (there?.tasks ?? 0) : 0,
        gone: 0,
        kept: 0,
        edited_here: 0,
        config: null,
      };
    },
    pullProject: async (serverId: string, remoteId: number, options: PullOptions): Promise<PullReport> => {
      reached();
      const there = offeredOf(serverId).find(({ id }) => id === remoteId);
      if (there === undefined) throw new Refused("not_found", "the project is no longer there");
      const here = linksOf(serverId).find(({ summary }) => summary.link?.remote_id === remoteId);
      for (let step = 1; step <= 5; step += 1) {
        const done = Math.min(there.tasks, Math.ceil((step * there.tasks) / 4));
        send.pullProgress({ server_id: serverId, remote_id: remoteId, done, total: there.tasks, bytes: 0 });
        await pause();
        if (canceledPull) {
          canceledPull = false;
          throw new Refused("canceled", "The pull was canceled; nothing was changed.");
        }
        // It may be gone in the middle.
        reached();
      }
      const link: ProjectLink = {
        server_id: serverId,
        server_name: server(serverId).name,
        remote_id: remoteId,
        title: there.title,
        url: `${server(serverId).address}/projects/${remoteId}/data`,
        pulled_at: NOW.toISOString(),
      };
      const change = here === undefined ? undefined : labelStudio.changes[here.summary.id];
      const removed = options.gone === "remove" && change !== undefined ? change.gone + change.kept : 0;
      const brought: Omit<ImportReport, "project_id"> = {
        tasks: (here?.summary.task_count ?? 0) + (here === undefined ? there.tasks : (change?.new ?? 0)) - removed,
        annotations: there.annotations,
        ground_truth: here?.summary.ground_truth_count ?? there.ground_truths ?? 0,
        ground_truth_implied: 0,
        refused: 0,
        duplicates: 0,
        first_issues: [],
        warnings: there.warning === null ? [] : [there.warning],
      };
      if (here !== undefined) {
        if (options.take_config && change?.config != null) here.xml = change.config.after;
        delete labelStudio.changes[here.summary.id];
        here.summary.link = link;
        send.changed({ kind: "projects" });
        send.changed({ kind: "annotations", project_id: here.summary.id });
        return {
          new: change?.new ?? 0,
          changed: change?.changed ?? 0,
          kept_here: change?.edited_here ?? 0,
          gone: removed > 0 ? 0 : (change?.gone ?? 0),
          removed,
          config_taken: options.take_config && change?.config != null,
          project_id: here.summary.id,
          ...brought,
        };
      }
      const model = arabicReviews();
      const id = nextId("project");
      world.projects.push({
        ...model,
        summary: {
          ...model.summary,
          id,
          name: there.title,
          task_count: there.tasks,
          annotation_count: there.annotations,
          ground_truth_count: there.ground_truths ?? 0,
          prompt_count: 0,
          link,
        },
      });
      send.changed({ kind: "projects" });
      send.changed({ kind: "label_studio" });
      return {
        new: there.tasks,
        changed: 0,
        kept_here: 0,
        gone: 0,
        removed: 0,
        config_taken: false,
        project_id: id,
        ...brought,
      };
    },
    openLinkedProject: () => null,
    cancelPull: () => {
      canceledPull = true;
      return null;
    },
    planPush: plan,
    pushRun: async (runId: string, options: PushOptions): Promise<PushReport> => {
      const { link, version, name } = targetOf(runId);
      const planned = plan(runId, options);
      const total = planned.predictions + planned.unchanged + planned.not_there;
      const own = push({
        id: Math.max(0, ...labelStudio.pushes.map(({ id }) => id)) + 1,
        run_id: runId,
        prompt_name: name,
        version,
        title: link.title,
        server_name: link.server_name,
        state: planned.waiting === null ? "under_way" : "waiting",
        reason: planned.waiting,
        created_at: NOW.toISOString(),
      });
      labelStudio.pushes = [own, ...labelStudio.pushes];
      send.changed({ kind: "pushes" });
      const { model_version, unchanged, replaced, annotations, ground_truths, not_there, waiting } = planned;
      if (waiting !== null) {
        const nothing = {
          written: 0,
          unchanged: 0,
          replaced: 0,
          annotations: 0,
          ground_truths: 0,
          not_there: 0,
          failed: 0,
        };
        return { ...nothing, reasons: [], model_version, prelabels: false, waiting };
      }
      for (let step = 1; step <= 5; step += 1) {
        send.pushProgress({ push_id: own.id, run_id: runId, done: Math.ceil((step * total) / 5), total });
        await pause();
        if (canceledPush) {
          canceledPush = false;
          labelStudio.pushes = labelStudio.pushes.filter((one) => one !== own);
          send.changed({ kind: "pushes" });
          throw new Refused("canceled", "Giving back was canceled; what was written stays.");
        }
        // Its token may be revoked in the middle.
        if (labelStudio.gone !== null) {
          Object.assign(own, { state: "failed", reason: labelStudio.gone, finished_at: NOW.toISOString() });
          send.changed({ kind: "pushes" });
          reached();
        }
      }
      const { reason, ...refused } = labelStudio.refused;
      const failed = Math.min(refused.predictions, planned.predictions);
      const reasons = failed > 0 ? [reason] : [];
      const written = planned.predictions - failed;
      const ended = { state: "done" as const, reason: reasons[0] ?? null, finished_at: NOW.toISOString() };
      Object.assign(own, { ...ended, written, unchanged, failed });
      send.changed({ kind: "pushes" });
      return {
        written,
        unchanged,
        replaced,
        annotations,
        ground_truths,
        not_there,
        failed,
        reasons,
        prelabels: options.prelabel && planned.prelabels_with !== model_version,
        model_version,
        waiting: null,
      };
    },
    pushes: () => labelStudio.pushes,
    resumePush: (pushId: number) => {
      const target = labelStudio.pushes.find(({ id }) => id === pushId);
      if (target === undefined) throw new Refused("not_found", "This is no longer to be given back.");
      reached();
      const { predictions: failed, reason } = labelStudio.refused;
      const ended = { state: "done" as const, failed, reason: failed > 0 ? reason : null };
      Object.assign(target, { ...ended, finished_at: NOW.toISOString() });
      send.changed({ kind: "pushes" });
      return null;
    },
    cancelPush: (pushId: number) => {
      const target = labelStudio.pushes.find(({ id }) => id === pushId);
      if (target?.state === "under_way") canceledPush = true;
      else labelStudio.pushes = labelStudio.pushes.filter(({ id }) => id !== pushId);
      send.changed({ kind: "pushes" });
      return null;
    },
  };
}
