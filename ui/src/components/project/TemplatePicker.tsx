import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { Loaded } from "@/components/Loaded";
import { LabelingPreview } from "@/components/labeling/LabelingPreview";
import { ScrollRegion } from "@/components/ui/ScrollRegion";
import type { ConfigTemplate } from "@/ipc/bindings";
import { configCheckQuery, configTemplatesQuery } from "@/ipc/queries";
import { formatCount } from "@/lib/format";

type TemplatePickerProps = {
  /** The template that is chosen. */
  id: string | undefined;
  onChoose: (template: ConfigTemplate) => void;
};

/** Labeling configs for the common jobs, each with what it looks like on a task of its own. */
export function TemplatePicker({ id, onChoose }: TemplatePickerProps) {
  return (
    <Loaded query={useQuery(configTemplatesQuery())} what="the templates">
      {(templates) => {
        const chosen = templates.find((template) => template.id === id);
        return (
          <div className="grid h-[min(30rem,60vh)] grid-cols-[minmax(13rem,2fr)_3fr] gap-4">
            <ScrollRegion label="Templates" className="rounded-md border p-1">
              <RadioGroup
                aria-label="Template"
                value={id ?? ""}
                onValueChange={(next) => {
                  const template = templates.find((one) => one.id === next);
                  if (template !== undefined) onChoose(template);
                }}
                className="flex flex-col"
              >
                {templates.map((template, index) => (
                  <Fragment key={template.id}>
                    {template.group !== templates[index - 1]?.group && (
                      <p className="px-2.5 pt-2.5 pb-1 text-xs font-semibold text-subtler">{template.group}</p>
                    )}
                    <Radio.Root
                      value={template.id}
                      className="flex cursor-default flex-col items-start rounded-sm px-2.5 py-1.5 text-left hover:bg-surface-hover data-checked:bg-primary-tint"
                    >
                      <span className="text-sm font-medium">{template.title}</span>
                      <span className="text-xs text-subtler">{template.description}</span>
                      <span className="mt-0.5 text-xs text-subtler">
                        <span className="font-medium text-subtle">{template.controls.join(", ")}</span>
                        {`, ${formatCount(template.task_count, "sample task")}`}
                      </span>
                    </Radio.Root>
                  </Fragment>
                ))}
              </RadioGroup>
            </ScrollRegion>
            <ScrollRegion label="Preview" className="rounded-md border bg-surface p-4">
              {chosen === undefined ? (
                <p className="text-sm text-subtler">Choose a template to see what it asks.</p>
              ) : (
                <TemplatePreview template={chosen} />
              )}
            </ScrollRegion>
          </div>
        );
      }}
    </Loaded>
  );
}

function TemplatePreview({ template }: { template: ConfigTemplate }) {
  const { data } = useQuery(configCheckQuery(template.xml));
  if (data === undefined || data.xml !== template.xml || data.outline === null) return null;
  return <LabelingPreview outline={data.outline} data={template.sample} />;
}
