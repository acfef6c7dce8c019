import { availableCommands, hasKeysHere } from "@/components/commands";
import { Dialog } from "@/components/ui/Dialog";
import { CommandKbd } from "@/components/ui/Kbd";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { type CommandId, commandTable, keyCaps, keysOf } from "@/lib/commands";

/** Those of the workspace have no keys. */
const groups = ["This screen", "Go to", "Create", "Window"] as const;
const ids = (Object.keys(commandTable) as CommandId[]).filter((id) => keysOf(id).length > 0);

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  // Of this screen only what it can do; what works everywhere is listed whole.
  const here = new Map(availableCommands().map(({ id, title }) => [id, title]));
  const isListed = (id: CommandId) =>
    commandTable[id].group !== "This screen" || id === "form.submit" || hasKeysHere(id);
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts" bare>
      <ScrollRegion label="Shortcuts" className="min-h-0 flex-1 px-6 py-5">
        {/* As many groups in the first column as make both about as long: of this screen there are few or many. */}
        <div className="-mb-5 columns-2 gap-10">
          {groups.map((group) => (
            <section key={group} className="break-inside-avoid pb-5">
              <h3 className="mb-1 text-xs font-semibold text-subtler">{group}</h3>
              <dl>
                {ids
                  .filter((id) => commandTable[id].group === group && isListed(id))
                  .map((id) => (
                    <div key={id} className="flex min-h-7 items-center justify-between gap-3">
                      <dt>{here.get(id) ?? commandTable[id].title}</dt>
                      {/* As a box: on a line of text the caps would stand below its middle. */}
                      <dd className="flex">
                        <CommandKbd command={id} className="text-subtle" />
                        <span className="sr-only">{keyCaps(keysOf(id)[0] ?? "").join(" ")}</span>
                      </dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </div>
      </ScrollRegion>
    </Dialog>
  );
}
