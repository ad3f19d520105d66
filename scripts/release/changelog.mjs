// CHANGELOG.md is written by hand: what users notice, under "Unreleased" until a release gives that its number.

const UNRELEASED = /^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m;

/** What stands under "Unreleased"; undefined without that heading. */
export function unreleased(changelog) {
  return UNRELEASED.exec(changelog)?.[1].trim();
}

/** The changelog with a heading for `version` above what was unreleased. `date` is `YYYY-MM-DD`. */
export function released(changelog, version, date) {
  return changelog.replace(UNRELEASED, (_, lines) => `## Unreleased\n\n## ${version}, ${date}\n${lines}`);
}
