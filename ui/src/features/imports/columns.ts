/** Which column of a file fills which variable of the labeling config. */
import type { ImportPlan, Mapping } from "@/ipc/bindings";

/** What the user chose instead of the suggestion, by variable. */
export type Choices = { readonly [variable in string]: string };

/** The column for a variable: the chosen one, else the suggested one, else the one of that name. */
export function columnFor(plan: ImportPlan, choices: Choices, variable: string): string | null {
  const suggested = plan.mapping.find((mapping) => mapping.variable === variable)?.column;
  const named = plan.columns.find(({ name }) => name === variable)?.name;
  return choices[variable] ?? suggested ?? named ?? null;
}

/** Whether there is anything to choose: a file whose columns are the variables needs no table of them. */
export function needsMapping(plan: ImportPlan): boolean {
  return plan.columns.length > 0 && (plan.mapping.length > 0 || plan.unmapped.length > 0);
}

/** What the import is told: only columns with another name than their variable. */
export function mappingOf(plan: ImportPlan, choices: Choices): Mapping[] {
  return (plan.config?.variables ?? []).flatMap((variable) => {
    const column = columnFor(plan, choices, variable);
    return column === null || column === variable ? [] : [{ variable, column }];
  });
}

/** Variables that nothing fills; the import must not begin with any. */
export function unfilled(plan: ImportPlan, choices: Choices): string[] {
  return plan.unmapped.filter((variable) => columnFor(plan, choices, variable) === null);
}
