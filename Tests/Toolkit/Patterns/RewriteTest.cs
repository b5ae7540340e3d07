using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Tests.Patterns;

/// <summary>A pattern transform made of two lambdas, run on graphs in text form.</summary>
internal sealed class RewriteTest(NodePattern pattern, Func<Match, Outcome> rewrite, bool repeats = true) : PatternTransform
{
    private readonly ExplainingContext context = new() { OutputNames = ["out"] };

    public List<string> Explanations => context.Explanations;

    public IReadOnlyDictionary<string, long> Statistics => context.Statistics;

    protected override NodePattern Match => pattern;

    protected override bool Repeats => repeats;

    public void Check(string before, string after) => Assert.Equal(Normal(after), GraphText.Print(Run(before)).Trim());

    public void CheckUnchanged(string graph) => Check(graph, graph);

    public Graph Run(string graph) => Apply(GraphText.Parse(graph), new NoOptions(), context);

    protected override Outcome Rewrite(Match match) => rewrite(match);

    private static string Normal(string graph) => GraphText.Print(GraphText.Parse(graph)).Trim();

    private sealed class ExplainingContext : TransformContext
    {
        public List<string> Explanations { get; } = [];

        public override bool IsExplaining => true;

        public override void Explain(string node, string reason) => Explanations.Add($"{node}: {reason}");
    }
}
