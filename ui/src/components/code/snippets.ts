/**
 * The colours of code in other languages than our own formats: texts, comments, numbers and keywords. It is read, not
 * written, so that a line at a time is enough.
 */
import { StreamLanguage, type StringStream } from "@codemirror/language";

const COMMENTS = { python: "#", shell: "#", typescript: "//" };
const KEYWORDS =
  /^(?:as|await|block|class|const|curl|def|False|false|for|from|if|import|in|new|None|null|of|return|True|true)\b/;

export type SnippetSyntax = keyof typeof COMMENTS;

export function snippetLanguage(syntax: SnippetSyntax) {
  return StreamLanguage.define<null>({
    name: syntax,
    startState: () => null,
    token: (stream) => token(stream, syntax),
  });
}

function token(stream: StringStream, syntax: SnippetSyntax): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(COMMENTS[syntax])) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match(/^f?"(?:[^"\\]|\\.)*"?/) || stream.match(/^`(?:[^`\\]|\\.)*`?/)) {
    return stream.match(/^\s*:/, false) ? "propertyName" : "string";
  }
  // In a shell what is between these is the text as it is.
  if (stream.match(/^'[^']*'?/)) return "string";
  if (stream.match(/^-?\d[\d.]*(?:e[+-]?\d+)?\b/i)) return "number";
  if (stream.match(KEYWORDS)) return "keyword";
  if (stream.match(/^[\w$]+/)) return stream.match(/^\s*[:=](?!=)/, false) ? "propertyName" : null;
  stream.next();
  return null;
}
