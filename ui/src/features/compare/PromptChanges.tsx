import { useQuery } from "@tanstack/react-query";
import { TextDiff } from "@/components/diff/TextDiff";
import { versionText } from "@/components/diff/versionText";
import { Loaded } from "@/components/Loaded";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import { versionQuery } from "@/ipc/queries";
import { modelLabel } from "@/lib/models";
import type { Named } from "./CompareTab";

/** What the version of one run says that the other's does not. */
export function PromptChanges({ before, after }: { before: Named; after: Named }) {
  const one = useQuery(versionQuery(before.run.version_id));
  const other = useQuery(versionQuery(after.run.version_id));
  const isOtherModel = modelLabel(before.run) !== modelLabel(after.run);
  return (
    <ScrollRegion label="Prompt changes" className="max-h-72 min-h-24 rounded-md border">
      <Loaded query={one} what={before.name}>
        {({ content: from }) => (
          <Loaded query={other} what={after.name}>
            {({ content: to }) => {
              const [old, now] = [versionText(from), versionText(to)];
              if (old === now) {
                return (
                  <p className="p-3 text-sm text-subtle">
                    Both say the same.
                    {isOtherModel &&
                      ` They ask different models: ${modelLabel(before.run)} and ${modelLabel(after.run)}.`}
                  </p>
                );
              }
              return <TextDiff before={old} after={now} look="unified" label={`${before.name} to ${after.name}`} />;
            }}
          </Loaded>
        )}
      </Loaded>
    </ScrollRegion>
  );
}
