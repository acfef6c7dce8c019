import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { Page } from "@/components/Page";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";

export function NotFound() {
  return (
    <Page title="Not found" className="items-center justify-center">
      <EmptyState
        icon={Compass}
        heading="h1"
        title="This screen does not exist"
        actions={
          <Button variant="primary" look="filled" nativeButton={false} render={<Link to="/prompts" />}>
            Go to Prompts
          </Button>
        }
      >
        The address may be from another version, or what it named was deleted.
      </EmptyState>
    </Page>
  );
}
