import { relative } from "node:path";

/**
 * What vitest's JSON report says: tests that passed and failed (a test file that did not even load counts as one that
 * failed), tests that were skipped, and those that passed at their second attempt only, each with what went wrong at
 * the first.
 */
export function readReport(report, root) {
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests,
    retried: report.testResults.flatMap((file) =>
      file.assertionResults.filter(isRetried).map(told(file, root)),
    ),
  };
}

// vitest leaves the errors of earlier attempts with a test that passes.
function isRetried({ status, failureMessages }) {
  return status === "passed" && failureMessages.length > 0;
}

function told({ name }, root) {
  return ({ fullName, failureMessages: [message] }) =>
    `${relative(root, name)} > ${fullName.trim()}: ${message.split("\n", 1)[0]}`;
}
