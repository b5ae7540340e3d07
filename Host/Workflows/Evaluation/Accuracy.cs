using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>How often a graph names the right class.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Top1">How often the class with the largest score is right.</param>
/// <param name="Top5">How often the right one is among the five largest.</param>
/// <param name="Answers">The class of the largest score, image by image; the first of equal ones.</param>
/// <param name="Scores">The scores, image by image.</param>
public sealed record Accuracy(int Images, int Top1, int Top5, int[] Answers, float[][] Scores)
{
    private const int Few = 5;

    /// <summary>Of fewer images nothing is said.</summary>
    private const int FewestImages = 8;

    /// <summary>Label and margin of each image, in order.</summary>
    public ImmutableArray<SampleMargin> Margins { get; init; } = [];

    /// <summary>Runs a graph over all images.</summary>
    /// <param name="executable">The compiled graph; its first output has a row of scores for each image.</param>
    /// <param name="input">Name of the input.</param>
    /// <param name="data">The images.</param>
    /// <param name="batch">How many are run at a time: classic 8-bit graphs take their ranges over a batch.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <param name="progress">Receives how many batches have been run.</param>
    /// <param name="selection">The part of the batches that is run, and what becomes of broken images; null for all.</param>
    /// <exception cref="FeedException">The output is not a row of scores an image.</exception>
    public static Accuracy Measure(IExecutable executable, string input, LabelledImages data, int batch, CancellationToken cancellation, IProgress<WorkProgress>? progress = null, SampleSelection? selection = null)
    {
        var answers = new List<int>();
        var rows = new List<float[]>();
        var margins = ImmutableArray.CreateBuilder<SampleMargin>();
        int top1 = 0, top5 = 0;
        long? batches = data.Count is { } images && selection is null ? (images + batch - 1) / batch : null;
        var meter = new ProgressMeter(progress, "evaluating", batches).Start();
        foreach (var (labels, result) in SampleRuns.InOrder(data.Batches(batch, selection), some => (some.Labels, Result: Run(some.Images)), cancellation))
        {
            int count = labels.Length;
            if (result.ElementCount == 0 || result.ElementCount % count != 0)
                throw new FeedException($"the output '{executable.Outputs[0]}' has shape {result.Shape}, not a row of scores for each of {count} images");
            float[] scores = result.ToSingles();
            int classes = scores.Length / count;
            if (labels.AsSpan().ContainsAnyExceptInRange(0, classes - 1))
                throw new FeedException($"the label {labels.First(label => label < 0 || label >= classes)} is no class of the output '{executable.Outputs[0]}', which has {classes} scores") { IsOfLabelledImages = true, Suggestion = $"Labels count from 0 to {classes - 1}." };
            for (int i = 0; i < count; i++)
            {
                float[] row = scores.AsSpan(i * classes, classes).ToArray();
                int answer = Largest(row);
                rows.Add(row);
                answers.Add(answer);
                top1 += answer == labels[i] ? 1 : 0;
                top5 += IsAmongLargest(row, labels[i]) ? 1 : 0;
                margins.Add(new(labels[i], Margin(row, labels[i])));
            }
            meter.Step();
        }
        return new(answers.Count, top1, top5, [.. answers], [.. rows]) { Margins = margins.ToImmutable() };

        Tensor Run(Tensor some) => executable.Run(new Dictionary<string, Tensor>(StringComparer.Ordinal) { [input] = some }, cancellation)[0];
    }

    /// <summary>How often a graph is right on labelled images.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="endpoints">The model.</param>
    /// <param name="inputName">Name of the images' input; null for the only one.</param>
    /// <param name="outputName">Name of the scores; null for the first output.</param>
    /// <param name="data">What holds the images, see <see cref="LabelledImages"/>.</param>
    /// <param name="batch">Images run at a time.</param>
    /// <param name="print">Receives what Print nodes of the graph write.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <param name="progress">Receives how many batches have been run.</param>
    /// <param name="selection">The part of the batches that is run, and what becomes of broken images; null for all.</param>
    /// <exception cref="EndpointException">The names do not fit the graph.</exception>
    /// <exception cref="FeedException">The images do not fit the graph.</exception>
    public static Accuracy Measure(IBackend backend, ModelEndpoints endpoints, string? inputName, string? outputName, string data, int batch, Action<string> print, CancellationToken cancellation, IProgress<WorkProgress>? progress = null, SampleSelection? selection = null)
    {
        string output = GraphOutputs.Resolve(endpoints, outputName)[0].Tensor;
        Node input = GraphInputs.Resolve(endpoints, inputName);
        try
        {
            var images = LabelledImages.Open(endpoints, input, data);
            IExecutable executable = backend.Compile(endpoints.Graph, [output], new CompileOptions { Feeds = [input.Name], Print = print, Threads = images.Count is { } count && count <= batch ? 0 : 1 });
            return Measure(executable, input.Name, images, batch, cancellation, progress, selection);
        }
        catch (FeedException error)
        {
            throw new FeedException($"the images: {error.Message}", error) { IsOfLabelledImages = true, Suggestion = error.Suggestion };
        }
    }

    /// <summary>A warning when most answers would be right, and few are, if each label were one more or one less; null otherwise.</summary>
    public Diagnostic? ShiftedLabels
    {
        get
        {
            foreach (var (shift, word) in new[] { (1, "more"), (-1, "less") })
            {
                int right = Answers.Zip(Margins).Count(pair => pair.First == pair.Second.Label + shift);
                if (Images >= FewestImages && right * 2 >= Images && right >= Top1 * 3)
                    return WorkflowsDiagnostics.ShiftedLabels.With(Top1, Images, right, word) with { Suggestion = "Number the classes as the model does; a class 0 for the background is usual." };
            }
            return null;
        }
    }

    /// <summary>How many images get the same answer as from another graph.</summary>
    public int SameAs(Accuracy other) => Answers.Zip(other.Answers).Count(pair => pair.First == pair.Second);

    /// <summary>Signal to noise of these scores against a reference's; null when these are not the same classes.</summary>
    public SignalToNoise? NoiseAgainst(Accuracy reference)
    {
        var noise = new SignalToNoise();
        for (int i = 0; i < Images; i++)
        {
            if (reference.Scores[i].Length != Scores[i].Length)
                return null;
            noise.Add(reference.Scores[i], Scores[i], Scores[i].Length);
        }
        return noise;
    }

    private static float Margin(ReadOnlySpan<float> row, int label)
    {
        float other = float.NegativeInfinity;
        for (int i = 0; i < row.Length; i++)
            other = i == label ? other : MathF.Max(other, row[i]);
        return row[label] - other;
    }

    private static int Largest(ReadOnlySpan<float> row)
    {
        int largest = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i] > row[largest])
                largest = i;
        }
        return largest;
    }

    private static bool IsAmongLargest(ReadOnlySpan<float> row, int label)
    {
        if (label < 0 || label >= row.Length)
            return false;
        int larger = 0;
        foreach (float score in row)
            larger += score > row[label] ? 1 : 0;
        return larger < Few;
    }
}

/// <summary>How clearly an image's class was told.</summary>
/// <param name="Label">The right class.</param>
/// <param name="Margin">Its score less the largest other one; negative when the answer is wrong.</param>
public sealed record SampleMargin(int Label, float Margin);
