const [tags, done] = arguments;
const told = (rule) => rule.nodes.map((node) => {
  const why = [...node.any, ...node.all, ...node.none].map((check) => check.message);
  return `${rule.id}: ${node.html} ${why.join("; ")}`;
});
axe.run(document, { runOnly: { type: "tag", values: tags } }).then(
  (result) => done({
    passed: result.passes.length,
    found: [...result.violations, ...result.incomplete].flatMap(told),
  }),
  (error) => done({ error: String(error) }),
);
