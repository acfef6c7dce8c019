/** Whom the scripted world has contacted, and the commands of that list. */
import type { Changed, HostContacts } from "./bindings";
import { ago } from "./fake-world";

const DAY = 60 * 24;

const contact = (host: string, part: Partial<HostContacts>): HostContacts => ({
  host,
  purpose: "model",
  is_loopback: false,
  requests: 1,
  has_answered: true,
  bytes_sent: 0,
  bytes_received: 0,
  first_day: ago(0).slice(0, 10),
  last_at: ago(0),
  ...part,
});

const contacted = (): HostContacts[] => [
  contact("api.openai.com", {
    requests: 4_860,
    bytes_sent: 9_734_580,
    bytes_received: 4_215_004,
    first_day: ago(41 * DAY).slice(0, 10),
    last_at: ago(4),
  }),
  contact("api.openai.com", {
    purpose: "check",
    requests: 12,
    bytes_sent: 4_310,
    bytes_received: 61_400,
    last_at: ago(9),
  }),
  contact("127.0.0.1:11434", {
    is_loopback: true,
    requests: 200,
    bytes_sent: 310_774,
    bytes_received: 98_012,
    last_at: ago(58),
  }),
  contact("upload.wikimedia.org", {
    purpose: "media",
    requests: 37,
    bytes_sent: 6_290,
    bytes_received: 48_302_117,
    last_at: ago(3 * 60),
  }),
  contact("192.168.0.7:8080", { purpose: "check", requests: 2, has_answered: false, last_at: ago(26 * 60) }),
  contact("oauth2.googleapis.com", {
    purpose: "sign_in",
    requests: 3,
    bytes_sent: 2_618,
    bytes_received: 3_480,
    last_at: ago(2 * DAY),
  }),
  contact("api.arize.com", {
    purpose: "link",
    requests: 64,
    bytes_sent: 118_400,
    bytes_received: 992_031,
    last_at: ago(6 * DAY),
  }),
];

/** The commands of Settings → Network. A world of some weeks has contacted somebody; a new one nobody. */
export function networkCommands(isLived: boolean, changed: (change: Changed) => void) {
  let contacts = isLived ? contacted() : [];
  return {
    listContacts: () => contacts,
    clearContacts: () => {
      contacts = [];
      changed({ kind: "contacts" });
      return null;
    },
  };
}
