/** Which program this is, and whose work is in it. */
import { useQuery } from "@tanstack/react-query";
import { runCommand } from "@/components/commands";
import { Button } from "@/components/ui/Button";
import { appInfoQuery } from "@/ipc/queries";
import { LicencesDialog } from "./LicencesDialog";

type AboutSectionProps = { showsLicences: boolean; onLicences: (shown: boolean) => void };

export function AboutSection({ showsLicences, onLicences }: AboutSectionProps) {
  const version = useQuery(appInfoQuery()).data?.version;
  return (
    <>
      <p className="text-sm">
        <span className="select-text">Touchstone {version}</span>
        <span className="text-subtler">, under the Apache License 2.0</span>
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => runCommand("app.news")}>What is new</Button>
        <Button onClick={() => onLicences(true)}>Licences</Button>
      </div>
      {showsLicences && <LicencesDialog onClose={() => onLicences(false)} />}
    </>
  );
}
