import { Plus, TextSearch } from "lucide-react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { PRACTICE_MODEL } from "@/lib/models";

type PracticePanelProps = { empty: boolean; onAdd: () => void; onFind: () => void };

export function PracticePanel({ empty, onAdd, onFind }: PracticePanelProps) {
  return (
    <div className="flex flex-col gap-4">
      <h2 className="text-lg font-semibold">{PRACTICE_MODEL}</h2>
      <p className="text-subtle">
        A small classifier inside this program. It compares the words of a task with the names and definitions of the
        classes in your prompt and picks the nearest. It answers at once, always the same, costs nothing, and makes
        honest mistakes.
      </p>
      <p className="text-subtle">
        Use it to learn how prompts, runs and scores work. Its accuracy says nothing about what a language model would
        reach.
      </p>
      {empty && (
        <Banner
          title="No keys yet"
          actions={
            <>
              <Button size="small" icon={TextSearch} onClick={onFind}>
                Find local models
              </Button>
              <Button size="small" icon={Plus} onClick={onAdd}>
                Add Custom LLM
              </Button>
            </>
          }
        >
          Cloud models need one; models on this computer usually do not.
        </Banner>
      )}
    </div>
  );
}
