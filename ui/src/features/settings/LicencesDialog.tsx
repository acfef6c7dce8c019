/** The crates and npm packages that the program contains, each with its licence, for whoever has to know. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Dialog } from "@/components/ui/Dialog";
import { SearchInput } from "@/components/ui/Field";
import { formatCount } from "@/lib/format";
// Made by `cargo licences`. A file of its own, as nobody waits for it but here.
import address from "./licences.json?url";

type Licences = {
  packages: readonly Package[];
  texts: readonly string[];
};

type Package = {
  kind: "crate" | "npm";
  name: string;
  version: string;
  /** An SPDX expression. */
  licence: string;
  /** Places in `texts`. */
  texts: readonly number[];
};

const licencesQuery = () =>
  queryOptions({
    queryKey: ["licences"],
    queryFn: async (): Promise<Licences> => {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`The list is not in the program (${answer.status}).`);
      return answer.json();
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

export function LicencesDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Licences"
      size="large"
      description="Touchstone contains the work of others. Open one to read its licence."
    >
      <Loaded query={useQuery(licencesQuery())} what="the licences">
        {(licences) => <Packages {...licences} />}
      </Loaded>
    </Dialog>
  );
}

function Packages({ packages, texts }: Licences) {
  const [search, setSearch] = useState("");
  const words = useDeferredValue(search.trim().toLowerCase());
  const found = packages.filter(({ name, licence }) => `${name} ${licence}`.toLowerCase().includes(words));
  return (
    <div className="flex flex-col gap-3">
      <SearchInput label="Search packages and licences" value={search} onChange={setSearch} />
      <p role="status" className="text-xs text-subtler">
        {found.length === 0 ? "No package or licence has this name." : formatCount(found.length, "package")}
      </p>
      <ul className="divide-y rounded-md border empty:hidden">
        {found.map((item) => (
          <PackageRow key={`${item.kind} ${item.name} ${item.version}`} item={item} texts={texts} />
        ))}
      </ul>
    </div>
  );
}

type PackageRowProps = { item: Package; texts: readonly string[] };

function PackageRow({ item, texts }: PackageRowProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="[contain-intrinsic-block-size:2rem] [content-visibility:auto]">
      <details className="group" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="flex cursor-default items-center gap-2 px-3 py-1.5 text-sm outline-offset-[-2px] hover:bg-surface-hover">
          <ChevronRight aria-hidden className="size-4 shrink-0 text-subtler group-open:rotate-90" />
          <span className="min-w-0 flex-1 truncate">
            <span className="font-medium">{item.name}</span>{" "}
            <span className="text-subtler tabular-nums">{item.version}</span>
          </span>
          <span className="max-w-1/2 truncate text-subtle" title={item.licence}>
            {item.licence}
          </span>
        </summary>
        {/* Of six hundred packages only those that are read are laid out. */}
        {isOpen && (
          <div className="flex flex-col gap-3 border-t bg-surface px-3 py-2">
            {item.texts.map((place) => (
              <pre key={place} className="font-mono text-xs whitespace-pre-wrap select-text">
                {texts[place]}
              </pre>
            ))}
          </div>
        )}
      </details>
    </li>
  );
}
