using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>A sample and what the reference gives for it.</summary>
/// <param name="Feeds">Values of the inputs.</param>
/// <param name="Outputs">The reference's outputs.</param>
internal sealed record KnownSample(IReadOnlyDictionary<string, Tensor> Feeds, ImmutableArray<Tensor> Outputs);

/// <summary>Samples with the outputs of a reference, for graphs that are judged one after the other. The outputs are computed once and kept, as long as they are small.</summary>
/// <param name="backend">Runs the reference.</param>
/// <param name="reference">The graph that is right.</param>
/// <param name="outputs">Names of its outputs.</param>
/// <param name="samples">Gives the samples from the first on.</param>
/// <param name="cancellation">Ends the runs.</param>
internal sealed class KnownSamples(IBackend backend, Graph reference, IReadOnlyList<string> outputs, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples, CancellationToken cancellation)
{
    private const long MostBytes = 1L << 26;
    private readonly List<ImmutableArray<Tensor>> kept = [];
    private long bytes;
    private bool isLearned;

    /// <summary>The samples from the first on. One pass must end before the next begins, unless <see cref="Learn"/> was called.</summary>
    /// <param name="atOnce">How many samples of the rest may run at a time; 0 for as many as there are processors.</param>
    public IEnumerable<KnownSample> All(int atOnce = 0)
    {
        int known = kept.Count;
        foreach (var (feeds, results) in samples().Take(known).Zip(kept.Take(known)))
            yield return new(feeds, results);
        foreach (var (feeds, results) in Agreement.Results(backend, [reference], outputs, samples().Skip(known), feeds => feeds, cancellation, atOnce))
        {
            if (!isLearned)
                Keep(results[0]);
            yield return new(feeds, results[0]);
        }
    }

    /// <summary>Computes what is to be kept, so that several threads may go through the samples from now on.</summary>
    public void Learn()
    {
        if (isLearned)
            return;
        foreach (KnownSample _ in All().TakeWhile(_ => bytes <= MostBytes))
            continue;
        isLearned = true;
    }

    private void Keep(ImmutableArray<Tensor> results)
    {
        bytes += results.Sum(output => (long)output.Bytes.Length);
        if (bytes <= MostBytes)
            kept.Add(results);
    }
}
