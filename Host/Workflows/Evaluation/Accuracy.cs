using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>How often a graph names the right class.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Top1">How often the class with the largest score is right.</param>
/// <param name="Top5">How often the right one is among the five largest.</param>
public sealed record Accuracy(int Images, int Top1, int Top5)
{
    /// <summary>Of fewer images nothing is said.</summary>
    private const int FewestImages = 8;

    /// <summary>The class of the largest score, image by image; the first of equal ones. Empty where answers are only counted.</summary>
    public ImmutableArray<int> Answers { get; init; } = [];

    /// <summary>How often which answer was given for which class.</summary>
    public IReadOnlyDictionary<(int Label, int Answer), int> Confusion { get; init; } = ImmutableDictionary<(int, int), int>.Empty;

    /// <summary>The images whose class was told least clearly, the worst first; a few.</summary>
    public ImmutableArray<SampleMargin> Worst { get; init; } = [];

    /// <summary>How often a graph is right on labelled images.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="endpoints">The model.</param>
    /// <param name="inputName">Name of the images' input; null for the only one.</param>
    /// <param name="outputName">Name of the scores; null for the first output.</param>
    /// <param name="data">What holds the images, see <see cref="LabelledImages"/>.</param>
    /// <param name="batch">Images run at a time: classic 8-bit graphs take their ranges over a batch.</param>
    /// <param name="print">Receives what Print nodes of the graph write.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <param name="progress">Receives how many batches have been run.</param>
    /// <exception cref="EndpointException">The names do not fit the graph.</exception>
    /// <exception cref="FeedException">The images do not fit the graph, or the output is not a row of scores an image.</exception>
    public static Accuracy Measure(IBackend backend, ModelEndpoints endpoints, string? inputName, string? outputName, string data, int batch, Action<string> print, CancellationToken cancellation, IProgress<WorkProgress>? progress = null)
    {
        var graph = EvaluatedGraph.Of(backend, endpoints, inputName, outputName, data, batch, print);
        return new EvaluationRun(graph, reference: null) { Batch = batch, KeepsAnswers = true }.Measure(progress, cancellation).Judged;
    }

    /// <summary>A number of images and its share of all, in words.</summary>
    public static string Share(int count, int images) => string.Create(CultureInfo.InvariantCulture, $"{PercentOf(count, images):0.00} % ({count})");

    /// <summary>The share of these images in percent; 0 when there are none.</summary>
    public double Percent(int count) => PercentOf(count, Images);

    /// <summary>The counts and their shares, in words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Images} images: top-1 {Share(Top1, Images)}, top-5 {Share(Top5, Images)}");

    private static double PercentOf(int count, int images) => 100.0 * count / Math.Max(1, images);

    /// <summary>A warning when most answers would be right, and few are, if each label were one more or one less; null otherwise.</summary>
    public Diagnostic? ShiftedLabels
    {
        get
        {
            foreach (var (shift, word) in new[] { (1, "more"), (-1, "less") })
            {
                int right = Confusion.Where(entry => entry.Key.Answer == entry.Key.Label + shift).Sum(entry => entry.Value);
                if (Images >= FewestImages && right * 2 >= Images && right >= Top1 * 3)
                    return WorkflowsDiagnostics.ShiftedLabels.With(Top1, Images, right, word) with { Suggestion = "Number the classes as the model does; a class 0 for the background is usual." };
            }
            return null;
        }
    }

    /// <summary>How many images get the same answer as from another graph; both keep their answers.</summary>
    public int SameAs(Accuracy other) => Answers.Zip(other.Answers).Count(pair => pair.First == pair.Second);
}

/// <summary>How clearly an image's class was told.</summary>
/// <param name="Image">Number of the image, from 0.</param>
/// <param name="Label">The right class.</param>
/// <param name="Answer">The class of the largest score.</param>
/// <param name="Margin">The score of the right class less the largest other one; negative when the answer is wrong.</param>
public sealed record SampleMargin(int Image, int Label, int Answer, float Margin);
