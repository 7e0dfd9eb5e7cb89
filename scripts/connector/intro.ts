/** The page of a certified connector, `intro.md`: its headings, each with the section of the README that it is made of. */
const headings: readonly (readonly [string, string])[] = [
  ["Prerequisites", "Prerequisites"],
  ["How to get credentials", "Obtaining Credentials"],
  ["Get started with your connector", "Getting Started"],
  ["Known issues and limitations", "Known Issues and Limitations"],
  ["Common errors and remedies", "Frequently Asked Questions"],
];

export function introPage(description: string, readme: string): string {
  const parts = headings.map(([heading, section]) => `## ${heading}\n\n${sectionOf(readme, section)}`);
  return `${[description, ...parts].join("\n\n")}\n`;
}

/** Without links to files, which stay where the README is. */
function sectionOf(readme: string, heading: string): string {
  const [, text] = readme.split(`\n## ${heading}\n`).map((part) => part.split("\n## ")[0]);
  if (text === undefined) throw new Error(`The README has no section ${heading}.`);
  return text.trim().replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, "$1");
}
