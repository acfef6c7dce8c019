/** What servers, pulls and pushes are, in the words of the window. */
import type {
  Edition,
  LabelStudioServer,
  ProjectLink,
  PullPlan,
  Push,
  PushOptions,
  PushPlan,
  ServerProject,
  ServerReport,
} from "@/ipc/bindings";
import { formatCount, formatNumber } from "@/lib/format";

const EDITIONS: Record<Edition, string> = { community: "Community", enterprise: "Enterprise" };

/** "Label Studio 1.23.2, Community · ann@team.example · Owner", as far as it is known. */
export function serverWords({ version, edition, user, role }: Pick<LabelStudioServer, Known>): string {
  const what = [version === null ? null : `Label Studio ${version}`, edition === null ? null : EDITIONS[edition]]
    .filter((part) => part !== null)
    .join(", ");
  return [what, user ?? "", role ?? ""].filter((part) => part !== "").join(" · ");
}

type Known = "version" | "edition" | "user" | "role";

export function tokenWords({ key_storage }: Pick<LabelStudioServer, "key_storage">): string {
  switch (key_storage) {
    case "keychain":
      return "Token in the system's keychain";
    case "until_quit":
      return "Token kept until you quit";
    case "none":
      return "No token: change the server and enter one";
  }
}

export function tokenKindWords({ token_kind }: Pick<ServerReport, "token_kind">): string {
  return token_kind === "personal" ? "Personal access token" : "Legacy token";
}

