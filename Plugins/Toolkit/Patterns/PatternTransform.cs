using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>Base of transforms that rewrite every place where a pattern matches, until none is left that they rewrite.</summary>
public abstract class PatternTransform<TOptions> : Transform<TOptions>
    where TOptions : class
{
    private const int MostPasses = 1000;

    /// <summary>What to look for, from the head upstream.</summary>
    protected abstract NodePattern Match { get; }

    /// <summary>True to look again at what a rewrite made, until nothing changes; false for one sweep over the graph.</summary>
    protected virtual bool Repeats => true;

    /// <summary>What becomes of a match.</summary>
    protected abstract Outcome Rewrite(Match match, TOptions options);

    protected sealed override Graph Apply(Graph graph, TOptions options, TransformContext context)
    {
        NodePattern pattern = Match;
        for (int pass = 0; pass < MostPasses; pass++)
        {
            var sweep = new RewritePass(graph, context);
            graph = sweep.Run(pattern, match => Rewrite(match, options));
            if (sweep.Rewritten > 0)
                context.Count("matches rewritten", sweep.Rewritten);
            if (Repeats && sweep.Rewritten > 0)
                continue;
            foreach (var (node, decline) in sweep.Declines)
                context.Decline(node, decline);
            return graph;
        }
        throw new TransformException(StatusKind.Internal, $"the rewrite of {pattern} does not come to an end in {MostPasses} passes");
    }
}

/// <summary>Base of pattern transforms without arguments.</summary>
public abstract class PatternTransform : PatternTransform<NoOptions>
{
    protected sealed override Outcome Rewrite(Match match, NoOptions options) => Rewrite(match);

    /// <inheritdoc cref="PatternTransform{TOptions}.Rewrite"/>
    protected abstract Outcome Rewrite(Match match);
}
