using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>Runs a graph, and a reference beside it, over labelled images in one pass. A few batches are in memory at a time.</summary>
/// <param name="judged">The graph.</param>
/// <param name="reference">What its answers are compared with; null without one.</param>
public sealed class EvaluationRun(EvaluatedGraph judged, EvaluatedGraph? reference)
{
    /// <summary>Images run at a time.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>The part of the batches that is run, and what becomes of broken images; null for all.</summary>
    public SampleSelection? Selection { get; init; }

    /// <summary>Whether the answer of each image is kept; else memory does not depend on the number of images.</summary>
    public bool KeepsAnswers { get; init; }

    /// <summary>Runs all images.</summary>
    /// <param name="progress">Receives how many batches have been run.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="FeedException">An image cannot be read or does not fit, or an output is not a row of scores an image.</exception>
    public EvaluationResult Measure(IProgress<WorkProgress>? progress, CancellationToken cancellation) => EvaluatedGraph.OfImages(() => Counted(progress, cancellation));

    private EvaluationResult Counted(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        AnswerCounts counts = new(KeepsAnswers), referenceCounts = new(KeepsAnswers);
        SignalToNoise? noise = new();
        int same = 0;
        long? batches = judged.Images.Count is { } images && Selection is null ? (images + Batch - 1) / Batch : null;
        var meter = new ProgressMeter(progress, "evaluating", batches).Start();
        foreach (var (labels, result, other) in SampleRuns.InOrder(Batches(), Run, cancellation))
        {
            ScoreRows rows = judged.Rows(result, labels);
            ScoreRows? right = other is null ? null : reference!.Rows(other, labels);
            noise = right?.Classes == rows.Classes ? noise : null;
            for (int i = 0; i < labels.Length; i++)
            {
                int answer = counts.Add(labels[i], rows[i]);
                if (right is not { } rightRows)
                    continue;
                same += referenceCounts.Add(labels[i], rightRows[i]) == answer ? 1 : 0;
                noise?.Add(rightRows[i], rows[i], rows.Classes);
            }
            meter.Step();
        }
        Accuracy accuracy = counts.ToAccuracy();
        Accuracy? before = reference is null ? null : referenceCounts.ToAccuracy();
        return new(accuracy, before, new(accuracy.Images, accuracy.Top1, accuracy.Top5, before is null ? null : new(before.Top1, same, noise)));

        (int[] Labels, Tensor Result, Tensor? Reference) Run((LabelledBatch Judged, LabelledBatch? Reference) batch) =>
            (batch.Judged.Labels, judged.Run(batch.Judged.Images, cancellation), batch.Reference is { } some ? reference!.Run(some.Images, cancellation) : null);
    }

    /// <summary>The images as both graphs take them; read once where these are the same tensors.</summary>
    private IEnumerable<(LabelledBatch Judged, LabelledBatch? Reference)> Batches()
    {
        IEnumerable<LabelledBatch> batches = judged.Images.Batches(Batch, Selection);
        if (reference is null)
            return batches.Select(batch => (batch, (LabelledBatch?)null));
        return reference.TakesImagesOf(judged) ? batches.Select(batch => (batch, (LabelledBatch?)batch)) : Pairs(batches);
    }

    /// <summary>The same images twice. One that only one graph can take would shift all that follow.</summary>
    private IEnumerable<(LabelledBatch Judged, LabelledBatch? Reference)> Pairs(IEnumerable<LabelledBatch> batches)
    {
        BadSamples unnoticed = BadSamples.Unnoticed;
        foreach (var (batch, other) in batches.Zip(reference!.Images.Batches(Batch, (Selection ?? SampleSelection.All) with { Bad = unnoticed })))
        {
            if (unnoticed.Count != (Selection?.Bad?.Count ?? 0) || !batch.Labels.AsSpan().SequenceEqual(other.Labels))
                throw new FeedException($"an image can be read for '{judged.Input.Name}' of the model and not for '{reference.Input.Name}' of the reference, or the other way round") { Suggestion = "Evaluate both by themselves: that names the image." };
            yield return (batch, other);
        }
    }
}

/// <summary>What an evaluation found.</summary>
/// <param name="Judged">The accuracy of the graph.</param>
/// <param name="Reference">That of the reference; null without one.</param>
/// <param name="Counts">What merges with the counts of other shards.</param>
public sealed record EvaluationResult(Accuracy Judged, Accuracy? Reference, EvaluationCounts Counts);