/** What a server is called unless somebody says otherwise: its host. Nothing while the address has none. */
export function nameOf(address: string): string {
  try {
    return new URL(/^https?:\/\//i.test(address.trim()) ? address.trim() : `https://${address.trim()}`).host;
  } catch {
    return "";
  }
}

/** What removing a server costs, in sentences. */
export function removalWords({ linked }: Pick<LabelStudioServer, "linked">, waiting: number): string[] {
  return [
    "Its token is deleted from this computer. Nothing changes on the server.",
    ...(linked === 0
      ? []
      : [
          `${formatCount(linked, "project that came", "projects that came")} from it ${linked === 1 ? "stays" : "stay"} here with everything in ${linked === 1 ? "it" : "them"}, but nothing can be pulled or given back any more.`,
        ]),
    ...(waiting === 0
      ? []
      : [`${formatCount(waiting, "run that waits", "runs that wait")} to be given back to it will not be.`]),
  ];
}

/** "1,204 tasks, 300 annotations, 60 with ground truth": for who does not see the columns. */
export function projectWords({ tasks, annotations, ground_truths: truths }: ServerProject): string {
  const parts = [formatCount(tasks, "task"), formatCount(annotations, "annotation")];
  if (truths !== null) parts.push(`${formatNumber(truths)} with ground truth`);
  return parts.join(", ");
}

/** A number of a plan or a report, and what it is. */
export type Line = { title: string; value: number; hint?: string; tone?: "warning" | "negative" };

/** What a pull of a project that is here would do; only what there is to tell. */
export function pullLines({ new: fresh, changed, gone, edited_here }: PullPlan): Line[] {
  const lines: Line[] = [
    { title: "New tasks", value: fresh, hint: "They are added." },
    {
      title: "Changed there",
      value: changed,
      hint: "Also those that only got predictions. Data and annotations follow theirs where they differ.",
    },
    { title: "With annotations of yours", value: edited_here, hint: "What was made or edited here stays as it is." },
    { title: "Gone there", value: gone, hint: "Nothing is removed here unless you say so." },
  ];
  return lines.filter(({ value }) => value > 0);
}

/** Whether a pull would do nothing, with what is chosen about the config. */
export function pullsNothing({ new: fresh, changed, gone, config }: PullPlan, takesConfig: boolean): boolean {
  return fresh === 0 && changed === 0 && gone === 0 && (config === null || !takesConfig);
}

/** What is written by a push, and what is not. What is chosen is told of even where there is none of it. */
export function pushLines(plan: PushPlan, options: PushOptions): { written: Line[]; left: Line[] } {
  const told = (line: Line, isChosen = false) => (isChosen || line.value > 0 ? [line] : []);
  return {
    written: [
      { title: "Predictions to write", value: plan.predictions },
      ...told({
        title: "Of them, of data that changed since",
        value: plan.of_other_data,
        hint: "A pull brought these tasks other data after the run had begun. Run again to predict from it.",
        tone: "warning",
      }),
      ...told(
        {
          title: "Annotations to write",
          value: plan.annotations,
          hint: "From accepted and corrected predictions.",
        },
        options.annotations,
      ),
      ...told({ title: "Ground-truth marks to set", value: plan.ground_truths }, options.ground_truth),
      ...told(
        {
          title: "Predictions to delete",
          value: plan.replaced,
          hint: "Earlier ones of this prompt for these tasks, of other versions or runs.",
          ...(plan.replaced > 0 && { tone: "negative" }),
        },
        options.other_versions === "replace" && plan.waiting === null,
      ),
    ],
    left: [
      // What is there is not known before the server is reached.
      ...told(
        { title: "There already", value: plan.unchanged, hint: "The same prediction, which stays as it is." },
        plan.waiting === null,
      ),
      { title: "Failed here", value: plan.failed_tasks, hint: "There is no prediction to give." },
      { title: "Not there", value: plan.not_there, hint: "The project there does not have these tasks." },
    ],
  };
}

/** Whether a push would change which predictions tasks begin with there. */
function prelabelsAnew({ model_version, prelabels_with }: PushPlan, { prelabel }: PushOptions): boolean {
  return prelabel && prelabels_with !== model_version;
}

export function pushesNothing(plan: PushPlan, options: PushOptions): boolean {
  const { predictions, annotations, ground_truths, replaced, waiting } = plan;
  const isWritten = predictions + annotations + ground_truths + replaced > 0 || prelabelsAnew(plan, options);
  return waiting === null && !isWritten;
}

/**
 * Whether tasks may begin with it unasked. Another version that was chosen there is left alone, unless all of it is deleted: none is
 * hardly what annotators are to begin with.
 */
export function isFree({ prelabels_with, prelabels_replaced, covers_all, waiting }: PushPlan): boolean {
  return waiting === null && (prelabels_with === null || (prelabels_replaced > 0 && covers_all));
}

/** What the project there names for tasks that nobody has annotated. */
export function prelabelWords({ model_version, prelabels_with, prelabels_replaced, waiting }: PushPlan): string {
  const where = "A setting of the project there, under Annotation, Prelabeling.";
  if (waiting !== null) return `${where} What they begin with now is not known before the server is reached.`;
  if (prelabels_with === null) return `${where} They begin empty now.`;
  if (prelabels_with === model_version) return `${where} They do so already.`;
  const named = `“${prelabels_with.replaceAll(" ", "\u00a0")}”`;
  if (prelabels_replaced === 0) return `${where} It names ${named} now.`;
  const deleted = `${formatCount(prelabels_replaced, "prediction")} of it ${prelabels_replaced === 1 ? "is" : "are"} deleted`;
  return `${where} It names ${named} now. ${deleted}: without this, their tasks begin empty.`;
}

/** What the button of a push says: exactly what it writes and deletes. */
export function pushAction(plan: PushPlan | undefined): string {
  if (plan === undefined) return "Give back";
  if (plan.waiting !== null) return "Give back once it is reached";
  const parts = [
    ...(plan.predictions > 0 ? [formatCount(plan.predictions, "prediction")] : []),
    ...(plan.annotations > 0 ? [formatCount(plan.annotations, "annotation")] : []),
    ...(plan.ground_truths > 0 ? [formatCount(plan.ground_truths, "mark")] : []),
  ];
  const [last, ...before] = parts.reverse();
  const written = before.length === 0 ? last : `${before.reverse().join(", ")} and ${last}`;
  const deleted = plan.replaced > 0 ? `delete ${formatNumber(plan.replaced)}` : undefined;
  if (written === undefined) return deleted === undefined ? "Give back" : `Delete ${formatNumber(plan.replaced)}`;
  return deleted === undefined ? `Write ${written}` : `Write ${written}, ${deleted}`;
}

/** Whether a push deletes something there, or may: then it is asked about in words of its own. */
export function mayDelete({ replaced, waiting }: PushPlan, { other_versions }: PushOptions): boolean {
  return other_versions === "replace" && (replaced > 0 || waiting !== null);
}

/** Those that somebody may want to see to: what is done is in no list, unless some of it failed. */
export function openPushes(pushes: readonly Push[]): Push[] {
  return pushes.filter(({ state, failed }) => state !== "done" || failed > 0);
}

/** Whether a push goes on by itself. */
export function goesOn({ state }: Pick<Push, "state">): boolean {
  return state === "waiting" || state === "under_way";
}

/** The push of a run that is at work, or is about to be: it is listed as waiting before it is taken. */
export function pushAtWork(pushes: readonly Push[], runId: string): Push | undefined {
  const own = pushes.filter((push) => push.run_id === runId && goesOn(push));
  return own.find(({ state }) => state === "under_way") ?? own[0];
}

/** How far a push has come: "1,204 written, 300 were there". */
export function doneWords({ written, unchanged, failed }: Pick<Push, "written" | "unchanged" | "failed">): string {
  const parts = [
    ...(written > 0 ? [`${formatNumber(written)} written`] : []),
    ...(unchanged > 0 ? [`${formatNumber(unchanged)} were there`] : []),
    ...(failed > 0 ? [`${formatNumber(failed)} failed`] : []),
  ];
  return parts.length === 0 ? "Nothing written yet" : parts.join(", ");
}

/** "“Contracts” on Annotation team" */
export function placeWords({ title, server_name }: Pick<ProjectLink, "title" | "server_name">): string {
  return `“${title}” on ${server_name}`;
}
